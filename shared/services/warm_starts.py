"""Trainings that begin with the weights of an earlier one: which may, and what the two have in
common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from shared.codegen import Plan
from shared.codegen.plan import PlannedCross, PlannedFeature, TowerPlan
from shared.documents.quick_test import QuickTest, QuickTestSpec, TestState
from shared.documents.registered_model import BeganFrom
from shared.errors import NotFoundError
from shared.jobs import WEIGHTS_FILE, WarmStart, WarmTable
from shared.places import model_folder
from shared.ports import Ports
from shared.problems import InvalidError, Problem, listed
from shared.services.inputs import launched_test, pinned_inputs
from shared.transforms.base import Output
from shared.wording import percentage

_PATH = "spec.warm_start_test_id"
_ATTRIBUTES = {"buyer": "query_tower", "product": "candidate_tower"}


@dataclass
class Agreement:
    """What two trainings' models have in common, by the names of
    `trainer_image.training.weights`."""

    tables: list[WarmTable] = field(default_factory=list)
    parts: list[str] = field(default_factory=list)


def agreement(plan: Plan, earlier: Plan) -> Agreement:
    """Tables and maps of a column are alike where they have the same place, width and settings;
    a tower's layers where all that they read and all of them are; the rating head's where those of
    both towers are, and its own."""
    found = Agreement()
    alike = True
    for tower, other in zip(plan.towers, earlier.towers, strict=True):
        mine, others = dict(_outputs(tower)), dict(_outputs(other))
        attribute = _ATTRIBUTES[tower.tower]
        vocabularies = {one.key for one in tower.features if one.feature.vocabulary is not None}
        for (column, key), output in mine.items():
            if others.get((column, key)) != output:
                continue
            if output.pool is not None:
                name = f"{attribute}/pools/{key}"
                found.parts.append(f"{name}/mix")
                products = _embedding(plan.product, column), _embedding(earlier.product, column)
                if output.pool.own_table and products[0] == products[1] and products[0] is not None:
                    found.tables.append(
                        WarmTable(
                            name=f"{name}/table",
                            column=column,
                            vocabulary=products[0].key,
                            oov_buckets=products[0].oov_buckets,
                        )
                    )
            elif output.embedded:
                found.tables.append(
                    WarmTable(
                        name=f"{attribute}/embeddings/{key}",
                        column=column,
                        vocabulary=key if key in vocabularies else None,
                        oov_buckets=output.oov_buckets,
                    )
                )
            elif output.array is not None and output.array.projected:
                found.parts.append(f"{attribute}/projections/{key}/")
        layers = plan.model.layers(tower.tower), earlier.model.layers(tower.tower)
        if [*mine.items()] == [*others.items()] and layers[0] == layers[1]:
            found.parts.append(f"{attribute}/dense/")
        else:
            alike = False
    shares = plan.model.share_tower_weights, earlier.model.share_tower_weights
    if shares[0] != shares[1]:
        alike = False
        found.parts = [one for one in found.parts if not one.endswith("/dense/")]
    heads = plan.model.rates and earlier.model.rates
    if alike and heads and plan.model.rating_head_layers == earlier.model.rating_head_layers:
        found.parts.append("rating_head/")
    return found


def _outputs(tower: TowerPlan) -> Iterator[tuple[tuple[str, str], Output]]:
    """What a tower reads, by column and key, in its order."""
    for part in tower.parts:
        for output in part.outputs:
            yield (_column(part), output.key), output


def _column(part: PlannedFeature | PlannedCross) -> str:
    parts = part.parts if isinstance(part, PlannedCross) else (part,)
    return " × ".join(one.raw.column for one in parts)


def _embedding(products: TowerPlan, column: str) -> Output | None:
    try:
        return products.embedding_of(column)
    except StopIteration:
        return None


def check_warm_start(spec: QuickTestSpec, plan: Plan, ports: Ports) -> list[Problem]:
    """Why a full training cannot begin with the weights that its spec names."""
    test_id = spec.warm_start_test_id
    if test_id is None:
        return []
    found = _warm_start(spec, plan, test_id, ports)
    return [found] if isinstance(found, Problem) else []


def warm_start(spec: QuickTestSpec, plan: Plan, ports: Ports) -> WarmStart | None:
    """What a job begins with. Raises InvalidError."""
    if spec.warm_start_test_id is None:
        return None
    found = _warm_start(spec, plan, spec.warm_start_test_id, ports)
    if isinstance(found, Problem):
        raise InvalidError([found])
    return found


def _warm_start(spec: QuickTestSpec, plan: Plan, test_id: str, ports: Ports) -> WarmStart | Problem:
    def problem(code: str, message: str) -> Problem:
        return Problem(path=_PATH, code=code, message=message, received=test_id)

    if spec.purpose != "full_training":
        return problem(
            "warm_start_of_quick_test",
            "Only a full training begins with the weights of another. Leave this out, or set "
            "purpose to full_training.",
        )
    try:
        earlier = launched_test(test_id, ports)
    except NotFoundError:
        return problem(
            "unknown_full_training",
            f"There is no full training {test_id!r}. Give the id of one that exists, or leave this "
            "out to train from scratch.",
        )
    except InvalidError as invalid:
        return problem(
            "invalid_full_training",
            f"Full training {test_id!r} cannot be read. {listed(invalid.problems)}",
        )
    if (why := _no_weights(earlier, ports)) is not None:
        return problem("no_weights", f"{why} Leave this out to train from scratch.")
    assert earlier.status.pinned is not None
    try:
        other = pinned_inputs(earlier.spec, earlier.status.pinned, ports).plan
    except (NotFoundError, InvalidError) as error:
        return problem(
            "invalid_full_training",
            f"What {earlier.name!r} was made from can no longer be read: {error}",
        )
    if (why := _unlike(plan, other)) is not None:
        return problem("unfit_weights", f"{why} Leave this out to train from scratch.")
    common = agreement(plan, other)
    if not common.tables:
        return problem(
            "nothing_in_common",
            f"The models have no embedding table in common with {earlier.name!r}: none of the same "
            "column, settings and width. Leave this out to train from scratch.",
        )
    return WarmStart(
        quick_test_id=test_id,
        artifacts_uri=model_folder(test_id, ports.artifacts),
        tables=common.tables,
        parts=common.parts,
    )


def _no_weights(earlier: QuickTest, ports: Ports) -> str | None:
    if earlier.spec.purpose != "full_training":
        return f"{earlier.name!r} is a quick test, whose weights are not kept."
    if earlier.status.state is not TestState.COMPLETED or earlier.status.pinned is None:
        return (
            f"{earlier.name!r} is {earlier.status.state}; only a completed full training has "
            "weights to begin with."
        )
    if not ports.artifacts.exists(f"{model_folder(earlier.id, ports.artifacts)}/{WEIGHTS_FILE}"):
        return (
            f"{earlier.name!r} has left no weights to begin with: its files are gone, or it was "
            "trained by a version of Recsmith that did not keep them."
        )
    return None


def _unlike(plan: Plan, earlier: Plan) -> str | None:
    """Why rows that judge the one may have been trained on by the other, or mean something else."""
    mine, others = plan.examples, earlier.examples
    if plan.dataset.id != earlier.dataset.id:
        return f"The weights are of another dataset, {earlier.dataset.name!r}."
    if (mine.split, others.split) != ("temporal", "temporal"):
        return (
            "Only of a temporal split is it known that the earlier weights were trained on none of "
            "the rows that are held out now."
        )
    for what, now, then in (
        ("holds out", mine.holdout_fraction, others.holdout_fraction),
        ("keeps for early stopping and re-ranking", mine.fitting_fraction, others.fitting_fraction),
    ):
        if now > then:
            return (
                f"This training {what} the latest {percentage(100 * now)} of the rows, the earlier "
                f"one {percentage(100 * then)}: it may have been trained on what judges this one."
            )
    return None


def began_from(spec: QuickTestSpec, ports: Ports) -> BeganFrom | None:
    """The version that a full training's weights began from, as it is registered now."""
    if spec.warm_start_test_id is None:
        return None
    try:
        registered = launched_test(spec.warm_start_test_id, ports).status.registered
    except (NotFoundError, InvalidError):
        registered = None
    return BeganFrom(
        quick_test_id=spec.warm_start_test_id,
        model_id=registered.model_id if registered else None,
        version=registered.version if registered else None,
    )
