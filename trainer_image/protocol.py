"""What numbers must have in common to be compared: the very same rows and products."""

from __future__ import annotations

import hashlib
import json

import pyarrow as pa

from shared.examples import ExamplesSpec
from shared.jobs import EvaluationProtocol
from trainer_image.examples import Examples
from trainer_image.held_out import HeldOut

_HASHED_ROWS = 65_536
_DIGITS = 32  # of SHA-256: 128 bits


def protocol_of(spec: ExamplesSpec, examples: Examples, held_out: HeldOut) -> EvaluationProtocol:
    return EvaluationProtocol(
        split=spec.split,
        holdout_fraction=spec.holdout_fraction,
        sample_percent=spec.sample_percent,
        sample_by=spec.sample_by,
        seed=spec.seed,
        train_rows=len(examples.train),
        holdout_rows=len(examples.eval),
        holdout_customers=held_out.customers,
        candidates=held_out.candidates,
        holdout_fingerprint=holdout_fingerprint(spec, examples),
        candidates_fingerprint=fingerprint([examples.candidates[spec.product_key]]),
        repeat_rows=int(held_out.repeat.sum()),
        rating_column=next((f.column for f in spec.features if f.key == spec.label_key), None),
    )


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
