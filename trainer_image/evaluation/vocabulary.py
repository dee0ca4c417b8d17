"""How well the vocabularies, which come from the training rows, cover the held-out ones."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shared.jobs import VocabularyRef, VocabularyReport
from shared.transforms.bag import Splitting
from shared.transforms.vocabulary import value_of
from trainer_image.examples.read import Examples

_BETWEEN = "\x1f"  # values, once they are split


def report_vocabularies(
    vocabularies: list[VocabularyRef], transform_graph: str, examples: Examples
) -> list[VocabularyReport]:
    """One report for each vocabulary of a transform graph, in the same order."""
    if not vocabularies:
        return []
    import tensorflow_transform as tft

    transform = tft.TFTransformOutput(transform_graph)
    reports = []
    for ref in vocabularies:
        values = [value_of(key) for key in transform.vocabulary_by_name(ref.key)]
        lacking = lacks(
            pa.array(values, pa.binary()),
            counted(examples.train[ref.raw_key], ref.splitting),
            counted(examples.eval[ref.raw_key], ref.splitting),
            ref.min_frequency,
        )
        reports.append(
            VocabularyReport(
                key=ref.key,
                column=ref.column,
                tower=ref.tower,
                vocabulary_size=len(values),
                oov_rate=lacking.rate,
                missing_rate=lacking.missing,
                unseen_rate=lacking.unseen,
                rare_rate=lacking.rare,
                cut_rate=lacking.cut,
                truncated=len(values) >= ref.max_size and lacking.cut_values > 0,
            )
        )
    return reports


class Counts(NamedTuple):
    """Values, each once, and how often there is each."""

    values: pa.Array
    times: pa.Array


@dataclass(frozen=True)
class Lacks:
    """Shares of the held-out rows whose value is not in a vocabulary, by why; see
    VocabularyReport. Where rows have several values, shares of these.

    Attributes:
        cut_values: how many values of training rows are frequent enough, but not in it.
    """

    missing: float
    unseen: float
    rare: float
    cut: float
    cut_values: int

    @property
    def rate(self) -> float:
        return self.missing + self.unseen + self.rare + self.cut


def lacks(vocabulary: pa.Array, train: Counts, held_out: Counts, min_frequency: int) -> Lacks:
    """Args: vocabulary: binary, in UTF-8."""
    values, rows = held_out
    trained, trained_rows = train
    places = pc.index_in(values, value_set=trained)
    frequency = pc.fill_null(trained_rows.take(places), 0).to_numpy()
    missing = pc.equal(values, "").to_numpy(zero_copy_only=False)
    known = pc.is_in(values.cast(pa.binary()), value_set=vocabulary).to_numpy(zero_copy_only=False)
    frequent = trained.filter(
        pc.and_(pc.not_equal(trained, ""), pc.greater_equal(trained_rows, min_frequency))
    )
    kept = pc.is_in(frequent.cast(pa.binary()), value_set=vocabulary)

    def share(which: npt.NDArray[np.bool_]) -> float:
        return float(rows.to_numpy()[which].sum() / max(pc.sum(rows).as_py() or 0, 1))

    unknown = ~missing & ~known
    return Lacks(
        missing=share(missing),
        unseen=share(unknown & (frequency == 0)),
        rare=share(unknown & (frequency > 0) & (frequency < min_frequency)),
        cut=share(unknown & (frequency > 0) & (frequency >= min_frequency)),
        cut_values=len(kept) - int(pc.sum(kept).as_py() or 0),
    )


def counted(texts: pa.ChunkedArray, splitting: Splitting | None) -> Counts:
    """How often there is each value in the texts of rows; "" counts rows without any."""
    found = pc.value_counts(texts)
    values, rows = found.field("values"), found.field("counts")
    return Counts(values, rows) if splitting is None else _split(values, rows, splitting)


def _split(texts: pa.Array, rows: pa.Array, splitting: Splitting) -> Counts:
    """As `split_values` does it in the transform graph."""
    if splitting.lower:
        texts = pc.utf8_lower(texts)
    texts = pc.replace_substring_regex(texts, splitting.separator, _BETWEEN)
    counts: Counter[str] = Counter()
    for text, times in zip(texts.to_pylist(), rows.to_pylist(), strict=True):
        values = [value for one in text.split(_BETWEEN) if (value := one.strip())]
        values = values[: splitting.most]
        if splitting.pairs:
            values += [" ".join(pair) for pair in pairwise(values)]
        for value in values or [""]:
            counts[value] += times
    return Counts(pa.array(list(counts), pa.string()), pa.array(list(counts.values()), pa.int64()))
