"""What all documents have in common: identity, a user's spec beside the system's status."""

from __future__ import annotations

import hashlib
import json
import math
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.errors import noun
from shared.models import Moment, SpecModel, StatusModel
from shared.problems import InvalidError, Problem, from_pydantic


class Collection(StrEnum):
    """The collections of the document store."""

    DATASETS = "datasets"
    FEATURE_CONFIGS = "feature_configs"
    MODEL_CONFIGS = "model_configs"
    QUICK_TESTS = "quick_tests"
    SWEEPS = "sweeps"
    TUNINGS = "tunings"
    REGISTERED_MODELS = "registered_models"
    RULE_SETS = "rule_sets"
    SCHEDULES = "schedules"

    @property
    def noun(self) -> str:
        """What one of its documents is called: `feature config`."""
        return noun(self.value)

    def path(self, document_id: str) -> str:
        return f"{self.value}/{document_id}"


class ValidationState(StrEnum):
    PENDING = "pending"
    WAITING = "waiting"  # for something it depends on, e.g. a dataset still being profiled
    VALID = "valid"
    INVALID = "invalid"


class Validation(StatusModel):
    """The verdict on one revision of a document's spec."""

    state: ValidationState = ValidationState.PENDING
    revision: int = 0
    problems: list[Problem] = []
    waiting_for: str | None = None
    checked_at: Moment | None = None


class Observed(StatusModel):
    """The last spec that the system has numbered."""

    revision: int = 0
    spec_hash: str = ""


class Status(StatusModel):
    observed: Observed = Observed()
    validation: Validation = Validation()

    def validated(self, revision: int) -> bool:
        """Whether this very revision was found valid."""
        return (
            self.validation.revision == revision and self.validation.state is ValidationState.VALID
        )


class CodeArtifact(StatusModel):
    """A generated module, stored under its content hash."""

    uri: str
    sha256: str


# Of arrays and objects in each other. Our own specs have six; Firestore takes twenty.
MAX_DEPTH = 100

SpecT = TypeVar("SpecT", bound=SpecModel)
StatusT = TypeVar("StatusT", bound=Status)

Name = Annotated[str, Field(min_length=1, max_length=255)]
Description = Annotated[str, Field(max_length=4000)]


class ManagedBy(SpecModel):
    """The file that a document is kept in, where changes of it belong.

    Attributes:
        path: within the folder or repository that was applied.
        revision: of the document, that the file was applied as; the system says it. A later one
            was written by other means.
    """

    path: str = Field(min_length=1, max_length=1000)
    revision: int = Field(default=0, ge=0)


class Document(BaseModel, Generic[SpecT, StatusT]):
    """A document as the store holds it.

    Users write `name`, `description` and `spec`; `status` is the system's. `revision` counts the
    changes of `spec`, from 1. `managed_by` is null unless `recsmith apply` wrote it.
    """

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False)

    id: str
    name: Name
    description: Description = ""
    spec: SpecT
    revision: int = Field(default=1, ge=1)
    created_at: Moment | None = None
    updated_at: Moment | None = None
    created_by: str | None = None
    managed_by: ManagedBy | None = None
    status: StatusT

    def data(self) -> dict[str, Any]:
        """The document as JSON data, as stored (the id is the key, not a field)."""
        return self.model_dump(mode="json", exclude={"id"})


DocumentT = TypeVar("DocumentT", bound=Document[Any, Any])


def parse(
    kind: type[DocumentT],
    document_id: str,
    data: Any,
    tags: frozenset[str] = frozenset(),
    *,
    unknown: Literal["refused", "passed over"] = "refused",
) -> DocumentT:
    """A stored document, checked.

    Nothing read from the store is trusted: a console or a script may have written anything. An
    unreadable `status` is dropped, for the system writes it anew; everything else must be right.

    Args:
        unknown: what becomes of fields of the spec that nobody here knows: mistyped, or a newer
            version's.

    Raises:
        InvalidError: with one problem for each wrong field.
    """
    if not isinstance(data, dict):
        raise InvalidError(
            [Problem(path="", code="not_an_object", message="A document is an object.")]
        )
    fields = {key: value for key, value in data.items() if value is not None and key != "status"}
    if not isinstance(fields.get("revision"), int) or fields["revision"] < 1:
        fields["revision"] = 1
    deep = [key for key, value in fields.items() if _deeper_than(MAX_DEPTH, value)]
    if deep:
        message = f"Arrays and objects lie in each other at most {MAX_DEPTH} deep."
        raise InvalidError(Problem(path=key, code="too_deep", message=message) for key in deep)
    for stamp in ("created_at", "updated_at", "created_by"):
        if not isinstance(fields.get(stamp), str | datetime):
            fields.pop(stamp, None)
    fields["managed_by"] = read_owner(data)
    status_kind = kind.model_fields["status"].annotation
    assert isinstance(status_kind, type)
    assert issubclass(status_kind, Status)
    try:
        return kind.model_validate(
            {**fields, "id": document_id, "status": read_status(status_kind, data)},
            extra="ignore" if unknown == "passed over" else None,
        )
    except ValidationError as error:
        raise InvalidError(from_pydantic(error, "", tags)) from None


def _deeper_than(levels: int, value: Any) -> bool:
    """Level by level, for recursion has limits of its own."""
    layer = [value]
    while layer and levels >= 0:
        layer = [
            item
            for outer in layer
            if isinstance(outer, dict | list)
            for item in (outer.values() if isinstance(outer, dict) else outer)
        ]
        levels -= 1
    return bool(layer)


def read_owner(data: Any) -> ManagedBy | None:
    """The file that a stored document names as its own; None where that is unreadable."""
    try:
        return ManagedBy.model_validate(data.get("managed_by"), extra="ignore")
    except ValidationError:
        return None


_Status = TypeVar("_Status", bound=Status)


def read_status(kind: type[_Status], data: Any) -> _Status:
    """The status of a stored document, or a fresh one where it is missing or unreadable."""
    try:
        return kind.model_validate((data or {}).get("status") or {}, extra="ignore")
    except (ValidationError, AttributeError):
        return kind()


def kept(stored: Any, before: Any, after: Any) -> Any:
    """What is to be stored where a change of what was understood of `stored`, which is `before`,
    has led to `after`: that, with whatever else was stored, which a newer version has written."""
    if isinstance(stored, dict) and isinstance(before, dict) and isinstance(after, dict):
        unknown = {key: value for key, value in stored.items() if key not in before}
        return unknown | {
            key: kept(stored[key], before[key], value) if key in stored and key in before else value
            for key, value in after.items()
        }
    lists = isinstance(stored, list) and isinstance(before, list) and isinstance(after, list)
    if lists and len(stored) == len(before):
        each = zip(stored, before, after, strict=False)
        same = [was if then == now else now for was, then, now in each]
        return same + after[len(same) :]
    return stored if before == after else after


def spec_hash(spec: Any) -> str:
    """SHA-256 of a spec as canonical JSON, whatever it contains."""
    text = json.dumps(
        _canonical(spec), sort_keys=True, separators=(",", ":"), ensure_ascii=True, default=str
    )
    return hashlib.sha256(text.encode()).hexdigest()


def _canonical(value: Any) -> Any:
    """One form per meaning: 1 and 1.0 are the same number in a JSON document."""
    if isinstance(value, dict):
        return {str(key): _canonical(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    if isinstance(value, float) and math.isfinite(value) and value.is_integer():
        return int(value)
    return value
