"""The kinds of documents, each with its operations."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from recsmith_client import models
from recsmith_client import operations as api
from recsmith_client.calls import Call, Events

D = TypeVar("D")


@dataclass(frozen=True)
class Listed(Generic[D]):
    pages: Callable[..., Call[Any]]
    get: Callable[[str], Call[D]]


@dataclass(frozen=True)
class Kept(Listed[D]):
    create: Callable[..., Call[D]]
    delete: Callable[..., Call[None]]
    usage: Callable[[str], Call[models.Usage]]


@dataclass(frozen=True)
class Edited(Kept[D]):
    update: Callable[..., Call[D]]
    versions: Callable[[str], Call[list[models.Version]]]
    differences: Callable[..., Call[models.Differences]]


@dataclass(frozen=True)
class Run(Kept[D]):
    cancel: Callable[[str], Call[D]]
    events: Callable[[str], Events[D]]


DATASETS = Edited(
    api.list_datasets,
    api.get_dataset,
    api.create_dataset,
    api.delete_dataset,
    api.get_dataset_usage,
    api.update_dataset,
    api.list_dataset_versions,
    api.get_dataset_differences,
)
FEATURE_CONFIGS = Edited(
    api.list_feature_configs,
    api.get_feature_config,
    api.create_feature_config,
    api.delete_feature_config,
    api.get_feature_config_usage,
    api.update_feature_config,
    api.list_feature_config_versions,
    api.get_feature_config_differences,
)
MODEL_CONFIGS = Edited(
    api.list_model_configs,
    api.get_model_config,
    api.create_model_config,
    api.delete_model_config,
    api.get_model_config_usage,
    api.update_model_config,
    api.list_model_config_versions,
    api.get_model_config_differences,
)
RULE_SETS = Edited(
    api.list_rule_sets,
    api.get_rule_set,
    api.create_rule_set,
    api.delete_rule_set,
    api.get_rule_set_usage,
    api.update_rule_set,
    api.list_rule_set_versions,
    api.get_rule_set_differences,
)
SCHEDULES = Edited(
    api.list_schedules,
    api.get_schedule,
    api.create_schedule,
    api.delete_schedule,
    api.get_schedule_usage,
    api.update_schedule,
    api.list_schedule_versions,
    api.get_schedule_differences,
)
QUICK_TESTS = Run(
    api.list_quick_tests,
    api.get_quick_test,
    api.create_quick_test,
    api.delete_quick_test,
    api.get_quick_test_usage,
    api.cancel_quick_test,
    api.stream_quick_test_events,
)
SWEEPS = Run(
    api.list_sweeps,
    api.get_sweep,
    api.create_sweep,
    api.delete_sweep,
    api.get_sweep_usage,
    api.cancel_sweep,
    api.stream_sweep_events,
)
TUNINGS = Run(
    api.list_tunings,
    api.get_tuning,
    api.create_tuning,
    api.delete_tuning,
    api.get_tuning_usage,
    api.cancel_tuning,
    api.stream_tuning_events,
)
REGISTERED_MODELS = Listed(api.list_registered_models, api.get_registered_model)
