"""What a transform becomes: outputs of Transform, and the code that computes them."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from shared.kinds import Described
from shared.models import SpecModel


@dataclass(frozen=True)
class Pool:
    """How past purchases are pooled.

    Attributes:
        half_lives: in days, of the decays that weights are mixed from.
        length: how many of the newest purchases count at most.
        own_table: whether their embeddings are other ones than the product tower's.
    """

    half_lives: tuple[float, ...]
    length: int
    own_table: bool = False


Combiner = Literal["mean", "sum", "sqrtn"]


@dataclass(frozen=True)
class Bag:
    """How several values of a row are pooled.

    Attributes:
        length: how many there are at most.
        combiner: what their embeddings' sum is divided by: their number, nothing, or the root of
            their number; as in `tf.nn.embedding_lookup_sparse`.
    """

    length: int
    combiner: Combiner


@dataclass(frozen=True)
class Array:
    """Several numbers of a row, [batch, length].

    Attributes:
        length: how many.
        projected: whether the tower takes them to the output's `dim` by a learned linear map.
    """

    length: int
    projected: bool


@dataclass(frozen=True)
class Output:
    """One tensor among Transform's outputs, shape [batch], or one that a tower pools itself.

    Attributes:
        key: its name there.
        dim: the width that it adds to the tower's input.
        dtype: int64 outputs are row numbers of an embedding table, float32 ones go in as they are.
        rows: size of the embedding table; None: as many as the vocabulary named `key` has values.
        oov_buckets: rows after the vocabulary's, for values that are not in it.
        dropped: share of the training rows whose value is taken for one of these.
        pool: of a history, which is none of Transform's outputs: [batch, dim].
        bag: of rows with several values: row numbers, [batch, bag.length], -1 after the last.
        array: of rows with several numbers, [batch, array.length].
    """

    key: str
    dim: int
    dtype: Literal["int64", "float32"]
    rows: int | None = None
    oov_buckets: int = 0
    pool: Pool | None = None
    bag: Bag | None = None
    array: Array | None = None
    dropped: float = 0.0

    @property
    def embedded(self) -> bool:
        return self.dtype == "int64"


@dataclass(frozen=True)
class Code:
    """A call in `preprocessing_fn`.

    Attributes:
        target: what the result is assigned to.
        function: what is called. It is not run here: the module gets its source, and that of the
            functions that it calls.
        arguments: Python expressions; whatever comes from a document is a literal in them.
        then: statements that use the result.
    """

    target: str
    function: Callable[..., Any]
    arguments: tuple[str, ...]
    then: tuple[str, ...] = ()


@dataclass(frozen=True)
class Read:
    """Where a transform finds its feature's values, as expressions.

    Attributes:
        raw: the raw feature, as it comes from the dataset, [batch].
        number: a variable with float64 values, NaN where missing, [batch]. A transform without
            outputs may replace them, and comes before the others then.
        moment: the row's moment, seconds since 1970, [batch]; "" where the feature asks for none.
    """

    raw: str
    number: str
    moment: str = ""


def output_target(key: str) -> str:
    return f'outputs["{key}"]'


class Transform(SpecModel, Described):
    """A transform of a number, by its settings.

    Attributes:
        name: what features' `transforms` call its settings.
        features: types of the features that have it.
        choice: how a sentence calls it that says what may feed a tower; "" where it feeds none.
        part: its part of a tower's input is named `<column>_<part>`.
        endings: of its outputs' keys, after the feature's key and an underscore.
        reads_number: its code reads `Read.number`.
        example: settings for the documentation, with which it adds something.
    """

    name: ClassVar[str]
    features: ClassVar[tuple[str, ...]]
    choice: ClassVar[str] = ""
    part: ClassVar[str] = ""
    endings: ClassVar[tuple[str, ...]] = ()
    reads_number: ClassVar[bool] = True
    example: ClassVar[dict[str, Any]] = {}

    @abstractmethod
    def outputs(self, key: str) -> tuple[Output, ...]:
        """What it adds to a feature's outputs; nothing where it is off."""

    @abstractmethod
    def code(self, key: str, read: Read) -> list[Code]:
        """The code of its outputs."""

    @abstractmethod
    def in_words(self) -> str:
        """A few words, for comparisons; "" where it is off."""
