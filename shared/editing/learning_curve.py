"""From a completed quick test to the sweep that draws its learning curves."""

from __future__ import annotations

from typing import Any

from shared.documents.learning_curve import LearningCurve
from shared.documents.quick_test import QuickTest, TestState
from shared.documents.sweep import Overrides
from shared.editing.estimating import Forecast, forecast_sweep
from shared.ports import Ports
from shared.problems import InvalidError, Problem
from shared.rules.learning_curve import WHOLE, points, usual_epochs, usual_shares, with_usual
from shared.rules.quick_test import customers_of
from shared.services.inputs import launched_test
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, QUICK_TEST

_LONGEST_NAME = 255


def curve_sweep(ports: Ports, quick_test_id: str, wanted: LearningCurve) -> dict[str, Any]:
    """The sweep's `name` and `spec`, with all settings of the test.

    Raises:
        NotFoundError: there is no such quick test, or a config of its is gone.
        InvalidError: it has not completed, or its configs have changed since.
    """
    source = launched_test(quick_test_id, ports)
    QUICK_TEST.load(quick_test_id, ports)  # with all of its settings, or not at all
    _check(source, ports)
    spec = source.spec
    usual = spec.epochs
    base = Overrides(
        epochs=usual,
        batch_size_override=spec.batch_size_override,
        learning_rate_override=spec.learning_rate_override,
        training_seed=spec.training_seed,
        early_stopping_patience=spec.early_stopping_patience,
        leave_out=spec.leave_out,
        settings=spec.settings,
    )
    shares = wanted.shares
    if shares is None:
        shares = usual_shares(_customers(source, wanted.data_sample_percent, ports))
    epochs = usual_epochs(usual) if wanted.epochs is None else with_usual(wanted.epochs, usual)
    made = points(base, shares, epochs)
    return {
        "name": wanted.name or f"Learning curves of {source.name}"[:_LONGEST_NAME],
        "spec": {
            "feature_config_ids": [spec.feature_config_id],
            "model_config_ids": [spec.model_config_id],
            "overrides": [one.model_dump(mode="json") for one in made],
            "learning_curve": True,
            "rating_column": spec.rating_column,
            "data_sample_percent": wanted.data_sample_percent,
            "sample_by": spec.sample_by,
            "judged_percent": min([*shares, WHOLE]),
            "split": {**spec.split.model_dump(mode="json"), "judged_on": "test"},
            "seed": spec.seed,
            "epochs": usual,
            "in_flight": wanted.in_flight,
            "budget_minutes": wanted.budget_minutes,
            "budget_usd": wanted.budget_usd,
            "runner": spec.runner,
        },
    }


def forecast_curve(ports: Ports, quick_test_id: str, wanted: LearningCurve) -> Forecast:
    """What the sweep would be made of, and take. Raises as `curve_sweep` does."""
    return forecast_sweep(ports, curve_sweep(ports, quick_test_id, wanted)["spec"])


def _check(source: QuickTest, ports: Ports) -> None:
    pinned = source.status.pinned
    if source.status.state is not TestState.COMPLETED or pinned is None:
        raise _refused(
            source,
            "not_completed",
            f"{source.name!r} is {source.status.state.value}. Learning curves are drawn of a "
            "completed test.",
        )
    for kind, config_id, revision in (
        (FEATURE_CONFIG, source.spec.feature_config_id, pinned.feature_config_revision),
        (MODEL_CONFIG, source.spec.model_config_id, pinned.model_config_revision),
    ):
        config = kind.load(config_id, ports)
        if config.revision != revision:
            raise _refused(
                source,
                "config_changed",
                f"{config.name!r} was changed after this test, from revision {revision} to "
                f"{config.revision}. Test it again, and draw the curves of that test.",
            )


def _customers(source: QuickTest, sample_percent: float, ports: Ports) -> int | None:
    config = FEATURE_CONFIG.load(source.spec.feature_config_id, ports)
    customers = customers_of(DATASET.load(config.spec.dataset_id, ports))
    if customers is None or source.spec.sample_by != "customer":
        return customers
    return round(customers * sample_percent / 100)


def _refused(source: QuickTest, code: str, message: str) -> InvalidError:
    problem = Problem(path="quick_test_id", code=code, message=message, received=source.id)
    return InvalidError([problem])
