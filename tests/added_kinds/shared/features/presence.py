"""Whether a column has a value: 1 or 0."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from shared.columns import Column, ColumnType, RawType
from shared.features.base import FeatureModel, Part
from shared.problems import Problem
from shared.transforms.base import Code, Output, Read, output_target

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf


class Presence(FeatureModel):
    """Whether a column has a value."""

    label: ClassVar[str] = "Presence"
    help: ClassVar[str] = "One number: whether there is a value."
    column_types: ClassVar[tuple[ColumnType, ...]] = (ColumnType.STRING,)
    raw: ClassVar[RawType] = RawType.TEXT
    endings: ClassVar[tuple[str, ...]] = ("presence",)

    type: Literal["presence"] = "presence"
    weight: float = Field(default=1.0, gt=0, le=8)

    def parts(self, key: str) -> list[Part]:
        return [Part(f"{self.column}_presence", (Output(f"{key}_presence", 1, "float32"),))]

    def code(self, key: str, read: Read) -> list[Code]:
        target = output_target(f"{key}_presence")
        return [Code(target, presence, (read.raw, f"weight={self.weight!r}"))]

    def in_words(self) -> str:
        return f"presence, weight {self.weight:g}"

    def check(self, path: str, column: Column | None) -> Iterator[Problem]:
        if column is not None and column.statistics and not column.statistics.null_count:
            yield Problem(
                path=f"{path}.column",
                code="always_present",
                message=f"Column {self.column!r} always has a value.",
                received=self.column,
                level="warning",
            )


def presence(values: tf.Tensor, weight: float) -> tf.Tensor:
    """`weight` where there is a value, 0 elsewhere."""
    return weight * tf.cast(values != "", tf.float32)
