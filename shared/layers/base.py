"""What each kind of layer knows of itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from shared.kinds import Described
from shared.models import SpecModel


class Parameters(NamedTuple):
    """Parameter counts of a layer, as Keras counts them."""

    trainable: int
    non_trainable: int = 0


class LayerCode(NamedTuple):
    """`tf.keras.layers.<name>(<arguments>)`; the arguments are Python expressions."""

    name: str
    arguments: tuple[str, ...] = ()


class LayerModel(SpecModel, Described):
    """A layer on a tensor of shape [batch, width].

    Attributes:
        example: settings that one begins with, where there are some without a default.
        named_by: the setting that is part of its name: `units` of "Dense 64"; "" where none is.
        draws: whether it draws random numbers in training.
    """

    if TYPE_CHECKING:
        type: str  # each kind's own, and its first field
    example: ClassVar[dict[str, Any]] = {}
    named_by: ClassVar[str] = ""
    draws: ClassVar[bool] = False
    item_noun: ClassVar[str] = "layer"

    @property
    def own_width(self) -> int | None:
        """Width of the output where it does not depend on the input's; None elsewhere."""
        return None

    @property
    def linear(self) -> bool:
        """Whether a served output is a weighted sum of its inputs and a constant."""
        return False

    def output_width(self, width: int) -> int:
        """Width of the output for an input of `width`."""
        return width

    @abstractmethod
    def parameters(self, width: int) -> Parameters:
        """Parameter counts for an input of `width`."""

    @abstractmethod
    def code(self) -> LayerCode:
        """The Keras layer, as a call."""

    def in_words(self, *, last: bool) -> str:
        """A few words, for comparisons. `last`: it is the last of its stack."""
        return self.label.lower()

    def item_words(self) -> str:
        """`dense 64 (tanh)`, `dropout 0.2`."""
        words, kind = self.in_words(last=False), self.label.lower()
        return words if words.startswith(kind) else f"{kind} {words}"
