"""The evaluate stage: the saved model against held-out purchases, over all unique products.

Both sides are embedded from raw values through the model's own signatures, so that what is measured
is what is served.
"""

from __future__ import annotations

from concurrent.futures import Future
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from shared.arrays import Codes, Floats, Reals
from shared.examples import ExamplesSpec
from shared.jobs import IndexReport, MeasuredRules, MetricsReport, Replicates, SampleTensors
from shared.measuring import HeldOut, Ranked, Ratings
from shared.metrics import of_ranking
from shared.rules_of_lists.stored import StoredRuleSet
from shared.statistics import Measured, Statistic
from trainer_image.evaluation.attributes import varying_attributes
from trainer_image.evaluation.held_out import numbered, places
from trainer_image.evaluation.protocol import protocol_of
from trainer_image.evaluation.ranking import rank, share_of_best
from trainer_image.evaluation.ratings import RatingResults, rating_results
from trainer_image.evaluation.reranked import reranked
from trainer_image.evaluation.retrieval import Recommended, begun
from trainer_image.evaluation.ruled import measure_rules
from trainer_image.evaluation.segments import MODEL, Segments, Sources, measure_segments
from trainer_image.evaluation.summary import summarize
from trainer_image.examples.read import Examples
from trainer_image.job.status import JobFailedError
from trainer_image.serving.served import ServedModel, applied, apply

# Held-out rows over which an index is held against brute force.
_INDEX_ROWS = 1000
# Customers, and products, whose tensors are kept.
_SAMPLES = 25


@dataclass(frozen=True)
class Evaluation:
    report: MetricsReport
    replicates: Replicates
    segments: Segments


def evaluate(
    model: ServedModel,
    spec: ExamplesSpec,
    examples: Examples,
    rules: StoredRuleSet | None = None,
    of_others: Future[Recommended] | None = None,
) -> Evaluation:
    """Measures a saved model, and the baselines over the same rows and products.

    What is measured follows from the signatures that the model has.

    Args:
        rules: under which lists are measured besides.
        of_others: the baselines over these rows, where they were begun before there was a model.

    Raises:
        JobFailedError: the model's scores are not finite.
    """
    held_out = numbered(spec, examples)
    protocol = protocol_of(spec, examples, held_out)
    of_model: dict[str, Statistic | float] = {}
    of_baselines: dict[str, Measured] = {}
    recommended = Recommended()
    ranks: dict[str, Codes] = {}
    ratings: dict[str, Ratings] = {}
    index: IndexReport | None = None
    ruled: MeasuredRules | None = None
    if model.index is not None:
        # Baselines are NumPy's work, much of the model's is one operation after another.
        with begun(lambda: held_out) if of_others is None else nullcontext(of_others) as others:
            ranked, index = _retrieve(model, spec, examples, held_out)
            recommended = others.result()
        of_model |= of_ranking(ranked, held_out)
        # In no list that the model does not serve.
        of_baselines |= {
            baseline: {name: one for name, one in measured.items() if name in of_model}
            for baseline, measured in recommended.measured.items()
        }
        ranks = {MODEL: ranked.ranks, **recommended.ranks}
        if rules is not None:
            ruled = measure_rules(model, spec, examples, held_out, ranked, rules)
    if spec.label_key is not None:
        found = rated(model, spec, examples, held_out)
        of_model |= found.of_model
        of_baselines |= found.of_baselines
        ratings = {MODEL: found.model, **found.baselines}
    summary = summarize(of_model, of_baselines, held_out.customers)
    return Evaluation(
        MetricsReport(
            metrics=summary.metrics,
            intervals=summary.intervals,
            baselines=summary.baselines,
            differences=summary.differences,
            skipped=recommended.skipped,
            varying_attributes=varying_attributes(spec, examples),
            protocol=protocol,
            rows=examples.rows,
            index=index,
            rules=ruled,
        ),
        Replicates(
            holdout_fingerprint=protocol.holdout_fingerprint,
            customers=held_out.customers,
            metrics=summary.replicates,
        ),
        measure_segments(
            spec,
            examples,
            held_out,
            Sources(ranks, recommended.expected, ratings),
            protocol.holdout_fingerprint,
        ),
    )


