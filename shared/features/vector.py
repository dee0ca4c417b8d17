"""A column of vectors that another model made, such as embeddings of images or sentences."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, ClassVar, Literal

from pydantic import Field

from shared.columns import Column, ColumnType, RawType
from shared.columns.vectors import BETWEEN, NUMBER
from shared.features.base import FeatureModel, Part
from shared.literals import literal
from shared.problems import Problem
from shared.transforms.base import Array, Code, Output, Read, output_target

if TYPE_CHECKING:  # for what generated modules have of this file
    import tensorflow as tf

_ENDING = "vector"
# A row holds all of them: 4,096 are 16 KiB in each example.
MOST_NUMBERS = 4_096
# Fewer numbers in one text are a size or a place, such as "10 x 20".
_LEAST_NUMBERS = 4


class Vector(FeatureModel):
    """A column of vectors that another model made, such as embeddings of images or sentences: as
    many numbers in each row, as a list, or as text such as "[0.1, -2.5, 3e-2]" or "0.1 -2.5 0.03".
    A row whose vector is missing, is no vector, or has another number of numbers, has zeros.

    Attributes:
        dimensions: how many numbers a vector has.
        normalize: whether each is divided by its length, so that only its direction counts.
        projection: the width that a learned linear map takes it to; 0: as it is.
    """

    label: ClassVar[str] = "Vector"
    help: ClassVar[str] = "Embeddings that another model made, of images or sentences."
    position: ClassVar[int] = 7
    column_types: ClassVar[tuple[ColumnType, ...]] = (ColumnType.STRING,)
    raw: ClassVar[RawType] = RawType.TEXT
    endings: ClassVar[tuple[str, ...]] = (_ENDING,)

    type: Literal["vector"] = "vector"
    dimensions: int = Field(
        default=384,
        ge=2,
        le=MOST_NUMBERS,
        title="Dimensions",
        description="How many numbers a vector has.",
        examples=[128, 384, 512, 768],
    )
    normalize: bool = Field(
        default=True,
        title="Length 1",
        description="Each vector is divided by its length, so that only its direction counts.",
    )
    projection: int = Field(
        default=0,
        ge=0,
        le=512,
        title="Projection",
        description="The width that a learned linear map takes vectors to; with 0, they go into "
        "the tower as they are.",
        examples=[0, 16, 32, 64],
    )

    @classmethod
    def suggested(cls, column: Column) -> Vector:
        dimensions = column.likely.numbers
        projection = 64 if dimensions and dimensions > 64 else 0
        return cls(column=column.name, dimensions=dimensions or 384, projection=projection)

    @classmethod
    def is_for(cls, column: Column) -> bool:
        return column.type is ColumnType.STRING and (column.likely.numbers or 0) >= _LEAST_NUMBERS

    def parts(self, key: str) -> list[Part]:
        output = Output(
            f"{key}_{_ENDING}",
            self.projection or self.dimensions,
            "float32",
            array=Array(self.dimensions, projected=self.projection > 0),
        )
        return [Part(f"{self.column}_{_ENDING}", (output,))]

    def code(self, key: str, read: Read) -> list[Code]:
        patterns = [f"between={literal(BETWEEN)}", f"number={literal(NUMBER)}"]
        arguments = [read.raw, f"dimensions={self.dimensions}", *patterns]
        if self.normalize:
            arguments.append("normalized=True")
        return [Code(output_target(f"{key}_{_ENDING}"), read_vectors, tuple(arguments))]

    def in_words(self) -> str:
        said = [f"{self.dimensions} numbers"]
        if self.normalize:
            said.append("length 1")
        if self.projection:
            said.append(f"projected to {self.projection}")
        return ", ".join(said)

    def check(self, path: str, column: Column | None) -> Iterator[Problem]:
        numbers = None if column is None else column.likely.numbers
        if column is None or numbers in (None, self.dimensions):
            return
        samples = column.likely.samples
        advice = (
            f"They have {numbers} numbers: set dimensions to {numbers}."
            if numbers
            else "Use string_embedding, text or list."
        )
        if not numbers and samples:
            advice = f"It holds texts. {advice}"
        yield Problem(
            path=f"{path}.dimensions",
            code="vector_dimensions",
            message=f"Column {self.column!r} holds no vectors of {self.dimensions} numbers, by its "
            f"samples. {advice}",
            received=self.dimensions,
        )


def read_vectors(
    texts: tf.Tensor, dimensions: int, between: str, number: str, normalized: bool = False
) -> tf.Tensor:
    """Vectors such as "[0.1, -2.5, 3e-2]", [batch, dimensions]; zeros for those that are none.

    Args:
        between, number: regular expressions of what stands between numbers, and of a number.
        normalized: each is divided by its length.
    """
    words = tf.strings.split(tf.strings.strip(tf.strings.regex_replace(texts, between, " ")))
    is_number = tf.strings.regex_full_match(words.flat_values, number)
    values = tf.strings.to_number(tf.where(is_number, words.flat_values, "nan"))
    values = words.with_flat_values(values)[:, :dimensions].to_tensor(0, shape=[None, dimensions])
    whole = (words.row_lengths() == dimensions) & tf.reduce_all(tf.math.is_finite(values), axis=1)
    values = tf.where(whole[:, tf.newaxis], values, 0)
    return tf.math.l2_normalize(values, axis=1) if normalized else values
