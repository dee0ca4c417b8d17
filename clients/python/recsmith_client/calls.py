"""A request of the API as a value, which either client carries out."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar
from urllib.parse import quote

from pydantic import BaseModel

T = TypeVar("T")
Query = Mapping[str, str | int | float | bool | None]
Json = Mapping[str, Any]  # a body that is no model; its values may be some


@dataclass(frozen=True)
class Call(Generic[T]):
    """One request. Made again, one with an Idempotency-Key creates nothing more.

    Attributes:
        answer: what a success's body is read as: a type of JSON, `bytes` of a file, None of none.
        body: a model, or what JSON can be made of; None for none.
    """

    method: str
    path: str
    answer: Any
    query: Query = field(default_factory=dict)
    headers: Mapping[str, str | None] = field(default_factory=dict)
    body: Any = None

    @property
    def repeatable(self) -> bool:
        """Whether the server makes no difference between once and twice."""
        return self.method == "GET" or self.headers.get("Idempotency-Key") is not None


@dataclass(frozen=True)
class Events(Generic[T]):
    """A stream of a document's states, the present one first.

    Attributes:
        of: what each event is read as.
    """

    path: str
    of: type[T]
    last_event_id: str | None = None


def segment(value: str | int) -> str:
    """A part of a path, whatever characters it has.

    Raises:
        ValueError: it would lead elsewhere.
    """
    if value in ("", ".", ".."):
        raise ValueError(f"{value!r} is no id.")
    return quote(str(value), safe="")


def new_key() -> str:
    return str(uuid.uuid4())


def written(body: Any) -> Any:
    """A body as JSON has it: of models only what was set."""
    if isinstance(body, BaseModel):
        return body.model_dump(mode="json", by_alias=True, exclude_unset=True)
    if isinstance(body, Mapping):
        return {key: written(one) for key, one in body.items()}
    return [written(one) for one in body] if isinstance(body, list | tuple) else body
