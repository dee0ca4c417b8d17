"""Everything that a test is made of and measured by, as people read of it: one answer for whoever
draws forms, tables and sentences."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from shared.baselines import baselines
from shared.documents.full_training import FullTraining
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.documents.schedule import ScheduleSpec
from shared.documents.sweep import SweepSpec
from shared.documents.tuning import TuningSpec
from shared.features import FEATURES
from shared.kinds import Described
from shared.layers import LAYERS
from shared.losses import LOSSES
from shared.metrics import metrics
from shared.models import SpecModel
from shared.optimizers import OPTIMIZERS
from shared.rules.kind_info import (
    AdviceInfo,
    AttributeInfo,
    BaselineInfo,
    Catalogue,
    DocumentInfo,
    FeatureInfo,
    FilterInfo,
    KindInfo,
    LayerInfo,
    LossInfo,
    MetricInfo,
    OptimizerInfo,
    RemedyInfo,
    RoleInfo,
    TaskInfo,
    TransformInfo,
    TunableInfo,
    WarningInfo,
)
from shared.rules.metrics import MAIN_METRICS
from shared.rules.remedies import remedies
from shared.rules.settings import SettingInfo, settings_of
from shared.rules.tunables import tunables
from shared.rules.usual_roles import ATTRIBUTES, ROLES
from shared.rules.warnings import warning_codes
from shared.rules_of_lists import FILTERS
from shared.tasks import TASKS, TowerSettings
from shared.transforms import TRANSFORMS
from shared.transforms.cross import Cross


def catalogue() -> Catalogue:
    """What the files of all kinds say today."""
    return Catalogue(
        features=[
            FeatureInfo(
                **_kind(name, kind, {**kind.example, "column": "a"}),
                column_types=list(kind.column_types),
                of_past=kind.of_past,
                advice=[
                    AdviceInfo(transform=transform, message=message)
                    for transform, message in kind.advice.items()
                ],
            )
            for name, kind in FEATURES.items()
        ],
        transforms=[
            TransformInfo(**_kind(name, kind, {}), features=list(kind.features), part=kind.part)
            for name, kind in TRANSFORMS.items()
        ],
        crosses=[KindInfo(**_kind("cross", Cross, Cross.example))],
        layers=[
            LayerInfo(
                **_kind(name, kind, kind.example),
                keras=kind.model_validate(kind.example).code().name,
                named_by=kind.named_by,
            )
            for name, kind in LAYERS.items()
        ],
        tasks=[
            TaskInfo(
                name=task.key,
                label=task.label,
                help=task.help,
                when_to_use=list(task.when_to_use),
                retrieves=task.retrieves,
                rates=task.rates,
                settings=[
                    name
                    for name in task.settings.model_fields
                    if name not in TowerSettings.model_fields
                ],
                main_metrics=list(task.main_metrics),
                preset=task.preset,
            )
            for task in TASKS.values()
        ],
        losses=[
            LossInfo(name=loss.key, label=loss.label, help=loss.help, when_to_use=loss.when_to_use)
            for loss in LOSSES.values()
        ],
        optimizers=[
            OptimizerInfo(
                name=optimizer.key,
                label=optimizer.label,
                help=optimizer.help,
                learning_rate=optimizer.learning_rate,
                highest_usual_rate=optimizer.highest_usual_rate,
            )
            for optimizer in OPTIMIZERS.values()
        ],
        metrics=[
            MetricInfo(
                name=metric.name,
                label=metric.label,
                help=metric.help,
                term=metric.term,
                share=metric.share,
                unit="%" if metric.share else metric.unit,
                lower_is_better=metric.lower_is_better,
                rating=metric.rating,
                main=metric.name in MAIN_METRICS,
                of_list=metric.of_list,
            )
            for metric in metrics()
        ],
        baselines=[
            BaselineInfo(
                name=baseline.name,
                label=baseline.label,
                help=baseline.help,
                term=baseline.term,
                doing=baseline.doing,
                rating=baseline.rating,
                obvious=baseline.obvious,
            )
            for baseline in baselines().values()
        ],
        warnings=[
            WarningInfo(name=code.name, label=code.label, help=code.help, remedy=code.remedy)
            for code in warning_codes()
        ],
        documents=[
            DocumentInfo(name=name, settings=settings_of(model))
            for name, model in (
                ("model_config", ModelConfigSpec),
                ("quick_test", QuickTestSpec),
                ("full_training", FullTraining),
                ("sweep", SweepSpec),
                ("tuning", TuningSpec),
                ("schedule", ScheduleSpec),
            )
        ],
        roles=[
            RoleInfo(
                name=role.name,
                label=role.label,
                help=role.help,
                tower=role.tower,
                types=list(role.types),
                required=role.required,
            )
            for role in ROLES
        ],
        attributes=[AttributeInfo(name=start, tower=tower) for start, tower in ATTRIBUTES.items()],
        remedies=[RemedyInfo(name=name, remedy=remedy) for name, remedy in remedies().items()],
        tunables=[
            TunableInfo(
                name=name,
                label=tunable.label,
                help=tunable.help,
                bounds=tunable.bounds,
                log=tunable.log,
            )
            for name, tunable in tunables().items()
        ],
        filters=[
            FilterInfo(name=name, label=one.label, help=one.help, settings=settings_of(one))
            for name, one in FILTERS.items()
        ],
    )


class _Described(TypedDict):
    name: str
    label: str
    help: str
    settings: list[SettingInfo]
    initial: dict[str, Any]


def _kind(name: str, kind: type[SpecModel], example: Mapping[str, Any]) -> _Described:
    assert issubclass(kind, Described)
    return _Described(
        name=name,
        label=kind.label,
        help=kind.help,
        settings=settings_of(kind),
        initial=kind.model_validate(example).model_dump(mode="json"),
    )
