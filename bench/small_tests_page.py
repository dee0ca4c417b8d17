"""Writes docs/small-tests.md from what was measured. Part of `make small-tests`.

.venv/bin/python -m bench.small_tests_page
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import mean, median

from bench.models_study import ROOT
from bench.public_data import PUBLIC_DATA
from bench.small_tests_study import DATA, SHARES, STEP, TRIED, WHOLE, Measured, found
from shared.metrics import metric as metric_of
from shared.rules.differences import percentile_interval
from shared.wording import percentage, plural

_CONCLUSIONS = ROOT / "bench" / "small_tests_conclusions.md"
_PAGE = ROOT / "docs" / "small-tests.md"
_SMALL = [share for share in SHARES if share != WHOLE]
_INTRODUCTION = """\
# Does a small test predict a large one?

Written by `make small-tests`: an hour or two on two cores. Models are ranked on samples of the
customers, as quick tests do it, and on all customers of the same data. A sample has its own
held-out purchases, fewer products to choose from, and fewer purchases to learn from.

Tried are {tried}.
All are presets with smart defaults, and two epochs unless it says
otherwise; *no history* leaves the history out of the customer tower.
"""
_PUBLIC = "Public data (`PUBLIC=` a folder of it), which is not part of Recsmith:\n"
_RANKING = """\
## The ranking

*Rank correlation* is Spearman's, between the ranking on the sample and that on all customers: 1 is
the same order, 0 none. *Swapped* are the pairs whose order is another. Where a share was sampled
twice, both are means, and pairs are of both. Intervals hold 95% of the draws of the sample's
customers (bootstrap). *Clear* are the pairs that the sample tells apart, by the 95% interval of
their paired difference, and *wrong* those of them whose order is the other way round on all
customers.
"""
_TOLD = """\
## What a sample was said to tell apart

