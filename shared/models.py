"""The two kinds of pydantic models that documents are made of."""

from __future__ import annotations

import inspect
import math
import textwrap
from datetime import UTC, datetime
from typing import Annotated, Any, ClassVar, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict


def _utc(moment: datetime) -> datetime:
    """In UTC; one without a zone is meant so. A moment that UTC has not is an error."""
    try:
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except OverflowError:
        raise ValueError("The moment is beyond the calendar.") from None


# A time that can be compared with any other, whoever wrote it.
Moment = Annotated[datetime, AfterValidator(_utc)]


class SpecModel(BaseModel):
    """A part of a document that users write: unknown fields and NaN are errors."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    item_noun: ClassVar[str] = "number"  # of one in a list, before its place: `layer 2`

    @property
    def item_key(self) -> str | None:
        """What tells it from others of a list, wherever it stands; None: only its place does."""
        return None

    def item_words(self) -> str | None:
        """What it is, within a sentence about what has it; None: its settings say that."""
        return None


ModelT = TypeVar("ModelT", bound=SpecModel)


class StatusModel(BaseModel):
    """A part of a document that the system writes: unknown fields come from newer versions. Numbers
    that JSON has not, it never writes. Errors do not show what they met, such as a customer's id:
    they end in logs."""

    model_config = ConfigDict(extra="ignore", allow_inf_nan=False, hide_input_in_errors=True)


def with_inherited_attributes(model: type[ModelT]) -> type[ModelT]:
    """Gives a model's docstring what those of its bases say of their fields."""
    told = [
        attributes.strip("\n")
        for base in reversed(model.__mro__)
        if (attributes := _attributes(base))
    ]
    summary = inspect.cleandoc(model.__doc__ or "").partition("\n\nAttributes:\n")[0]
    model.__doc__ = "\n".join([f"{summary}\n\nAttributes:", *told])
    return model


def _attributes(model: type) -> str:
    """What a docstring says after `Attributes:`, indented by four."""
    own = inspect.cleandoc(model.__doc__ or "") if issubclass(model, SpecModel) else ""
    lines = own.rpartition("Attributes:\n")[2] if "Attributes:\n" in own else ""
    return textwrap.indent(textwrap.dedent(lines), "    ")


def is_finite(value: Any) -> bool:
    """Whether all numbers in a model, or in a list or mapping of models, are finite."""
    left = [value]
    for item in left:
        if isinstance(item, float):
            if not math.isfinite(item):
                return False
        elif isinstance(item, dict):
            left += item.values()
        elif isinstance(item, list):
            left += item
        elif isinstance(item, BaseModel):
            left += item.__dict__.values()
    return True
