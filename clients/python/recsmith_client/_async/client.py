"""The client: a connection, and the documents by their kinds."""

from __future__ import annotations

from functools import cached_property
from typing import Self

from recsmith_client import kinds, models
from recsmith_client._async.connection import AsyncConnection
from recsmith_client._async.documents import AsyncEdited, AsyncListed
from recsmith_client._async.quick_tests import AsyncQuickTests
from recsmith_client._async.runs import AsyncRuns


class AsyncClient(AsyncConnection):
    """A Recsmith system, on this machine or deployed. Close it, or use it in a `with` block.

    Attributes:
        url: its address.
        local: whether it is one of this machine.
        datasets, feature_configs, model_configs, rule_sets, schedules: documents that are edited.
        quick_tests, sweeps, tunings: documents that are run.
        registered_models: what full trainings have become versions of.
    """

    @cached_property
    def datasets(self) -> AsyncEdited[models.Dataset]:
        return AsyncEdited(self, kinds.DATASETS)

    @cached_property
    def feature_configs(self) -> AsyncEdited[models.FeatureConfig]:
        return AsyncEdited(self, kinds.FEATURE_CONFIGS)

    @cached_property
    def model_configs(self) -> AsyncEdited[models.ModelConfig]:
        return AsyncEdited(self, kinds.MODEL_CONFIGS)

    @cached_property
    def rule_sets(self) -> AsyncEdited[models.RuleSet]:
        return AsyncEdited(self, kinds.RULE_SETS)

    @cached_property
    def schedules(self) -> AsyncEdited[models.Schedule]:
        return AsyncEdited(self, kinds.SCHEDULES)

    @cached_property
    def quick_tests(self) -> AsyncQuickTests:
        return AsyncQuickTests(self, kinds.QUICK_TESTS)

    @cached_property
    def sweeps(self) -> AsyncRuns[models.Sweep]:
        return AsyncRuns(self, kinds.SWEEPS)

    @cached_property
    def tunings(self) -> AsyncRuns[models.Tuning]:
        return AsyncRuns(self, kinds.TUNINGS)

    @cached_property
    def registered_models(self) -> AsyncListed[models.RegisteredModel]:
        return AsyncListed(self, kinds.REGISTERED_MODELS)

    async def __aenter__(self) -> Self:
        return self
