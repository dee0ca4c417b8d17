"""How long a run will take, learned from earlier ones.

Each stage takes `fixed + growing` seconds, two formulas of the run's size whose constants were
measured once. Earlier runs on the same system scale both, stage by stage: `a·fixed + b·growing`
with a, b ≥ 0, by least squares of the relative errors, held towards 1 by a ridge. What the earlier
runs are off by, each predicted from the others, gives the range.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from shared.documents.estimate import Estimate, Range, RunSize
from shared.jobs import Purpose, Stage
from shared.prices import Prices
from shared.rules.runs import START, Run
from shared.wording import plural

# Strength of the ridge: a run that is off by 25 % says as much about a machine as the guess that
# it is half or twice as fast as ours.
_RIDGE = (0.25 / math.log(2)) ** 2
# Relative errors beyond this count by their size, not its square (Huber).
_OUTLIER = 0.5
_ROUNDS = 5
# Runs whose sizes differ by less tell one speed only, for what is left of two is rounding.
_ALIKE = 1e-9
# Spread of the logarithm of actual over estimated seconds where there is nothing to learn from: a
# run takes from 0.36 to 2.8 times as long, four times in five.
_UNKNOWN_SPREAD = 0.8
# Added for each e-fold by which a run is larger than all earlier ones.
_BEYOND = 0.2
# 10 % of a normal distribution lie below -1.2816 standard deviations.
_TENTH = 1.2816
# Earlier runs beyond this many say little that is new.
MOST_RUNS = 40


@dataclass(frozen=True)
class StageTime:
    """Seconds of a stage: what it takes for any rows, and what grows with them."""

    fixed: Callable[[RunSize], float]
    growing: Callable[[RunSize], float]


def _steps(size: RunSize) -> float:
    return size.epochs * max(1.0, (size.rows - size.holdout_rows) / size.batch_size)


# Measured with the demo's groceries on two shared cores, see docs/sweeps-and-estimates.md.
DIRECT: Mapping[str, StageTime] = {
    START: StageTime(lambda _: 0.8, lambda _: 0.0),
    Stage.EXAMPLES: StageTime(
        lambda _: 1.5, lambda size: 7e-7 * (size.dataset_rows + size.rows * size.features)
    ),
    Stage.TRANSFORM: StageTime(
        lambda size: 10.0 + 0.7 * size.features, lambda size: 1.8e-6 * size.rows * size.features
    ),
    Stage.TRAIN: StageTime(
        lambda size: 3.0 + 0.1 * size.features,
        lambda size: (
            _steps(size) * (2e-3 + 1e-9 * size.embedding_parameters)
            + size.epochs
            * size.rows
            * (6e-6 + 1e-8 * size.batch_size + 1e-10 * size.layer_parameters)
        ),
    ),
    Stage.EVALUATE: StageTime(
        lambda size: 1.5 + 0.1 * size.features,
        lambda size: 6e-9 * size.holdout_rows * size.products,
    ),
}
_TFX_EXTRA: Mapping[str, float] = {
    START: 16.0,
    Stage.EXAMPLES: 0.0,
    Stage.TRANSFORM: 18.0,
    Stage.TRAIN: 2.0,
    Stage.EVALUATE: 1.0,
}
# Guesses, not measured: what a pipeline takes to begin, and a rented machine to be there.
_PIPELINE_SECONDS, _MACHINE_SECONDS = 60.0, 90.0
# A quick test is one container, a full training is one for each stage.
_RENTED_EXTRA: Mapping[Purpose, Mapping[str, float]] = {
    "quick_test": {START: _PIPELINE_SECONDS + _MACHINE_SECONDS, **dict.fromkeys(Stage, 0.0)},
    "full_training": {START: _PIPELINE_SECONDS, **dict.fromkeys(Stage, _MACHINE_SECONDS)},
}


def stage_times(runner: str, *, rented: Purpose | None) -> dict[str, StageTime]:
    """The formulas for a runner, on a machine that is there or one that is rented for a purpose."""
    extra: dict[str, float] = dict.fromkeys(DIRECT, 0.0)
    for name in extra:
        extra[name] += _TFX_EXTRA[name] if runner == "tfx" else 0.0
        extra[name] += _RENTED_EXTRA[rented][name] if rented else 0.0
    return {name: _with_extra(time, extra[name]) for name, time in DIRECT.items()}


def _with_extra(time: StageTime, extra: float) -> StageTime:
    return StageTime(lambda size: time.fixed(size) + extra, time.growing)


@dataclass(frozen=True)
class Fitted:
    """What earlier runs have taught. `scales` are (a, b) by stage."""

    times: Mapping[str, StageTime]
    scales: Mapping[str, tuple[float, float]]
    runs: int
    spread: float
    largest: float

    def seconds(self, size: RunSize) -> Range:
        likely = _total(self.times, self.scales, size)
        beyond = max(0.0, math.log(_plain(self.times, size) / self.largest)) if self.runs else 0.0
        factor = math.exp(_TENTH * math.hypot(self.spread, _BEYOND * beyond))
        return Range(low=likely / factor, likely=likely, high=likely * factor)

    def stages(self, size: RunSize) -> dict[str, float]:
        """The likely seconds of each stage."""
        return {
            stage.value: _total({stage: self.times[stage]}, self.scales, size) for stage in Stage
        }


def fit(runs: Sequence[Run], times: Mapping[str, StageTime]) -> Fitted:
    """Learns from earlier runs. One that has not all stages says as much of how far runs are off as
    its stages are of a whole run."""
    runs = runs[:MOST_RUNS]
    squares = count = 0.0
    for n, run in enumerate(runs):
        own = {name: times[name] for name in run.seconds}
        others = _scales([*runs[:n], *runs[n + 1 :]], own)
        share = _plain(own, run.size) / _plain(times, run.size)
        squares += share * math.log(run.total / _total(own, others, run.size)) ** 2
        count += share
    weight = 1 / (1 + count) ** 2  # the guess counts as a run at first, then soon less
    squares += weight * _UNKNOWN_SPREAD**2
    return Fitted(
        times=times,
        scales=_scales(runs, times),
        runs=len(runs),
        spread=math.sqrt(squares / (count + weight)),
        largest=max((_plain(times, run.size) for run in runs), default=1.0),
    )


def _total(
    times: Mapping[str, StageTime], scales: Mapping[str, tuple[float, float]], size: RunSize
) -> float:
    return sum(
        scales[name][0] * time.fixed(size) + scales[name][1] * time.growing(size)
        for name, time in times.items()
    )


def _plain(times: Mapping[str, StageTime], size: RunSize) -> float:
    return sum(time.fixed(size) + time.growing(size) for time in times.values())


def _scales(runs: Sequence[Run], times: Mapping[str, StageTime]) -> dict[str, tuple[float, float]]:
    return {
        name: _scale(
            [
                (time.fixed(run.size), time.growing(run.size), max(run.seconds[name], 0.1))
                for run in runs
                if name in run.seconds
            ]
        )
        for name, time in times.items()
    }


def _scale(points: Sequence[tuple[float, float, float]]) -> tuple[float, float]:
    """(a, b) ≥ 0 that minimise Σ w·((a·fixed + b·growing)/seconds - 1)² + ridge·|(a, b) - 1|²,
    where w takes weight from outliers."""
    rows = [(fixed / seconds, growing / seconds) for fixed, growing, seconds in points]
    a = b = 1.0
    for _ in range(_ROUNDS if rows else 0):
        xx, xy, yy, x1, y1 = _RIDGE, 0.0, _RIDGE, _RIDGE, _RIDGE
        for x, y in rows:
            weight = _OUTLIER / max(_OUTLIER, abs(a * x + b * y - 1))
            xx, xy, yy = xx + weight * x * x, xy + weight * x * y, yy + weight * y * y
            x1, y1 = x1 + weight * x, y1 + weight * y
        determinant = xx * yy - xy * xy
        if determinant < _ALIKE * xx * yy:
            a = b = (x1 + y1) / (xx + 2 * xy + yy)
            continue
        a, b = (x1 * yy - y1 * xy) / determinant, (y1 * xx - x1 * xy) / determinant
        if a < 0:
            a, b = 0.0, y1 / yy
        elif b < 0:
            a, b = x1 / xx, 0.0
    return a, b


def estimate(
    size: RunSize,
    fitted: Fitted,
    purpose: Purpose,
    prices: Prices | None,
    bytes_read: int | None = None,
) -> Estimate:
    """Args: bytes_read: of BigQuery; None where reading costs nothing."""
    seconds = fitted.seconds(size)
    return Estimate(
        seconds=seconds,
        cost_usd=_each(seconds, lambda value: prices.usd(purpose, value, bytes_read))
        if prices
        else None,
        basis=f"{plural(fitted.runs, 'earlier run')} on this system"
        if fitted.runs
        else "what such runs take on a small machine, for want of earlier ones here",
        size=size,
        bytes_read=bytes_read,
        stages=fitted.stages(size),
    )


def total(estimates: Iterable[Estimate]) -> Estimate | None:
    """The sum of several estimates, as if they were all off in the same direction; None of none."""
    found = list(estimates)
    if not found:
        return None
    costs = [item.cost_usd for item in found if item.cost_usd is not None]
    read = [item.bytes_read for item in found if item.bytes_read is not None]
    return Estimate(
        seconds=_sum([item.seconds for item in found]),
        cost_usd=_sum(costs) if len(costs) == len(found) else None,
        basis=found[0].basis,
        bytes_read=sum(read) if read else None,
    )


def _sum(ranges: Sequence[Range]) -> Range:
    return Range(
        low=sum(item.low for item in ranges),
        likely=sum(item.likely for item in ranges),
        high=sum(item.high for item in ranges),
    )


def _each(seconds: Range, price: Callable[[float], float]) -> Range:
    return Range(low=price(seconds.low), likely=price(seconds.likely), high=price(seconds.high))
