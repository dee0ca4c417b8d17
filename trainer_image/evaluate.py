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
from shared.jobs import IndexReport, MetricsReport, Replicates, SampleTensors
from trainer_image.attributes import varying_attributes
from trainer_image.bootstrap import Metric
from trainer_image.examples import Examples
from trainer_image.held_out import HeldOut, numbered, places
from trainer_image.protocol import protocol_of
from trainer_image.ranking import Floats, Integers, Ranked, Reals, rank, share_of_best
from trainer_image.ratings import rating_results
from trainer_image.retrieval import retrieval_baselines, retrieval_metrics
from trainer_image.served import applied, apply
from trainer_image.status import JobFailed
from trainer_image.summary import Measured, summarize

# Held-out rows over which an index is held against brute force.
_INDEX_ROWS = 1000
# Customers, and products, whose tensors are kept.
_SAMPLES = 25


@dataclass(frozen=True)
class Evaluation:
    report: MetricsReport
    replicates: Replicates


def evaluate(model: Any, spec: ExamplesSpec, examples: Examples) -> Evaluation:
    """Measures a saved model, and the baselines over the same rows and products.

    What is measured follows from the signatures that the model has.

    Raises:
        JobFailed: the model's scores are not finite.
    """
    held_out = numbered(spec, examples)
    protocol = protocol_of(spec, examples, held_out)
    of_model: dict[str, Metric | float] = {}
    of_baselines: dict[str, Measured] = {}
    index: IndexReport | None = None
    if "index" in model.signatures:
        ranked, index = _retrieve(model.signatures, spec, examples, held_out)
        of_model |= retrieval_metrics(ranked, held_out)
        of_baselines |= retrieval_baselines(held_out)
    if spec.label_key is not None:
        rate = model.signatures["rating" if "index" in model.signatures else "serving_default"]
        predicted = _finite(apply(rate, examples.eval, "rating"), "ratings").astype(np.float64)
        train_labels, labels = (
            _numbers(rows[spec.label_key]) for rows in (examples.train, examples.eval)
        )
        found = rating_results(predicted, train_labels, labels, held_out)
        of_model |= found.model
        of_baselines |= found.baselines
    summary = summarize(of_model, of_baselines, held_out.customers)
    return Evaluation(
        MetricsReport(
            metrics=summary.metrics,
            intervals=summary.intervals,
            baselines=summary.baselines,
            differences=summary.differences,
            varying_attributes=varying_attributes(spec, examples),
            protocol=protocol,
            index=index,
        ),
        Replicates(
            holdout_fingerprint=protocol.holdout_fingerprint,
            customers=held_out.customers,
            metrics=summary.replicates,
        ),
    )


def _retrieve(
    signatures: Any, spec: ExamplesSpec, examples: Examples, held_out: HeldOut
) -> tuple[Ranked, IndexReport]:
    """Embeds the held-out rows part by part, and ranks each part at once."""
    candidates = apply(signatures["candidate_embedding"], examples.candidates, "embedding")
    parts: list[Ranked] = []
    first: list[Floats] = []
    done = 0
    for queries in applied(signatures["query_embedding"], examples.eval, "embedding"):
        part = slice(done, done + len(queries))
        try:
            parts.append(rank(queries, candidates, held_out.product[part], held_out.first[part]))
        except ValueError as error:
            raise JobFailed(str(error)) from error
        first.append(queries[: max(0, _INDEX_ROWS - done)])
        done += len(queries)
    ranked = Ranked(
        np.concatenate([part.ranks for part in parts]),
        np.concatenate([part.lists for part in parts]),
    )
    rows = examples.eval.slice(0, _INDEX_ROWS)
    served = apply(signatures["serving_default"], rows, "candidate_ids")
    ids = pa.array(served.ravel(), pa.binary()).cast(pa.string())
    chosen = places(ids, examples.candidates[spec.product_key]).reshape(served.shape)
    return ranked, _index(signatures, np.concatenate(first), candidates, chosen)


def _index(signatures: Any, queries: Floats, candidates: Floats, chosen: Integers) -> IndexReport:
    """What the model says of its index, and how much of the exact best products it finds."""
    said = {name: value.numpy() for name, value in signatures["index"]().items()}
    return IndexReport(
        algorithm=said["algorithm"].decode(),
        wanted=said["wanted"].decode(),
        num_leaves=int(said["num_leaves"]),
        leaves_to_search=int(said["leaves_to_search"]),
        recall=share_of_best(queries, candidates, chosen),
    )


def sample_tensors(model: Any, spec: ExamplesSpec, examples: Examples) -> SampleTensors:
    """Both towers' inputs for the customers and the products with the most training rows."""
    customer_of = _objects(examples.train[spec.customer_key])
    row_of = {customer: row for row, customer in enumerate(customer_of)}  # any row of theirs
    customers = _most_frequent(customer_of)
    candidate_ids = _objects(examples.candidates[spec.product_key])
    place_of = {product: row for row, product in enumerate(candidate_ids)}
    products = _most_frequent(_objects(examples.train[spec.product_key]))
    queries = examples.train.take([row_of[customer] for customer in customers])
    candidates = examples.candidates.take([place_of[product] for product in products])
    sides = (
        apply(model.signatures[signature], rows, "tensor").tolist()
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


def _objects(column: pa.ChunkedArray) -> npt.NDArray[np.object_]:
    values: npt.NDArray[np.object_] = column.to_numpy()
    return values


def _numbers(column: pa.ChunkedArray) -> Reals:
    return column.to_numpy().astype(np.float64)
