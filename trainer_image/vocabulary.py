"""How well the vocabularies, which come from the training rows, cover the held-out ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shared.jobs import VocabularyRef, VocabularyReport
from trainer_image.examples import Examples


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
        values = transform.vocabulary_by_name(ref.key)
        lacking = lacks(
            pa.array(values, pa.binary()),
            examples.train[ref.raw_key],
            examples.eval[ref.raw_key],
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


@dataclass(frozen=True)
class Lacks:
    """Shares of the held-out rows whose value is not in a vocabulary, by why; see
    VocabularyReport.

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


def lacks(
    vocabulary: pa.Array, train: pa.ChunkedArray, held_out: pa.ChunkedArray, min_frequency: int
) -> Lacks:
    """Args:
    vocabulary: binary, in UTF-8.
    train, held_out: text of each row, "" where it is missing.
    """
    values, rows = _counted(held_out)
    trained, trained_rows = _counted(train)
    places = pc.index_in(values, value_set=trained)
    frequency = pc.fill_null(trained_rows.take(places), 0).to_numpy()
    missing = pc.equal(values, "").to_numpy(zero_copy_only=False)
    known = pc.is_in(values.cast(pa.binary()), value_set=vocabulary).to_numpy(zero_copy_only=False)
    frequent = trained.filter(
        pc.and_(pc.not_equal(trained, ""), pc.greater_equal(trained_rows, min_frequency))
    )
    kept = pc.is_in(frequent.cast(pa.binary()), value_set=vocabulary)

    def share(which: npt.NDArray[np.bool_]) -> float:
        return float(rows.to_numpy()[which].sum() / max(len(held_out), 1))

    unknown = ~missing & ~known
    return Lacks(
        missing=share(missing),
        unseen=share(unknown & (frequency == 0)),
        rare=share(unknown & (frequency > 0) & (frequency < min_frequency)),
        cut=share(unknown & (frequency > 0) & (frequency >= min_frequency)),
        cut_values=len(kept) - int(pc.sum(kept).as_py() or 0),
    )


def _counted(values: pa.ChunkedArray) -> tuple[pa.Array, pa.Array]:
    """Each value once, and how many rows have it."""
    counted = pc.value_counts(values)
    return counted.field("values"), counted.field("counts")
