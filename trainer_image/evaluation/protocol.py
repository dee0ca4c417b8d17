"""What numbers must have in common to be compared: the very same rows and products."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa
import pyarrow.compute as pc

from shared.documents.dataset import BigQuerySource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec
from shared.jobs import EvaluationProtocol
from shared.measuring import HeldOut
from trainer_image.examples.read import Examples

_HASHED_ROWS = 65_536
_DIGITS = 32  # of SHA-256: 128 bits


def protocol_of(spec: ExamplesSpec, examples: Examples, held_out: HeldOut) -> EvaluationProtocol:
    return EvaluationProtocol(
        split=spec.split,
        holdout_fraction=spec.holdout_fraction,
        ties=spec.ties if spec.split == "temporal" else "whole",
        judged_on=spec.judged_on,
        sample_percent=spec.sample_percent,
        sample_by=spec.sample_by,
        trained_percent=spec.trained_percent,
        judged_percent=spec.judged_percent,
        seed=spec.seed,
        train_rows=len(examples.train),
        holdout_rows=len(examples.eval),
        holdout_customers=held_out.customers,
        candidates=held_out.candidates,
        holdout_fingerprint=holdout_fingerprint(spec, examples),
        candidates_fingerprint=fingerprint([examples.candidates[spec.product_key]]),
        source_fingerprint=examples.source_fingerprint,
        as_of=spec.source.as_of if isinstance(spec.source, BigQuerySource) else None,
        repeat_rows=int(held_out.repeat.sum()),
        rows_without_time=_untimed(spec, examples),
        rating_column=next((f.column for f in spec.features if f.key == spec.label_key), None),
    )


def _untimed(spec: ExamplesSpec, examples: Examples) -> int | None:
    if spec.timestamp_column is None:
        return None
    times = pa.chunked_array([examples.train_times, examples.eval_times])
    return int(pc.sum(pc.equal(times, MISSING_TIMESTAMP)).as_py() or 0)


def holdout_fingerprint(spec: ExamplesSpec, examples: Examples) -> str:
    """Of the held-out rows' customers, products and times, where there are times.

    Not of their ratings: a model that predicts none is held against one that does over the same
    rows, and `rating_column` keeps unlike ratings apart.
    """
    times = pa.chunked_array([examples.eval_times])
    return fingerprint([examples.eval[spec.customer_key], examples.eval[spec.product_key], times])


def fingerprint(columns: list[pa.ChunkedArray]) -> str:
    """A hash of rows, whatever their order: equal where the same rows occur as often."""
    names = [str(place) for place in range(len(columns))]
    rows = pa.table(columns, names=names)
    ordered = rows.sort_by([(name, "ascending") for name in names]).combine_chunks()
    digest = hashlib.sha256()
    for batch in ordered.to_batches(_HASHED_ROWS):
        digest.update(json.dumps([column.to_pylist() for column in batch.columns]).encode())
    return digest.hexdigest()[:_DIGITS]
