"""What a tuning searches, and the quick tests that it makes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from shared.documents.base import spec_hash
from shared.documents.estimate import Estimate
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import LeftOut, QuickTestSpec
from shared.documents.tuning import (
    INCLUDED,
    SEEDS,
    ConfirmingTest,
    Searched,
    Trial,
    TuningSpec,
    TuningStatus,
)
from shared.problems import Problem
from shared.rules.config_hash import config_hash
from shared.rules.search import holds
from shared.rules.tunables import tunables
from shared.wording import plural, uncapital

DEFAULT = "the default"
_OWN_ID = re.compile(r"tu-([a-z2-7]{10})")
_LONGEST_LABEL = 600


def check_budget(spec: TuningSpec, one: Estimate) -> Iterator[Problem]:
    """A budget that is too small for a trial, that will not do for all, or bounds nothing."""
    costs = one.cost_usd.likely if one.cost_usd else None
    for field, unit, expected in (
        ("budget_minutes", "minutes", one.seconds.likely / 60),
        ("budget_usd", "USD", costs),
    ):
        budget: float | None = getattr(spec, field)
        if budget is None:
            continue
        path = f"spec.{field}"
        if expected is None:
            yield Problem(
                path=path,
                code="nothing_costs",
                message="Nothing costs money on this system, so this bounds nothing.",
                received=budget,
                level="warning",
            )
            continue
        end = 2 * SEEDS * expected
        all_of_it = spec.trials * expected + end
        if budget < expected:
            yield Problem(
                path=path,
                code="budget_below_one_trial",
                message=f"One trial takes about {expected:,.2g} {unit}, more than {budget:g}. "
                f"{plural(spec.trials, 'trial')} and the comparison in the end take about "
                f"{all_of_it:,.2g}.",
                received=budget,
            )
        elif budget < all_of_it:
            likely = max(1, int((budget - end) / expected)) if budget > end else 1
            yield Problem(
                path=path,
                code="beyond_budget",
                message=f"{plural(spec.trials, 'trial')} and the comparison in the end take about "
                f"{all_of_it:,.2g} {unit}. Within {budget:g} {unit} about "
                f"{plural(likely, 'trial')} will be run.",
                received=budget,
                level="warning",
            )


def trial_of(
    tuning_id: str, number: int, space: Sequence[Searched], params: Mapping[str, float]
) -> Trial:
    """A trial with these params; without any, the default."""
    settings = {
        one.setting: params[one.key]
        for one in space
        if one.setting != INCLUDED and one.key in params
    }
    leave_out = [
        LeftOut(tower=one.tower, column=one.column)
        for one in space
        if one.setting == INCLUDED and one.tower and one.column and params.get(one.key) == 0
    ]
    words = [f"{uncapital(tunables()[name].label)} {value:g}" for name, value in settings.items()]
    words += [f"without {item.tower} {item.column}" for item in leave_out]
    return Trial(
        number=number,
        quick_test_id=trial_id(tuning_id, number),
        label=_label(words) or DEFAULT,
        params=dict(params),
        settings=settings,
        leave_out=leave_out,
    )


def _label(words: Sequence[str]) -> str:
    """As many as there is room for."""
    text = ", ".join(words)
    if len(text) <= _LONGEST_LABEL:
        return text
    whole, _, _ = text[:_LONGEST_LABEL].rpartition(", ")
    return f"{whole}, …"


def trained_hash(features: FeatureConfigSpec, model: ModelConfigSpec) -> str:
    """Equal for trials that train the same: some settings make no difference beside others."""
    return spec_hash([config_hash(features), config_hash(model)])


def trial_spec(tuning_id: str, spec: TuningSpec, status: TuningStatus, of: Trial) -> QuickTestSpec:
    """Of a trial, which sees the validation slice."""
    return QuickTestSpec(
        feature_config_id=spec.feature_config_id,
        model_config_id=spec.model_config_id,
        feature_config_revision=status.feature_config_revision,
        model_config_revision=status.model_config_revision,
        rating_column=spec.rating_column,
        data_sample_percent=spec.data_sample_percent,
        sample_by=spec.sample_by,
        split=spec.split.model_copy(update={"judged_on": "validation"}),
        seed=spec.seed,
        epochs=spec.epochs,
        leave_out=of.leave_out,
        settings=of.settings,
        tuning_id=tuning_id,
        runner=spec.runner,
    )


def confirming_spec(
    tuning_id: str, spec: TuningSpec, status: TuningStatus, test: ConfirmingTest
) -> QuickTestSpec:
    """Of a test on the test slice."""
    best = status.best_trial()
    of = (
        best
        if test.of == "best" and best is not None
        else Trial(number=1, quick_test_id="", label="")
    )
    changes = {
        "split": spec.split.model_copy(update={"judged_on": "test"}),
        "training_seed": test.training_seed,
    }
    return trial_spec(tuning_id, spec, status, of).model_copy(update=changes)


def confirming_tests(tuning_id: str, spec: TuningSpec) -> list[ConfirmingTest]:
    """The best trial and the default, by turns, so that what there is of both is much alike
    whenever it ends."""
    return [
        ConfirmingTest(
            quick_test_id=f"qt-{_part(tuning_id)}-{of}-{place}",
            of=of,
            training_seed=(spec.seed + place) % 2**31,
        )
        for place in range(1, SEEDS + 1)
        for of in ("best", "default")
    ]


def belongs(tuning_id: str, spec: TuningSpec | None, status: TuningStatus) -> bool:
    """Whether written trials can be those of a tuning: by their ids, and by what is searched."""
    space = {one.key: one for one in status.space}
    if len(status.trials) > (spec.trials if spec else len(status.trials)):
        return False
    for number, trial in enumerate(status.trials, 1):
        drawn = trial_of(tuning_id, number, status.space, trial.params if number > 1 else {})
        known = (drawn.quick_test_id, drawn.settings, drawn.leave_out)
        if (trial.number, known) != (
            number,
            (trial.quick_test_id, trial.settings, trial.leave_out),
        ):
            return False
        if any(key not in space or not holds(space[key], v) for key, v in trial.params.items()):
            return False
    wanted = [test.quick_test_id for test in confirming_tests(tuning_id, spec)] if spec else None
    ids = [test.quick_test_id for test in status.confirming]
    return not ids or wanted is None or ids == wanted


def trial_id(tuning_id: str, number: int) -> str:
    return f"qt-{_part(tuning_id)}-{number:03}"


def _part(tuning_id: str) -> str:
    """A tuning's part of its tests' ids. Only an id that we made is known to stay unique without
    its prefix."""
    own = _OWN_ID.fullmatch(tuning_id)
    return own[1] if own else tuning_id
