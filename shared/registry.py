"""Which version of a registered model an alias means: the contract between the registry, which
writes it, and whoever serves or fills tables, which reads nothing else.

It is one small file in the store of artifacts, replaced whole whenever an alias moves. A server
needs no document store, and holds what it last read for true as long as the file stands.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from shared.online.assignment import MOST_VERSIONS, sum_to_all
from shared.paths import check_key


class Alias(StrEnum):
    """What versions are called by what they are for."""

    PRODUCTION = "production"
    PREVIOUS = "previous"  # what production was before, to roll back to


class ServedVersion(BaseModel):
    """A version that can be served.

    Attributes:
        version: counted from 1 within its model.
        quick_test_id: the full training that made it.
        artifacts_uri: the job's folder. In the file it is a key in the store that the file lies in,
            which may be copied or moved with all that it holds; `Pointer.resolved` makes the URI of
            it. Files of before hold the URI.
    """

    model_config = ConfigDict(frozen=True)

    version: int = Field(ge=1)
    quick_test_id: str
    artifacts_uri: str


VersionT = TypeVar("VersionT", bound=ServedVersion)


class ServedShare(ServedVersion):
    """A version of an experiment. `share_percent` of customers get it."""

    share_percent: float = Field(gt=0, lt=100)


class ServedExperiment(BaseModel):
    """Versions that answer beside each other (`shared/online/assignment.py`).

    Attributes:
        versions: the control first, which is the version in production.
        began_at: ISO 8601.
    """

    model_config = ConfigDict(frozen=True)

    id: str
    salt: str = Field(min_length=1)
    began_at: str
    versions: tuple[ServedShare, ...] = Field(min_length=2, max_length=MOST_VERSIONS)

    @model_validator(mode="after")
    def _all_customers(self) -> Self:
        if not sum_to_all([one.share_percent for one in self.versions]):
            raise ValueError("The shares of an experiment's versions do not sum to 100%.")
        return self


class Pointer(BaseModel):
    """What a registered model's aliases mean now.

    Attributes:
        model_id: the registered model's document.
        name: its name, as people gave it.
        revision: raised by one with every change; an older one is never written over a newer.
        aliases: versions by alias; none before the first promotion.
        experiment: that runs with the version in production; None where none does.
    """

    model_config = ConfigDict(frozen=True)

    model_id: str
    name: str
    revision: int = Field(ge=1)
    aliases: dict[Alias, ServedVersion] = {}
    experiment: ServedExperiment | None = None

    def experiment_of(self, alias: Alias) -> ServedExperiment | None:
        """The experiment that whoever follows an alias takes part in: that of the version in
        production, where it is the control."""
        experiment, served = self.experiment, self.aliases.get(alias)
        if experiment is None or served is None or alias is not Alias.PRODUCTION:
            return None
        return experiment if experiment.versions[0].version == served.version else None

    def resolved(self, uri: Callable[[str], str]) -> Pointer:
        """The same with URIs of the versions' folders.

        Args:
            uri: that of a key in the store.

        Raises:
            ValueError: a folder is neither a URI nor a key.
        """

        def placed(version: VersionT) -> VersionT:
            return version.model_copy(update={"artifacts_uri": _resolved(version, uri)})

        aliases = {alias: placed(one) for alias, one in self.aliases.items()}
        experiment = self.experiment
        if experiment is not None:
            versions = tuple(placed(one) for one in experiment.versions)
            experiment = experiment.model_copy(update={"versions": versions})
        return self.model_copy(update={"aliases": aliases, "experiment": experiment})

    def within(self, store: str) -> Pointer:
        """The same, for a store that is known by the URI or path of its folder."""
        return self.resolved(lambda key: f"{store.rstrip('/')}/{key}")


def _resolved(version: ServedVersion, uri: Callable[[str], str]) -> str:
    place = version.artifacts_uri
    if "://" in place or place.startswith("/"):
        return place
    check_key(place)
    return uri(place)


class PointerError(ValueError):
    """What lies where a pointer belongs is not the pointer of that model; the message says why."""


def parse_pointer(content: bytes, model_id: str) -> Pointer:
    """The pointer of a model as it was read, with keys as they stand in it.

    Raises:
        PointerError: it is malformed, or that of another model.
    """
    try:
        pointer = Pointer.model_validate_json(content)
    except ValidationError as error:
        told = error.errors(include_input=False)[0]["msg"]
        raise PointerError(f"The pointer of model {model_id!r} is malformed: {told}.") from None
    if pointer.model_id != model_id:
        raise PointerError(
            f"The pointer of model {model_id!r} is that of another one, {pointer.model_id!r}."
        )
    return pointer


def pointer_key(model_id: str) -> str:
    """Where the pointer lies in the store of artifacts."""
    return f"registry/{model_id}/pointer.json"
