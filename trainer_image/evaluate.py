"""The evaluate stage: the saved model against held-out purchases, over all unique products.

Both sides are embedded from raw values through the model's own signatures, so that what is measured
is what is served.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from shared.examples import ExamplesSpec
from shared.jobs import EvaluationProtocol, IndexReport, MetricsReport, SampleTensors
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
# Held-out rows over which an index is held against brute force.
_INDEX_ROWS = 1000
# Customers, and products, whose tensors are kept.
_SAMPLES = 25


def evaluate(model_dir: str, spec: ExamplesSpec, examples: Examples) -> MetricsReport:
    """Measures a model, and the baselines under the same protocol.

    What is measured follows from the signatures that the model has.

    Raises:
        JobFailed: the model's scores are not finite.
    """
    import scann  # noqa: F401 - registers the operations of a saved index
    import tensorflow as tf

    model = tf.saved_model.load(model_dir)
    signatures = model.signatures
    metrics: dict[str, float] = {}
    baselines: dict[str, dict[str, float]] = {}
    index: IndexReport | None = None
    if "index" in signatures:
        found = _retrieval(signatures, spec, examples)
        metrics |= found.metrics
        baselines |= found.baselines
        index = found.index
    if spec.label_key is not None:
        rate = signatures["rating" if "index" in signatures else "serving_default"]
        metrics |= rating_metrics(
            _finite(_apply(rate, examples.eval)["rating"], "ratings"),
            _numbers(examples.eval[spec.label_key]),
        )
        mean = _numbers(examples.train[spec.label_key]).mean()
        baselines["global_mean"] = rating_metrics(
            np.full(len(examples.eval), mean), _numbers(examples.eval[spec.label_key])
        )
    return MetricsReport(
        metrics=metrics,
        baselines=baselines,
        index=index,
        protocol=EvaluationProtocol(
            split=spec.split,
            holdout_fraction=spec.holdout_fraction,
            sample_percent=spec.sample_percent,
            sample_by=spec.sample_by,
            seed=spec.seed,
            train_rows=len(examples.train),
            holdout_rows=len(examples.eval),
            holdout_customers=len(examples.eval[spec.customer_key].unique()),
            candidates=len(examples.candidates),
        ),
    )


@dataclass(frozen=True)
class _Retrieval:
    metrics: dict[str, float]
    baselines: dict[str, dict[str, float]]
    index: IndexReport


def _retrieval(signatures: Any, spec: ExamplesSpec, examples: Examples) -> _Retrieval:
    product = spec.product_key
    candidate_ids = _objects(examples.candidates[product])
    row_of = {product_id: row for row, product_id in enumerate(candidate_ids)}
    truth = np.array([row_of[product_id] for product_id in _objects(examples.eval[product])])
    candidates = _apply(signatures["candidate_embedding"], examples.candidates)["embedding"]
    queries = _apply(signatures["query_embedding"], examples.eval)["embedding"]
    try:
        found = ranks(queries, candidates, truth)
    except ValueError as error:
        raise JobFailed(str(error)) from error
    popular = popularity_ranks(_objects(examples.train[product]), candidate_ids, truth)
    return _Retrieval(
        metrics_of(found),
        {"popularity": metrics_of(popular), "random": random_metrics(len(candidate_ids))},
        _index(signatures, examples.eval.slice(0, _INDEX_ROWS), queries, candidates, candidate_ids),
    )


def _index(
    signatures: Any,
    rows: pa.Table,
    queries: Floats,
    candidates: Floats,
    candidate_ids: npt.NDArray[np.object_],
) -> IndexReport:
    """What the model says of its index, and how much of the exact best products it finds."""
    said = {name: value.numpy() for name, value in signatures["index"]().items()}
    served = _apply(signatures["serving_default"], rows)["candidate_ids"]
    scores = queries[: len(served)] @ candidates.T
    exact = np.argsort(-scores, axis=1, kind="stable")[:, : served.shape[1]]
    hits = [
        len({product.decode() for product in row} & set(candidate_ids[best]))
        for row, best in zip(served, exact, strict=True)
    ]
    return IndexReport(
        algorithm=said["algorithm"].decode(),
        wanted=said["wanted"].decode(),
        num_leaves=int(said["num_leaves"]),
        leaves_to_search=int(said["leaves_to_search"]),
        recall=sum(hits) / exact.size,
    )


def rating_metrics(ratings: npt.NDArray[Any], labels: npt.NDArray[Any]) -> dict[str, float]:
    """Root mean squared and mean absolute error, in the label's unit."""
    errors = ratings.astype(np.float64) - labels
    return {
        "rmse": float(np.sqrt(np.mean(errors**2))),
        "mae": float(np.mean(np.abs(errors))),
    }


def sample_tensors(model_dir: str, spec: ExamplesSpec, examples: Examples) -> SampleTensors:
    """Both towers' inputs for the customers and the products with the most training rows."""
    import scann  # noqa: F401
    import tensorflow as tf

    model = tf.saved_model.load(model_dir)
    customer_of = _objects(examples.train[spec.customer_key])
    row_of = {customer: row for row, customer in enumerate(customer_of)}  # any row of theirs
    customers = _most_frequent(customer_of)
    candidate_ids = _objects(examples.candidates[spec.product_key])
    place_of = {product: row for row, product in enumerate(candidate_ids)}
    products = _most_frequent(_objects(examples.train[spec.product_key]))
    queries = examples.train.take([row_of[customer] for customer in customers])
    candidates = examples.candidates.take([place_of[product] for product in products])
    sides = (
        _apply(model.signatures[signature], rows)["tensor"].tolist()
        for signature, rows in (("query_embedding", queries), ("candidate_embedding", candidates))
    )
    return SampleTensors(
        **{
            side: dict(zip(ids, tensors, strict=True))
            for side, ids, tensors in zip(
                ("customers", "products"), (customers, products), sides, strict=True
            )
        }
    )


def _most_frequent(ids: npt.NDArray[np.object_]) -> list[str]:
    values, counts = np.unique(ids.astype(str), return_counts=True)
    return [str(value) for value in values[np.argsort(-counts, kind="stable")][:_SAMPLES]]


def _finite(values: npt.NDArray[Any], what: str) -> npt.NDArray[Any]:
    if bad := int(np.sum(~np.isfinite(values))):
        raise JobFailed(
            f"{bad} of {len(values)} {what} are not finite: the model diverged. "
            "Lower the learning rate."
        )
    return values


def _apply(signature: Any, rows: pa.Table) -> dict[str, npt.NDArray[Any]]:
    """A signature that takes raw features, over all rows: its outputs by name."""
    import tensorflow as tf

    _, inputs = signature.structured_input_signature
    parts = [
        signature(**{key: tf.constant(_values(batch.column(key))) for key in inputs})
        for batch in rows.select(list(inputs)).to_batches(_EMBED_ROWS)
    ]
    return {name: np.concatenate([part[name].numpy() for part in parts]) for name in parts[0]}


def _values(column: pa.Array) -> npt.NDArray[Any]:
    values: npt.NDArray[Any] = column.to_numpy(zero_copy_only=False)
    return values


def _objects(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    values: npt.NDArray[np.object_] = column.to_numpy()
    return values


def _numbers(column: pa.ChunkedArray) -> npt.NDArray[np.float64]:
    return column.to_numpy().astype(np.float64)
