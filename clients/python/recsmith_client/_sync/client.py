# Written by clients/python/scripts/write_sync.py from the module of this name in _async.
"""The client: a connection, and the documents by their kinds."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from recsmith_client import kinds, models
from recsmith_client._sync.connection import Connection
from recsmith_client._sync.documents import Edited, Listed
from recsmith_client._sync.quick_tests import QuickTests
from recsmith_client._sync.runs import Runs


class Client(Connection):
    """A Recsmith system, on this machine or deployed. Close it, or use it in a `with` block.

    Attributes:
        url: its address.
        local: whether it is one of this machine.
        datasets, feature_configs, model_configs, rule_sets, schedules: documents that are edited.
        quick_tests, sweeps, tunings: documents that are run.
        registered_models: what full trainings have become versions of.
    """

    @cached_property
    def datasets(self) -> Edited[models.Dataset]:
        return Edited(self, kinds.DATASETS)

    @cached_property
    def feature_configs(self) -> Edited[models.FeatureConfig]:
        return Edited(self, kinds.FEATURE_CONFIGS)

    @cached_property
    def model_configs(self) -> Edited[models.ModelConfig]:
        return Edited(self, kinds.MODEL_CONFIGS)

    @cached_property
    def rule_sets(self) -> Edited[models.RuleSet]:
        return Edited(self, kinds.RULE_SETS)

    @cached_property
    def schedules(self) -> Edited[models.Schedule]:
        return Edited(self, kinds.SCHEDULES)

    @cached_property
    def quick_tests(self) -> QuickTests:
        return QuickTests(self, kinds.QUICK_TESTS)

    @cached_property
    def sweeps(self) -> Runs[models.Sweep]:
        return Runs(self, kinds.SWEEPS)

    @cached_property
    def tunings(self) -> Runs[models.Tuning]:
        return Runs(self, kinds.TUNINGS)

    @cached_property
    def registered_models(self) -> Listed[models.RegisteredModel]:
        return Listed(self, kinds.REGISTERED_MODELS)

    def __enter__(self) -> Self:
        return self
