"""What people mark runs with, to find them again."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import AfterValidator, Field, ValidationError, field_validator

from shared.documents.base import Document, SpecT, StatusT
from shared.models import SpecModel

MOST_TAGS = 20


def _tag(text: str) -> str:
    """Lists of tags are parted by commas."""
    if "," in text or text != text.strip() or not text.isprintable():
        raise ValueError(
            "A tag has no comma, no line break, and no space at either end: for the paper."
        )
    return text


Tag = Annotated[str, Field(min_length=1, max_length=40), AfterValidator(_tag)]


class Marks(SpecModel):
    """How somebody has sorted a run; nothing follows from it but how it is listed.

    Attributes:
        tags: each once.
        pinned: it comes first.
        archived: lists leave it out unless asked for it.
    """

    tags: list[Tag] = Field(default=[], max_length=MOST_TAGS)
    pinned: bool = False
    archived: bool = False


class MarkedDocument(Document[SpecT, StatusT]):
    """A document with marks, which have no revision and set off no event."""

    marks: Marks = Marks()

    @field_validator("marks", mode="before")
    @classmethod
    def _readable(cls, marks: Any) -> Marks:
        return read_marks({"marks": marks})


def read_marks(data: Any) -> Marks:
    """The marks of a stored document; none where they are missing or unreadable."""
    try:
        return Marks.model_validate((data or {}).get("marks") or {}, extra="ignore")
    except (ValidationError, AttributeError):
        return Marks()
