"""The same metrics over parts of the held-out rows.

Ranks and predicted ratings are those that the whole was measured by, of the model and of each
baseline: they are summed anew segment by segment, and drawn by the same customers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from shared.arrays import Codes, Integers, Reals
from shared.examples import ExamplesSpec
from shared.jobs import Interval
from shared.measuring import HeldOut, Ratings
from shared.metrics import of_ranks, of_ratings
from shared.segment_reports import (
    Segment,
    SegmentDifference,
    SegmentReplicates,
    SegmentReport,
    SegmentSplit,
    segment_name,
)
from shared.segments import Part, Split, splits
from shared.statistics import Mean, Rows, Statistic, stored
from trainer_image.evaluation.resampling import interval, replicates, rounded
from trainer_image.examples.read import Examples

MODEL = ""
_DIGITS = 16  # of SHA-256
# Segments are drawn together as long as their sums are no more numbers than these: 240 MB.
_MOST_SUMS = 30_000_000
# An area under the curve goes through all rows for each draw.
_MOST_AREA_ROWS = 25_000


@dataclass(frozen=True)
class Sources:
    """What was measured, by baseline; MODEL is the model.

    Attributes:
        ranks: [held-out rows], of those that order products.
        fixed: metrics that are the same over any rows.
        ratings: of those that predict them.
    """

    ranks: Mapping[str, Codes]
    fixed: Mapping[str, Mapping[str, float]]
    ratings: Mapping[str, Ratings]


@dataclass(frozen=True)
class Segments:
    report: SegmentReport
    replicates: SegmentReplicates


@dataclass(frozen=True)
class _Measured:
    """A segment: `found` has its statistics by source and metric."""

    split: Split
    part: Part
    rows: Rows
    found: dict[tuple[str, str], Statistic]

    @property
    def name(self) -> str:
        return segment_name(self.split.name, self.part.key)


def measure_segments(
    spec: ExamplesSpec, examples: Examples, held_out: HeldOut, sources: Sources, fingerprint: str
) -> Segments:
    """Args: fingerprint: of the held-out rows, as the protocol has it."""
    columns = {
        feature.column: _texts(examples.eval[feature.key])
        for feature in spec.features
        if feature.key in spec.segment_keys
    }
    found = list(splits(held_out, columns))
    told: dict[str, list[Segment]] = {split.name: [] for split in found}
    drawn: dict[str, dict[str, list[float]]] = {}
    for together in _batches(found, held_out, sources):
        values = replicates(
            {
                (one.name, source, name): statistic
                for one in together
                for (source, name), statistic in one.found.items()
                if isinstance(statistic, Mean) or len(statistic.customer) <= _MOST_AREA_ROWS
            },
            held_out.customers,
        )
        for one in together:
            own = {key[1:]: reals for key, reals in values.items() if key[0] == one.name}
            told[one.split.name].append(_segment(one, own, sources))
            drawn[one.name] = {
                name: [rounded(value) for value in reals]
                for (source, name), reals in own.items()
                if source == MODEL
            }
    return Segments(
        SegmentReport(
            holdout_fingerprint=fingerprint,
            splits=[
                SegmentSplit(
                    name=split.name,
                    label=split.label,
                    help=split.help,
                    by_popularity=split.by_popularity,
                    segments=told[split.name],
                )
                for split in found
            ],
        ),
        SegmentReplicates(holdout_fingerprint=fingerprint, segments=drawn),
    )


def _texts(column: pa.ChunkedArray) -> list[str]:
    """The texts of rows, each value once in memory."""
    encoded = column.combine_chunks().dictionary_encode()
    values = np.array(encoded.dictionary.to_pylist(), object)
    texts: list[str] = values[encoded.indices.to_numpy()].tolist()
    return texts


def _batches(found: list[Split], held_out: HeldOut, sources: Sources) -> Iterator[list[_Measured]]:
    together: list[_Measured] = []
    for split in found:
        for place, part in enumerate(split.parts):
            which = np.flatnonzero(split.part == place)
            if not len(which):
                continue
            together.append(_measured(split, part, which, held_out, sources))
            if sum(len(one.found) for one in together) * held_out.customers >= _MOST_SUMS:
                yield together
                together = []
    if together:
        yield together


def _measured(
    split: Split, part: Part, which: Integers, held_out: HeldOut, sources: Sources
) -> _Measured:
    rows = Rows(held_out.customer[which], held_out.customers)
    found: dict[tuple[str, str], Statistic] = {}
    for source, ranks in sources.ranks.items():
        of_source = of_ranks(ranks[which].astype(np.int64))
        found |= stored({(source, name): rows.mean(one) for name, one in of_source})
    for source, ratings in sources.ratings.items():
        own = replace(
            ratings,
            predicted=ratings.predicted[which],
            probabilities=ratings.probabilities[which],
            labels=ratings.labels[which],
            rows=rows,
        )
        found |= {(source, name): statistic for name, statistic in of_ratings(own).items()}
    return _Measured(split, part, rows, found)


def _segment(one: _Measured, drawn: Mapping[tuple[str, str], Reals], sources: Sources) -> Segment:
    metrics = {name: s.value for (source, name), s in one.found.items() if source == MODEL}
    baselines: dict[str, dict[str, float]] = {
        source: {name: value for name, value in fixed.items() if name in metrics}
        for source, fixed in sources.fixed.items()
    }
    for (source, name), statistic in one.found.items():
        if source != MODEL:
            baselines.setdefault(source, {})[name] = statistic.value
    intervals: dict[str, Interval] = {}
    differences: dict[str, dict[str, SegmentDifference]] = {}
    for name in metrics:
        ours = drawn.get((MODEL, name))
        if ours is None:
            continue
        intervals[name] = interval(ours)
        for source, values in baselines.items():
            known = source in sources.fixed
            theirs = values.get(name) if known else drawn.get((source, name))
            if theirs is not None:
                differences.setdefault(source, {})[name] = _difference(ours - theirs)
    counts = one.rows.counts
    return Segment(
        key=one.part.key,
        label=one.part.label,
        phrase=one.part.phrase,
        rule=one.part.rule,
        rows=len(one.rows.customer),
        customers=int(np.count_nonzero(counts)),
        fingerprint=hashlib.sha256(counts.astype("<i8").tobytes()).hexdigest()[:_DIGITS],
        metrics=metrics,
        intervals=intervals,
        baselines=baselines,
        differences=differences,
    )


def _difference(values: Reals) -> SegmentDifference:
    found = interval(values)
    error = rounded(float(np.std(values, ddof=1)))
    return SegmentDifference(low=found.low, high=found.high, standard_error=error)
