"""What each kind of layer knows of itself."""

from __future__ import annotations

from abc import abstractmethod
from typing import NamedTuple

from shared.models import SpecModel


class Parameters(NamedTuple):
    """Parameter counts of a layer, as Keras counts them."""

    trainable: int
    non_trainable: int = 0


class LayerCode(NamedTuple):
    """`tf.keras.layers.<name>(<arguments>)`; the arguments are Python expressions."""

    name: str
    arguments: tuple[str, ...] = ()


class LayerModel(SpecModel):
    """A layer on a tensor of shape [batch, width]."""

    def output_width(self, width: int) -> int:
        """Width of the output for an input of `width`."""
        return width

    @abstractmethod
    def parameters(self, width: int) -> Parameters:
        """Parameter counts for an input of `width`."""

    @abstractmethod
    def code(self) -> LayerCode:
        """The Keras layer, as a call."""
