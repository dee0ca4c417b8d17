"""Another model over this job's held-out rows, as it serves: what a challenger is held against.

A model that was trained earlier was measured on other rows. Here it answers the newest ones with
what it has: its own products and the histories that it has stored. What it does not know it
recommends to nobody, so that a held-out row of such a product counts as not found.
"""

from __future__ import annotations

import logging
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from shared.arrays import Integers
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec
from shared.jobs import ChampionReport, JobRequest, MetricsReport, Replicates
from shared.measuring import HeldOut, Ranked
from shared.metrics import of_ranking
from shared.statistics import Statistic
from trainer_image.evaluation.evaluate import by_towers, rated
from trainer_image.evaluation.held_out import numbered, places
from trainer_image.evaluation.protocol import protocol_of
from trainer_image.evaluation.reranked import reranked
from trainer_image.evaluation.summary import summarize
from trainer_image.examples.read import Examples
from trainer_image.examples.tables import read_parquet, read_split
from trainer_image.job.locations import Locations, open_file, path_of
from trainer_image.job.status import JobFailedError
from trainer_image.job.store import check_inside
from trainer_image.serving.served import ServedModel, load_model

_log = logging.getLogger(__name__)

# The rank of what a model does not know: found at no k.
_NOWHERE = 2**40


class _CannotBeComparedError(Exception):
    """In words that follow "it could not be measured over the newer rows:"."""


def measure_champion(request: JobRequest, examples: Examples, output: Locations) -> None:
    """Writes the ChampionReport of the model that the request names, if it names one. Whatever
    keeps that model from being measured is written down, and keeps nothing else."""
    if request.champion is None:
        return
    test_id = request.champion.quick_test_id
    try:
        check_inside(request.champion.artifacts_uri)
        own = Locations(path_of(request.champion.artifacts_uri))
        report = _measured(test_id, own, request.examples, examples)
    except Exception as error:
        _log.warning("Full training %s could not be measured.", test_id, exc_info=True)
        report = ChampionReport(quick_test_id=test_id, problem=_in_words(error))
    with open_file(output.champion, "w") as file:
        file.write(report.model_dump_json())


def _in_words(error: Exception) -> str:
    """Nothing of the data: this is told to channels."""
    if isinstance(error, _CannotBeComparedError):
        return str(error)
    if isinstance(error, JobFailedError):
        return "its scores over them are not finite"
    if isinstance(error, KeyError | pa.ArrowInvalid):
        return "it takes other columns than this training reads"
    if isinstance(error, OSError) or type(error).__name__ == "NotFoundError":
        return "its files are gone or cannot be read"
    return f"its model could not be asked ({type(error).__name__})"


def _measured(
    test_id: str, own: Locations, spec: ExamplesSpec, examples: Examples
) -> ChampionReport:
    model = load_model(own.model)
    _check_unseen(own, spec, examples)
    held_out = numbered(spec, examples)
    protocol = protocol_of(spec, examples, held_out)
    found: dict[str, Statistic | float] = {}
    if model.index is not None:
        found |= of_ranking(_ranked(model, own, spec, examples, held_out), held_out)
    if spec.label_key is not None:
        found |= rated(model, spec, examples, held_out).of_model
    # Those that customers are drawn anew for; others are of no pair.
    means = {name: one for name, one in found.items() if not isinstance(one, float)}
    summary = summarize(means, {}, held_out.customers)
    return ChampionReport(
        quick_test_id=test_id,
        report=MetricsReport(
            metrics=summary.metrics,
            intervals=summary.intervals,
            baselines={},
            protocol=protocol,
        ),
        replicates=Replicates(
            holdout_fingerprint=protocol.holdout_fingerprint,
            customers=held_out.customers,
            metrics=summary.replicates,
        ),
    )


def _check_unseen(own: Locations, spec: ExamplesSpec, examples: Examples) -> None:
    """Raises _CannotBeComparedError where rows are held out that the model may have been trained
    on: those of a temporal split that are not later than all that it was trained on."""
    if spec.split != "temporal" or len(examples.eval) == 0:
        return
    trained = pc.max(read_parquet(own.times("train"))["time"]).as_py()
    first = pc.min(examples.eval_times).as_py()
    if trained is not None and first is not None and trained > first > MISSING_TIMESTAMP:
        raise _CannotBeComparedError(
            "it was trained on some of them, or on later ones; the data reaches no further than "
            "it did then"
        )


def _ranked(
    model: ServedModel,
    own: Locations,
    spec: ExamplesSpec,
    examples: Examples,
    held_out: HeldOut,
) -> Ranked:
    """Ranks among the model's own products, in its own numbers."""
    products = read_split(own, "candidates")
    known = places(examples.candidates[spec.product_key], products[spec.product_key])
    # What it does not know comes after all that it does: there are no two products of one number.
    number: Integers = np.where(known >= 0, known, len(products) + np.arange(len(known)))
    mine = replace(
        held_out,
        candidates=len(products) + len(known),
        product=number[held_out.product],
        train_product=np.where(
            held_out.train_product >= 0, number[held_out.train_product], held_out.train_product
        ),
        category=None,
    )
    unknown = mine.product >= len(products)
    answerable = replace(mine, product=np.where(unknown, 0, mine.product))
    towers, _, _ = by_towers(model, examples.eval, products, answerable)
    ranks = np.where(unknown, _NOWHERE, towers.ranks)
    if "candidates" not in model.signatures:
        return Ranked(ranks, towers.lists)
    listed = reranked(model, spec, examples, mine, ranks)
    in_list = None if listed.in_list is None else np.where(unknown, _NOWHERE, listed.in_list)
    return Ranked(np.where(unknown, _NOWHERE, listed.ranks), listed.lists, in_list)
