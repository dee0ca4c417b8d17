"""Which settings to try next, by Optuna: the tree-structured Parzen estimator (Bergstra et al.,
2011, "Algorithms for Hyper-Parameter Optimization") and median pruning.

Its state is made anew from the trials that a tuning's document has, for every question. So the
answer depends on nothing else, and is the same however often and wherever it is asked. Optuna is
imported when it is asked.
"""

from __future__ import annotations

import hashlib
import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from shared.documents.tuning import INCLUDED, Searched
from shared.rules.tunables import tunables

# Drawn at random before there is anything to learn from: a third of the trials, at most ten.
_RANDOM = (3, 10)
# Trials that must have completed before others are held to their median.
_BEFORE_PRUNING = 4
# Share of the trials that are held against all. Optuna's tenth is two or three of the few that
# there are; on a planted problem of six settings and 30 trials, this tells those that matter apart
# most often.
_BEST = 0.3


Direction = Literal["minimize", "maximize"]


@dataclass(frozen=True)
class Point:
    """A trial as the search sees it.

    Attributes:
        params: by the settings' keys; a setting of whose space it lies outside is missing.
        value: to be minimised or maximised, of one that is completed.
        losses: of its epochs; less is better.
    """

    params: Mapping[str, float]
    state: Literal["completed", "pruned", "running", "failed"]
    value: float | None = None
    losses: Sequence[float] = field(default_factory=list)


def suggest(
    space: Sequence[Searched],
    known: Sequence[Point],
    *,
    seed: int,
    number: int,
    draw: int,
    trials: int,
    lower_is_better: bool,
) -> dict[str, float]:
    """The params of a trial.

    Args:
        seed: of the tuning.
        number: of the trial.
        draw: counts attempts at it, from 0: those before were not valid.
        trials: how many there will be at most.
    """
    import optuna

    least, most = _RANDOM
    with _quiet():
        sampler = optuna.samplers.TPESampler(
            seed=_seed(seed, number, draw),
            n_startup_trials=max(least, min(most, trials // 3)),
            constant_liar=True,
        )
        study = _study(space, known, lower_is_better, sampler=sampler)
        params = study.ask(_distributions(space)).params
    return {one.key: _value(one, params[one.key]) for one in space}


def pruned_at(losses: Sequence[float], known: Sequence[Point], epochs: int) -> int | None:
    """After which epoch a trial is given up: its loss was above the median of the completed ones
    before it. Never after the last of so many `epochs`, which costs nothing more. None: it is not.
    """
    completed = [point for point in known if point.state == "completed"]
    if len(completed) < _BEFORE_PRUNING:
        return None
    import optuna

    with _quiet():
        pruner = optuna.pruners.MedianPruner(n_startup_trials=_BEFORE_PRUNING, n_warmup_steps=0)
        study = optuna.create_study(direction="minimize", pruner=pruner)
        for point in completed:
            study.add_trial(_frozen([], point, value=0.0, sign=1))
        for epoch in range(1, min(len(losses), epochs - 1) + 1):
            so_far = Point({}, "running", losses=losses[:epoch])
            if pruner.prune(study, _frozen([], so_far, value=None, sign=1)):
                return epoch
    return None


def importance(
    space: Sequence[Searched], known: Sequence[Point], *, lower_is_better: bool
) -> dict[str, float]:
    """Share of each setting in what sets the best trials apart from the others, by PED-ANOVA
    (Watanabe et al., 2023); the most first. Nothing where too few trials have completed."""
    keys = [one.key for one in space]
    whole = [
        point for point in known if point.state == "completed" and set(keys) <= set(point.params)
    ]
    values = {point.value for point in whole}
    if len(whole) < _BEFORE_PRUNING or len(values) < 2:
        return {}
    import optuna

    with _quiet():
        study = _study(space, whole, lower_is_better)
        evaluator = optuna.importance.PedAnovaImportanceEvaluator(target_quantile=_BEST)
        found = optuna.importance.get_param_importances(study, evaluator=evaluator, params=keys)
    shares = {key: round(share, 4) for key, share in found.items() if math.isfinite(share)}
    return dict(sorted(shares.items(), key=lambda item: (-item[1], item[0])))


def _study(
    space: Sequence[Searched], known: Sequence[Point], lower_is_better: bool, **options: Any
) -> Any:
    import optuna

    direction: Direction = "minimize" if lower_is_better else "maximize"
    study = optuna.create_study(direction=direction, **options)
    for point in known:
        sign = 1 if lower_is_better else -1  # what is pruned is ranked by its losses
        study.add_trial(_frozen(space, point, value=point.value, sign=sign))
    return study


def _frozen(space: Sequence[Searched], point: Point, *, value: float | None, sign: int) -> Any:
    import optuna

    state = optuna.trial.TrialState
    states = {
        "completed": state.COMPLETE,
        "pruned": state.PRUNED,
        "running": state.RUNNING,
        "failed": state.FAIL,
    }
    inside = {one.key: one for one in space if one.key in point.params}
    return optuna.trial.create_trial(
        state=states[point.state],
        value=value if point.state == "completed" else None,
        params={key: _place(one, point.params[key]) for key, one in inside.items()},
        distributions=_distributions(list(inside.values())),
        intermediate_values={
            epoch: sign * loss for epoch, loss in enumerate(point.losses, 1) if math.isfinite(loss)
        },
    )


def _distributions(space: Sequence[Searched]) -> dict[str, Any]:
    """Values are numbered in their order, which says more of them than that they differ."""
    from optuna.distributions import FloatDistribution, IntDistribution

    found: dict[str, Any] = {}
    for one in space:
        values = values_of(one)
        if values is not None:
            found[one.key] = IntDistribution(0, len(values) - 1)
            continue
        tunable = tunables()[one.setting]
        assert one.low is not None
        assert one.high is not None
        log = tunable.log and one.low > 0
        if tunable.bounds.type == "integer":
            found[one.key] = IntDistribution(int(one.low), int(one.high), log=log)
        else:
            found[one.key] = FloatDistribution(one.low, one.high, log=log)
    return found


def values_of(one: Searched) -> list[float] | None:
    """The values among which a setting is searched; None where it is between bounds."""
    return [0.0, 1.0] if one.setting == INCLUDED else one.values


def holds(one: Searched, value: float) -> bool:
    """Whether a value lies in a setting's space."""
    values = values_of(one)
    if values is not None:
        return value in values
    return one.low is not None and one.high is not None and one.low <= value <= one.high


def _place(one: Searched, value: float) -> float:
    values = values_of(one)
    if values is not None:
        return values.index(value)
    return int(value) if tunables()[one.setting].bounds.type == "integer" else value


def _value(one: Searched, place: float) -> float:
    """As people write it, within the bounds."""
    values = values_of(one)
    if values is not None:
        return values[int(place)]
    digits = tunables()[one.setting].digits
    written = float(f"{place:.3g}") if digits is None else round(place, digits)
    assert one.low is not None
    assert one.high is not None
    return min(max(written, one.low), one.high)


def _seed(seed: int, number: int, draw: int) -> int:
    digest = hashlib.sha256(f"{seed}:{number}:{draw}".encode()).digest()
    return int.from_bytes(digest[:4], "big")


class _quiet(warnings.catch_warnings):  # noqa: N801
    """Optuna without its log and its word on what is experimental."""

    def __enter__(self) -> Any:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        entered = super().__enter__()
        warnings.simplefilter("ignore")
        return entered
