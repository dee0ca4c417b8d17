"""What each optimizer knows of itself.

Learning rates are for a loss that is **summed** over the batch, which is what the generated code
trains with: Adagrad, Adam, AdamW, RMSprop and, nearly, FTRL do not care about the gradient's scale,
SGD does. SGD and FTRL differ from the usual 0.01 and 0.1, at which ratings diverge or are not
learned (`docs/defaults.md`).
"""

from __future__ import annotations

from typing import ClassVar

from shared.kinds import Described


class OptimizerKind(Described):
    """An optimizer of Keras.

    Attributes:
        key: its name in documents.
        keras: its class in `tf.keras.optimizers`.
        own: the faster one of `shared/codegen/fragments/optimizing.py` that stands in for it.
        learning_rate: suggested to begin with.
        highest_usual_rate: above it, training usually diverges; None: no such bound is known.
    """

    key: ClassVar[str]
    keras: ClassVar[str]
    own: ClassVar[str] = ""
    learning_rate: ClassVar[float]
    highest_usual_rate: ClassVar[float | None] = None

    @property
    def code(self) -> str:
        """What makes it, in a generated module."""
        return self.own or f"tf.keras.optimizers.{self.keras}"
