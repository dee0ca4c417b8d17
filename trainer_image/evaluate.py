"""The evaluate stage: the saved model against held-out purchases, over all unique products.

Both sides are embedded from raw values through the model's own signatures, so that what is measured
is what is served.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shared.examples import ExamplesSpec
from shared.jobs import EvaluationProtocol, MetricsReport
from trainer_image.examples import Examples
from trainer_image.ranking import (
    Floats,
    metrics_of,
    popularity_ranks,
    random_metrics,
    ranks,
)
from trainer_image.status import JobFailed

_EMBED_ROWS = 16384


def evaluate(model_dir: str, spec: ExamplesSpec, examples: Examples) -> MetricsReport:
    """Measures a model, and the baselines under the same protocol.

    Raises:
        JobFailed: the model's scores are not finite.
    """
    import tensorflow as tf

    product = spec.product_key
    candidate_ids = _objects(examples.candidates[product])
    row_of = {product_id: row for row, product_id in enumerate(candidate_ids)}
    truth = np.array([row_of[product_id] for product_id in _objects(examples.eval[product])])

    signatures = tf.saved_model.load(model_dir).signatures
    candidates = _embed(signatures["candidate_embedding"], examples.candidates)
    queries = _embed(signatures["query_embedding"], examples.eval)
    try:
        found = ranks(queries, candidates, truth)
    except ValueError as error:
        raise JobFailed(str(error)) from error
    popular = popularity_ranks(_objects(examples.train[product]), candidate_ids, truth)
    return MetricsReport(
        metrics=metrics_of(found),
        baselines={
            "popularity": metrics_of(popular),
            "random": random_metrics(len(candidate_ids)),
        },
        protocol=EvaluationProtocol(
            split=spec.split,
            holdout_fraction=spec.holdout_fraction,
            sample_percent=spec.sample_percent,
            sample_by=spec.sample_by,
            seed=spec.seed,
            train_rows=len(examples.train),
            holdout_rows=len(examples.eval),
            holdout_customers=len(examples.eval[spec.customer_key].unique()),
            candidates=len(candidate_ids),
        ),
    )


def _embed(signature: Any, rows: pa.Table) -> Floats:
    """Embeddings [rows, width] by a signature that takes raw features."""
    import tensorflow as tf

    _, inputs = signature.structured_input_signature
    parts = [
        signature(**{key: tf.constant(_values(batch.column(key))) for key in inputs})
        for batch in rows.select(list(inputs)).to_batches(_EMBED_ROWS)
    ]
    return np.concatenate([part["embedding"].numpy() for part in parts])


def _values(column: pa.Array) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _objects(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    values: npt.NDArray[np.object_] = column.to_numpy()
    return values
