"""Which version is to be served, by the registry's pointer, and one that is loaded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any, Protocol

from shared.paths import check_key
from shared.predictions import Prediction, PredictionInputs, PredictionRequest
from shared.problems import InvalidError
from shared.registry import (
    Alias,
    Pointer,
    PointerError,
    ServedExperiment,
    ServedVersion,
    parse_pointer,
    pointer_key,
)
from shared.rules_of_lists import Rules
from shared.rules_of_lists.filters.excluded import Excluded
from shared.wording import alternatives
from trainer_image.job.locations import path_of, read_small
from trainer_image.job.status import describe
from trainer_image.job.store import is_inside

_FIRST_K = 10


class UnservableError(Exception):
    """What is to be served cannot be; the message says why."""


class Asked(Protocol):
    """What `Predictor` is to whoever serves it."""

    def describe(self, search: str | None, limit: int) -> PredictionInputs: ...

    def predict_many(
        self, requests: Sequence[PredictionRequest]
    ) -> list[Prediction | InvalidError]: ...


@dataclass(frozen=True)
class Version:
    """A version, as answers name it.

    Attributes:
        artifacts_uri: the job's folder.
        quick_test_id: the training that made it.
        model_id: the registered model; None for a folder that is served by itself.
        model_name: the registered model's name.
        version: counted within its model.
    """

    artifacts_uri: str
    quick_test_id: str
    model_id: str | None = None
    model_name: str | None = None
    version: int | None = None

    def told(self) -> dict[str, Any]:
        """As answers and the health route say it, without the folder."""
        return {
            "model_id": self.model_id,
            "model_name": self.model_name,
            "version": self.version,
            "quick_test_id": self.quick_test_id,
        }

    def __str__(self) -> str:
        if self.version is None:
            return f"quick test {self.quick_test_id!r}"
        return f"version {self.version} of model {self.model_name or self.model_id!r}"


@dataclass(frozen=True)
class Loaded:
    """A version in memory, which has answered."""

    version: Version
    predictor: Asked


def load(version: Version, make: Callable[[str], Asked]) -> Loaded:
    """Loads a version and asks it for one customer's best products, and for others: lists under
    rules may need the embeddings of all products, which are made when they are first asked for.

    Raises:
        UnservableError: the folder lacks what is needed, or no prediction comes of it.
    """
    try:
        predictor = make(version.artifacts_uri)
        inputs = predictor.describe(None, 1)
        first = PredictionRequest(
            customer_id=inputs.customers[0].customer_id, k=min(_FIRST_K, inputs.max_k)
        )
        (answer,) = predictor.predict_many([first])
        if isinstance(answer, Prediction) and answer.recommendations:
            but_best = Excluded(product_ids=[one.product_id for one in answer.recommendations])
            rules = Rules(filters=[but_best])
            predictor.predict_many([first.model_copy(update={"k": inputs.max_k, "rules": rules})])
    except FileNotFoundError as error:
        lacking = PurePath(str(error.filename)).name
        raise UnservableError(f"The folder of {version} lacks {lacking}.") from error
    except Exception as error:  # whatever TensorFlow says of half a model
        told = describe(error).partition("\n")[0]
        raise UnservableError(f"The folder of {version} cannot be served: {told}") from error
    if isinstance(answer, InvalidError):
        raise UnservableError(f"{version} refuses a customer of its own: {answer}")
    return Loaded(version, predictor)


def read_pointer(store: str, model_id: str) -> Pointer:
    """What a model's aliases mean now. Raises UnservableError."""
    try:
        key = pointer_key(model_id)
        check_key(key)
        content = read_small(path_of(f"{store.rstrip('/')}/{key}"))
        return parse_pointer(content, model_id).within(store)
    except PointerError as error:
        raise UnservableError(str(error)) from None
    except Exception as error:  # of a disk, or whatever TensorFlow says of a bucket
        raise UnservableError(
            f"The pointer of model {model_id!r} cannot be read: {type(error).__name__}."
        ) from error


def version_of(pointer: Pointer, alias: Alias, store: str) -> Version:
    """The version that an alias means.

    Raises:
        UnservableError: the alias means none, or one whose folder is outside of the store.
    """
    served = pointer.aliases.get(alias)
    if served is None:
        told = " yet: promote one"
        if pointer.aliases:
            told = f", only {alternatives(repr(one.value) for one in pointer.aliases)}"
        raise UnservableError(f"Model {pointer.name!r} has no {alias.value} version{told}.")
    version = _named(pointer, served)
    check_inside(version, store)
    return version


def versions_of(pointer: Pointer, experiment: ServedExperiment) -> dict[int, Version]:
    """An experiment's versions beside the control, by their numbers."""
    return {one.version: _named(pointer, one) for one in experiment.versions[1:]}


def check_inside(version: Version, store: str) -> None:
    """Raises UnservableError where a version's folder is outside of the store."""
    if not is_inside(version.artifacts_uri, store):
        raise UnservableError(
            f"Version {version.version} of model {version.model_name!r} lies outside of the store "
            "of artifacts."
        )


def _named(pointer: Pointer, served: ServedVersion) -> Version:
    return Version(
        artifacts_uri=served.artifacts_uri,
        quick_test_id=served.quick_test_id,
        model_id=pointer.model_id,
        model_name=pointer.name,
        version=served.version,
    )