The form of a test says from which difference on a sample of its size shows: *h*, the half width of
the interval ([evaluation](evaluation.md#what-a-sample-can-tell-apart)). If a sample differed from
all customers by chance alone, half of the pairs would be clear that differ by *h* on all customers,
80% of those that differ by 1.43 *h*, and more of those that differ by more. All data and all pairs,
by their own *h*; only the right order counts:
"""
_WIDTHS = """\
The half width itself should shrink with the square root of the number of customers. For all
customers, in points, medians over pairs:
"""


@dataclass(frozen=True)
class Pair:
    """Two configs on a sample and on all customers.

    Attributes:
        small, whole: the first one's metric minus the second's.
        low, high: 95 % interval of `small`, paired by customer.
        whole_half: half width of that of `whole`; None where that is not known.
    """

    small: float
    whole: float
    low: float
    high: float
    whole_half: float | None

    @property
    def half(self) -> float:
        return (self.high - self.low) / 2

    @property
    def clear(self) -> bool:
        return self.low > 0 or self.high < 0

    @property
    def swapped(self) -> bool:
        return self.small * self.whole < 0


@dataclass(frozen=True)
class Sample:
    """What was measured on one sample, and on all customers, of the configs that have both."""

    small: Sequence[Measured]
    whole: Sequence[Measured]

    @property
    def pairs(self) -> Iterator[Pair]:
        for one, other in itertools.combinations(range(len(self.small)), 2):
            small, whole = (
                _differences(tests[one], tests[other]) for tests in (self.small, self.whole)
            )
            whole_difference = self.whole[one].value - self.whole[other].value
            if not small or not whole_difference:
                continue
            interval = percentile_interval(small)
            of_all = percentile_interval(whole) if whole else None
            yield Pair(
                self.small[one].value - self.small[other].value,
                whole_difference,
                interval.low,
                interval.high,
                (of_all.high - of_all.low) / 2 if of_all else None,
            )

    def drawn(self, measure: Callable[[Sequence[float], Sequence[float]], float]) -> list[float]:
        """A measure of two rankings, of each draw of the sample's customers."""
        whole = [one.value for one in self.whole]
        if not all(one.replicates for one in self.small):
            return []
        return [
            measure(values, whole)
            for values in zip(*(one.replicates for one in self.small), strict=True)
        ]

    def measured(self, measure: Callable[[Sequence[float], Sequence[float]], float]) -> float:
        return measure(*([one.value for one in tests] for tests in (self.small, self.whole)))


def samples(tests: Sequence[Measured], data: str, percent: int) -> list[Sample]:
    """One for each seed."""
    known = {one.key: one for one in tests}
    made = []
    for seed in range(1, SHARES[percent] + 1):
        pairs = [
            (known[data, tried.name, percent, seed], known[data, tried.name, WHOLE, 1])
            for tried in TRIED
            if (data, tried.name, percent, seed) in known and (data, tried.name, WHOLE, 1) in known
        ]
        if len(pairs) > 2:
            made.append(Sample(*zip(*pairs, strict=True)))
    return made


def spearman(one: Sequence[float], other: Sequence[float]) -> float:
    """The correlation of the ranks; equal values share theirs (Spearman 1904)."""
    a, b = _ranks(one), _ranks(other)
    middle = (len(a) + 1) / 2
    both = sum((x - middle) * (y - middle) for x, y in zip(a, b, strict=True))
    spread = math.sqrt(sum((x - middle) ** 2 for x in a) * sum((y - middle) ** 2 for y in b))
    return both / spread if spread else 0.0


def swapped(one: Sequence[float], other: Sequence[float]) -> float:
    """Share of the pairs in the other order, of those that differ in both."""
    pairs = [
        (one[a] - one[b]) * (other[a] - other[b])
        for a, b in itertools.combinations(range(len(one)), 2)
    ]
    differing = [product for product in pairs if product]
    return sum(product < 0 for product in differing) / len(differing) if differing else 0.0


def _ranks(values: Sequence[float]) -> list[float]:
    return [
        sum(other < value for other in values) + (sum(other == value for other in values) + 1) / 2
        for value in values
    ]


def _differences(one: Measured, other: Measured) -> list[float]:
    return [STEP * (a - b) for a, b in zip(one.replicates, other.replicates, strict=False)]


def ranking(tests: Sequence[Measured]) -> list[str]:
    rows = []
    for data in DATA:
        for percent in _SMALL:
            found_samples = samples(tests, data, percent)
            if not found_samples:
                continue
            pairs = [pair for sample in found_samples for pair in sample.pairs]
            clear = [pair for pair in pairs if pair.clear]
            rows.append(
                [
                    data if percent == _SMALL[0] else "",
                    percentage(percent),
                    " and ".join(f"{sample.small[0].customers:,}" for sample in found_samples),
                    _with_interval(found_samples, spearman, lambda value: f"{value:.2f}"),
                    _with_interval(found_samples, swapped, lambda value: f"{100 * value:.0f}%"),
                    f"{len(clear)} of {len(pairs)}",
                    f"{sum(pair.swapped for pair in clear)}",
                ]
            )
    columns = ["data", "sample", "customers judged by", "rank correlation", "swapped"]
    return _table([*columns, "clear pairs", "wrong"], rows)


def _with_interval(
    found_samples: Sequence[Sample],
    measure: Callable[[Sequence[float], Sequence[float]], float],
    said: Callable[[float], str],
) -> str:
    value = mean(sample.measured(measure) for sample in found_samples)
    drawn = [value for sample in found_samples for value in sample.drawn(measure)]
    if not drawn:
        return said(value)
    interval = percentile_interval(drawn)
    return f"{said(value)} ({said(interval.low)} to {said(interval.high)})"


def told_apart(tests: Sequence[Measured]) -> list[str]:
    rows = []
    bounds = (("less than *h*", 0, 1), ("1 to 1.43 *h*", 1, 1.43), ("more", 1.43, math.inf))
    for percent in _SMALL:
        pairs = [
            pair
            for data in DATA
            for sample in samples(tests, data, percent)
            for pair in sample.pairs
        ]
        cells = []
        for _, low, high in bounds:
            those = [pair for pair in pairs if low <= abs(pair.whole) / (pair.half or 1) < high]
            shown = sum(pair.clear and not pair.swapped for pair in those)
            share = f" ({100 * shown / len(those):.0f}%)" if those else ""
            cells.append(f"{shown} of {len(those)}{share}")
        rows.append([percentage(percent), *cells])
    return _table(
        ["sample", *(f"clear, of pairs that differ by {name}" for name, _, _ in bounds)], rows
    )


def widths(tests: Sequence[Measured]) -> list[str]:
    rows = []
    for data in DATA:
        cells = []
        for percent in _SMALL:
            found_samples = samples(tests, data, percent)
            predicted = [
                100 * pair.half * math.sqrt(sample.small[0].customers / sample.whole[0].customers)
                for sample in found_samples
                for pair in sample.pairs
            ]
            cells.append(f"{median(predicted):.2f}" if predicted else "–")
        whole = [
            100 * pair.whole_half
            for sample in samples(tests, data, _SMALL[-1])
            for pair in sample.pairs
            if pair.whole_half is not None
        ]
        if whole:
            rows.append([data, *cells, f"**{median(whole):.2f}**"])
    return _table(["data", *(f"predicted from {percentage(p)}" for p in _SMALL), "measured"], rows)


def values(tests: Sequence[Measured]) -> Iterator[str]:
    yield "## The numbers\n"
    known = {one.key: one for one in tests}
    for data, metric in DATA.items():
        rows = []
        for tried in TRIED:
            cells = []
            for percent, seeds in SHARES.items():
                own = [
                    known[key].value
                    for seed in range(1, seeds + 1)
                    if (key := (data, tried.name, percent, seed)) in known
                ]
                cells.append(", ".join(f"{value:.4f}" for value in own) or "–")
            if any(cell != "–" for cell in cells):
                rows.append([tried.name, *cells])
        if any(key[0] == data and key[2] != WHOLE for key in known):
            yield f"{metric_of(metric).label}, *{data}*; of each sample:\n"
            yield from _table(["", *map(percentage, SHARES)], rows)


def _table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def page(tests: Sequence[Measured]) -> str:
    used: Mapping[str, None] = dict.fromkeys(one.data for one in tests)
    public = [f"- *{one.name}*: {one.told}." for one in PUBLIC_DATA if one.name in used]
    names = ", ".join(f"*{tried.name}*" for tried in TRIED)
    lines = [
        _INTRODUCTION.format(tried=f"{plural(len(TRIED), 'config')}: {names}"),
        *([_PUBLIC, *public, ""] if public else []),
        _RANKING,
        *ranking(tests),
        _TOLD,
        *told_apart(tests),
        _WIDTHS,
        *widths(tests),
        _CONCLUSIONS.read_text(encoding="utf-8").rstrip() + "\n" if _CONCLUSIONS.exists() else "",
        *values(tests),
    ]
    return "\n".join(lines).rstrip() + "\n"


def main() -> None:
    _PAGE.write_text(page(found()), encoding="utf-8")


if __name__ == "__main__":
    main()
