"""The optimizers: when to take which, and the learning rate to begin with.

Rates are for a loss that is **summed** over the batch, which is what the generated code trains
with: Adagrad, Adam, AdamW, RMSprop and, nearly, FTRL do not care about the gradient's scale, SGD
does. SGD and FTRL differ from the usual 0.01 and 0.1, at which ratings diverge or are not learned
(`docs/defaults.md`).
"""

from __future__ import annotations

from dataclasses import dataclass

from shared.documents.model_config import Optimizer


@dataclass(frozen=True)
class OptimizerInfo:
    """Attributes:
    learning_rate: suggested to begin with.
    highest_usual_rate: above it, training usually diverges; None: no such bound is known.
    """

    key: Optimizer
    name: str
    description: str
    learning_rate: float
    highest_usual_rate: float | None = None


OPTIMIZERS: dict[Optimizer, OptimizerInfo] = {
    info.key: info
    for info in (
        OptimizerInfo(
            Optimizer.ADAGRAD,
            "Adagrad",
            "Takes ever smaller steps, and larger ones for what is seen rarely: a classic for "
            "embeddings of many products.",
            0.1,
        ),
        OptimizerInfo(
            Optimizer.ADAM,
            "Adam",
            "Adapts the step of every weight. Learns fast and forgives a poor rate; a good start.",
            0.002,
            0.02,
        ),
        OptimizerInfo(
            Optimizer.SGD,
            "SGD",
            "Plain gradient descent. Simple, but sensitive to the rate and to the batch size; "
            "ratings need about a tenth of the rate.",
            0.001,
        ),
        OptimizerInfo(
            Optimizer.RMSPROP,
            "RMSprop",
            "Divides each step by the recent size of its gradients. Close to Adam, without its "
            "momentum.",
            0.001,
            0.02,
        ),
        OptimizerInfo(
            Optimizer.ADAMW,
            "AdamW",
            "Adam that also pulls weights towards zero. Helps where a large model overfits.",
            0.001,
            0.02,
        ),
        OptimizerInfo(
            Optimizer.FTRL,
            "FTRL",
            "Made for very many sparse features, such as in click prediction.",
            0.01,
        ),
    )
}