def _retrieve(
    model: ServedModel, spec: ExamplesSpec, examples: Examples, held_out: HeldOut
) -> tuple[Ranked, IndexReport]:
    """Embeds the held-out rows part by part, and ranks each part at once."""
    signatures = model.signatures
    ranked, candidates, first = by_towers(model, examples.eval, examples.candidates, held_out)
    if "candidates" in signatures:
        ranked = reranked(model, spec, examples, held_out, ranked.ranks)
    rows = examples.eval.slice(0, _INDEX_ROWS)
    of_index = "retrieve" if "retrieve" in signatures else "serving_default"
    served = apply(signatures[of_index], rows, "candidate_ids")
    ids = pa.array(served.ravel(), pa.binary()).cast(pa.string())
    chosen = places(ids, examples.candidates[spec.product_key]).reshape(served.shape)
    recall = share_of_best(first, candidates, chosen)
    return ranked, IndexReport.model_validate({**(model.index or {}), "recall": recall})


def rated(
    model: ServedModel, spec: ExamplesSpec, examples: Examples, held_out: HeldOut
) -> RatingResults:
    """How a model that rates does. Raises JobFailedError: its ratings are not finite."""
    rate = model.signatures["serving_default" if model.index is None else "rating"]
    predicted = _finite(apply(rate, examples.eval, "rating"), "ratings").astype(np.float64)
    assert spec.label_key is not None
    train_labels, labels = (
        _numbers(rows[spec.label_key]) for rows in (examples.train, examples.eval)
    )
    return rating_results(predicted, train_labels, labels, held_out)


def by_towers(
    model: ServedModel, rows: pa.Table, products: pa.Table, held_out: HeldOut
) -> tuple[Ranked, Floats, Floats]:
    """Embeds held-out rows part by part, and ranks each part at once among all products.

    Returns:
        The ranks; the products' embeddings; those of the first queries.

    Raises:
        JobFailedError: an embedding or a score is not finite.
    """
    candidates = apply(model.signatures["candidate_embedding"], products, "embedding")
    parts: list[Ranked] = []
    first: list[Floats] = []
    done = 0
    for queries in applied(model.signatures["query_embedding"], rows, "embedding"):
        part = slice(done, done + len(queries))
        try:
            parts.append(rank(queries, candidates, held_out.product[part], held_out.first[part]))
        except ValueError as error:
            raise JobFailedError(str(error)) from error
        first.append(queries[: max(0, _INDEX_ROWS - done)])
        done += len(queries)
    ranked = Ranked(
        np.concatenate([part.ranks for part in parts]),
        np.concatenate([part.lists for part in parts]),
    )
    return ranked, candidates, np.concatenate(first)


def sample_tensors(model: ServedModel, spec: ExamplesSpec, examples: Examples) -> SampleTensors:
    """Both towers' inputs for the customers and the products with the most training rows."""
    customers, products = (
        _most_frequent(examples.train[key]) for key in (spec.customer_key, spec.product_key)
    )
    queries = _first_rows(examples.train, spec.customer_key, customers)
    candidates = _first_rows(examples.candidates, spec.product_key, products)
    sides = (
        apply(model.tensor_signature(side), rows, "tensor").tolist()
        for side, rows in (("query", queries), ("candidate", candidates))
    )
    return SampleTensors(
        **{
            side: dict(zip(ids, tensors, strict=True))
            for side, ids, tensors in zip(
                ("customers", "products"), (customers, products), sides, strict=True
            )
        }
    )


def _most_frequent(ids: pa.ChunkedArray) -> list[str]:
    """Of ids that are as frequent, the first in their order."""
    counted = pc.value_counts(ids)
    table = pa.table({"id": counted.field("values"), "times": counted.field("counts")})
    ordered = table.sort_by([("times", "descending"), ("id", "ascending")])
    found: list[str] = ordered["id"].slice(0, _SAMPLES).to_pylist()
    return found


def _first_rows(rows: pa.Table, key: str, wanted: list[str]) -> pa.Table:
    """The first row of each id. Args: wanted: ids that there are."""
    first = [pc.index(rows[key], one).as_py() for one in wanted]
    # Not `take`, which puts all rows of the table into one piece of memory.
    return pa.concat_tables([rows.slice(place, 1) for place in first]).combine_chunks()


def _finite(values: npt.NDArray[Any], what: str) -> npt.NDArray[Any]:
    if bad := int(np.sum(~np.isfinite(values))):
        raise JobFailedError(
            f"{bad} of {len(values)} {what} are not finite: the model diverged. "
            "Lower the learning rate."
        )
    return values


def _numbers(column: pa.ChunkedArray) -> Reals:
    values: Reals = column.to_numpy().astype(np.float64)
    return values
