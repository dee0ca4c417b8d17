"""A sweep's grid: which tests it is made of, and what sets each apart."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from shared.documents.estimate import Estimate, Range
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.documents.sweep import MAX_TESTS, Overrides, SweepSpec, SweepTest
from shared.problems import Problem
from shared.rules.ablation import single_columns
from shared.rules.learning_curve import check_curve, epochs, trained_percent
from shared.wording import percentage, plural

ALL_COLUMNS = "all columns"
_OWN_ID = re.compile(r"sw-([a-z2-7]{10})")
_LONGEST_LABEL = 180


def check_sweep(spec: SweepSpec) -> Iterator[Problem]:
    """What can be said of the grid without its configs."""
    for field in ("feature_config_ids", "model_config_ids"):
        ids: list[str] = getattr(spec, field)
        for number, config_id in enumerate(ids):
            if config_id in ids[:number]:
                yield Problem(
                    path=f"spec.{field}[{number}]",
                    code="duplicate_config_id",
                    message=f"{config_id!r} is listed twice. Name each config once.",
                    received=config_id,
                )
    for number, overrides in enumerate(spec.overrides):
        if overrides in spec.overrides[:number]:
            yield Problem(
                path=f"spec.overrides[{number}]",
                code="duplicate_overrides",
                message="The same overrides are listed twice. List each once; to see how much "
                "results vary, give each a training_seed of its own.",
                received=overrides.model_dump(mode="json", exclude_defaults=True),
            )
    if spec.ablation and spec.overrides != [Overrides()]:
        yield Problem(
            path="spec.overrides",
            code="overrides_with_ablation",
            message="An ablation makes its own overrides, one for each column. Leave these out, or "
            "set ablation to false.",
            received=[o.model_dump(mode="json", exclude_defaults=True) for o in spec.overrides],
        )
    if spec.learning_curve:
        yield from check_curve(spec)


def check_size(spec: SweepSpec, tests: int) -> Iterator[Problem]:
    if tests <= spec.max_tests:
        return
    features, models = len(spec.feature_config_ids), len(spec.model_config_ids)
    made = (
        f"Leaving each column out makes {plural(tests, 'test')} of "
        f"{plural(features, 'feature config')} and {plural(models, 'model config')}"
        if spec.ablation
        else f"{plural(features, 'feature config')} × {plural(models, 'model config')} × "
        f"{plural(len(spec.overrides), 'set')} of overrides is {plural(tests, 'test')}"
    )
    yield Problem(
        path="spec.max_tests",
        code="too_many_tests",
        message=f"{made}, more than max_tests, {spec.max_tests}. Take fewer, or raise max_tests "
        f"(to {MAX_TESTS} at most).",
        received=spec.max_tests,
    )


def check_budget(spec: SweepSpec, tests: int, estimate: Estimate) -> Iterator[Problem]:
    """Warnings of a budget that will not do, or that bounds nothing."""
    minutes = _scaled(estimate.seconds, 1 / 60)
    for field, unit, expected in (
        ("budget_minutes", "minutes", minutes),
        ("budget_usd", "USD", estimate.cost_usd),
    ):
        budget: float | None = getattr(spec, field)
        if budget is None:
            continue
        if expected is None:
            yield Problem(
                path=f"spec.{field}",
                code="nothing_costs",
                message="Nothing costs money on this system, so this bounds nothing.",
                received=budget,
                level="warning",
            )
        elif expected.likely > budget:
            likely = max(1, int(tests * budget / expected.likely))
            yield Problem(
                path=f"spec.{field}",
                code="beyond_budget",
                message=f"{plural(tests, 'test')} will take about {expected.likely:,.2g} {unit} "
                f"({expected.low:,.2g} to {expected.high:,.2g}). Within {budget:g} {unit} about "
                f"{plural(likely, 'test')} will be run, and the others left out.",
                received=budget,
                level="warning",
            )


def grid(
    sweep_id: str,
    spec: SweepSpec,
    features: Sequence[FeatureConfig],
    models: Sequence[ModelConfig],
) -> list[SweepTest]:
    """The tests, in the order in which they are run: configs first, overrides within them."""
    cells = [
        (feature, model, overrides)
        for feature in features
        for model in models
        for overrides in _overrides(spec, feature)
    ]
    label = _labels(features, models, [overrides for _, _, overrides in cells], spec)
    digits = max(2, len(str(len(cells))))
    return [
        SweepTest(
            quick_test_id=f"qt-{_part(sweep_id)}-{number:0{digits}}",
            label=label(feature, model, overrides),
            feature_config_id=feature.id,
            model_config_id=model.id,
            feature_config_revision=feature.revision,
            model_config_revision=model.revision,
            overrides=overrides,
        )
        for number, (feature, model, overrides) in enumerate(cells, 1)
    ]


def belongs(sweep_id: str, spec: SweepSpec | None, tests: Sequence[SweepTest]) -> bool:
    """Whether a written list of tests can be the grid of a sweep: by its ids, and by what its spec
    names, so far as that can be read."""
    digits = max(2, len(str(len(tests))))
    ids = [f"qt-{_part(sweep_id)}-{number:0{digits}}" for number in range(1, len(tests) + 1)]
    if [test.quick_test_id for test in tests] != ids or len(tests) > MAX_TESTS:
        return False
    if spec is None:
        return True
    cells = [
        (test.feature_config_id, test.model_config_id, test.overrides.model_dump_json())
        for test in tests
    ]
    return (
        len(tests) <= spec.max_tests
        and len(set(cells)) == len(cells)
        and all(_named(spec, test) for test in tests)
    )


def _named(spec: SweepSpec, test: SweepTest) -> bool:
    if spec.ablation:
        without = test.overrides.leave_out
        known = len(without) < 2 and test.overrides == Overrides(leave_out=without)
    else:
        known = test.overrides in spec.overrides
    return (
        known
        and test.feature_config_id in spec.feature_config_ids
        and test.model_config_id in spec.model_config_ids
        and min(test.feature_config_revision, test.model_config_revision) >= 1
    )


def quick_test_spec(sweep_id: str, spec: SweepSpec, test: SweepTest) -> QuickTestSpec:
    overrides = test.overrides
    return QuickTestSpec(
        feature_config_id=test.feature_config_id,
        model_config_id=test.model_config_id,
        feature_config_revision=test.feature_config_revision,
        model_config_revision=test.model_config_revision,
        rating_column=spec.rating_column,
        data_sample_percent=spec.data_sample_percent,
        sample_by=spec.sample_by,
        trained_percent=trained_percent(overrides),
        judged_percent=spec.judged_percent,
        split=spec.split,
        seed=spec.seed,
        training_seed=overrides.training_seed,
        epochs=epochs(overrides, spec),
        batch_size_override=overrides.batch_size_override,
        learning_rate_override=overrides.learning_rate_override,
        early_stopping_patience=overrides.early_stopping_patience,
        leave_out=overrides.leave_out,
        settings=overrides.settings,
        sweep_id=sweep_id,
        runner=spec.runner,
    )


def _part(sweep_id: str) -> str:
    """A sweep's part of its tests' ids. Only an id that we made is known to stay unique without
    its prefix."""
    own = _OWN_ID.fullmatch(sweep_id)
    return own[1] if own else sweep_id


def _overrides(spec: SweepSpec, feature: FeatureConfig) -> list[Overrides]:
    if not spec.ablation:
        return spec.overrides
    return [
        Overrides(),
        *(Overrides(leave_out=[column]) for column in single_columns(feature.spec)),
    ]


def _labels(
    features: Sequence[FeatureConfig],
    models: Sequence[ModelConfig],
    overrides: Sequence[Overrides],
    spec: SweepSpec,
) -> Callable[[FeatureConfig, ModelConfig, Overrides], str]:
    """Names what differs between the tests, and nothing else."""
    feature_names, model_names = _names(features), _names(models)
    varying = [
        field
        for field in Overrides.model_fields
        if any(getattr(one, field) != getattr(overrides[0], field) for one in overrides)
    ]

    def label(feature: FeatureConfig, model: ModelConfig, own: Overrides) -> str:
        parts = [feature_names[feature.id]] if len(features) > 1 else []
        parts += [model_names[model.id]] if len(models) > 1 else []
        parts += [_in_words(field, own, spec) for field in varying]
        return ", ".join(parts) or "the only test"

    return label


def _names(configs: Sequence[FeatureConfig] | Sequence[ModelConfig]) -> dict[str, str]:
    """By id; two of one name are told apart by their ids."""
    names = [config.name for config in configs]
    longest = _LONGEST_LABEL // 3
    return {
        config.id: (
            config.name[:longest]
            if names.count(config.name) == 1
            else f"{config.name[:longest]} ({config.id})"
        )
        for config in configs
    }


def _in_words(field: str, overrides: Overrides, spec: SweepSpec) -> str:
    match field:
        case "trained_percent":
            return f"{percentage(trained_percent(overrides))} of the customers"
        case "epochs":
            return plural(epochs(overrides, spec), "epoch")
        case "settings":
            set_to = [f"{name} {value:g}" for name, value in overrides.settings.items()]
            return ", ".join(set_to)[:_LONGEST_LABEL] or "its own settings"
        case "leave_out":
            gone = [f"{item.column} ({item.tower})" for item in overrides.leave_out]
            return f"without {', '.join(gone)}"[:_LONGEST_LABEL] if gone else ALL_COLUMNS
        case "training_seed":
            own = overrides.training_seed
            return f"seed {spec.seed if own is None else own}"
    name = {
        "batch_size_override": "batch",
        "learning_rate_override": "rate",
        "early_stopping_patience": "patience",
    }[field]
    value = getattr(overrides, field)
    return f"{name} {value:g}" if value is not None else f"its own {name}"


def _scaled(given: Range, factor: float) -> Range:
    return Range(low=given.low * factor, likely=given.likely * factor, high=given.high * factor)
