"""What makes a model config trainable."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.feature_config import TOWERS, Tower
from shared.documents.model_config import ModelConfigSpec, ModelType
from shared.layers import Dense
from shared.problems import Problem, shorten
from shared.rules.optimizers import OPTIMIZERS
from shared.tasks.rating_head import rating_head


def check_model_config(spec: ModelConfigSpec) -> list[Problem]:
    """All problems of a model config, which is independent of any dataset."""
    return [
        *(problem for tower in TOWERS for problem in _tower_end(spec, tower)),
        *_shared_weights(spec),
        *_rating_head(spec),
        *_loss_weights(spec),
        *_scann(spec),
        *_temperature(spec),
        *_learning_rate(spec),
    ]


def _tower_end(spec: ModelConfigSpec, tower: Tower) -> Iterator[Problem]:
    """Both towers end in vectors of one width: their dot product is the score."""
    path = f"spec.{tower}_tower_layers"
    layers = spec.layers(tower)
    if spec.model_type is ModelType.RANKING:  # the head takes embeddings of any width
        if not spec.layers(tower):
            yield Problem(
                path=path,
                code="empty_tower",
                message=f"The {tower} tower has no layers. It needs at least one.",
                received=[],
            )
        return
    right = f"a dense layer of {spec.output_embedding_dim} units (spec.output_embedding_dim)"
    if not layers:
        yield Problem(
            path=path,
            code="empty_tower",
            message=f"The {tower} tower has no layers. It must end in {right}.",
            received=[],
        )
        return
    last = layers[-1]
    path = f"{path}[{len(layers) - 1}]"
    if not isinstance(last, Dense):
        yield Problem(
            path=path,
            code="tower_output",
            message=f"The {tower} tower ends in {last.type}. It must end in {right}.",
            received=shorten(last.model_dump(mode="json")),
        )
    elif last.units != spec.output_embedding_dim:
        yield Problem(
            path=f"{path}.units",
            code="tower_output",
            message=f"The {tower} tower ends in {last.units} units. It must end in {right}.",
            received=last.units,
        )
    elif last.activation not in (None, "linear"):
        yield Problem(
            path=f"{path}.activation",
            code="activated_output",
            message=f"The {tower} tower's last layer has activation {last.activation!r}. Linear "
            "embeddings usually rank better, for they may point in every direction.",
            received=last.activation,
            level="warning",
        )


def _shared_weights(spec: ModelConfigSpec) -> Iterator[Problem]:
    if spec.share_tower_weights and spec.buyer_tower_layers != spec.product_tower_layers:
        yield Problem(
            path="spec.share_tower_weights",
            code="towers_differ",
            message="Towers that share weights need identical layers. Make "
            "spec.buyer_tower_layers and spec.product_tower_layers equal, or share nothing.",
            received=True,
        )


def _rating_head(spec: ModelConfigSpec) -> Iterator[Problem]:
    """From both embeddings to one number, without a bound on it."""
    if not spec.rates:
        return
    layers = spec.rating_head_layers
    fitting = [layer.model_dump(mode="json") for layer in rating_head(spec.buyer_tower_layers)]
    widths = " → ".join(str(layer["units"]) for layer in fitting)
    if not layers:
        yield Problem(
            path="spec.rating_head_layers",
            code="empty_rating_head",
            message=f"A {spec.model_type} model needs a rating head. One that fits the buyer tower "
            f"is dense {widths}, the last one linear.",
            received=[],
        )
        return
    last = layers[-1]
    path = f"spec.rating_head_layers[{len(layers) - 1}]"
    if not isinstance(last, Dense) or last.units != 1:
        yield Problem(
            path=path,
            code="rating_head_output",
            message="The rating head must end in a dense layer of 1 unit.",
            received=shorten(last.model_dump(mode="json")),
        )
    elif last.activation not in (None, "linear"):
        yield Problem(
            path=f"{path}.activation",
            code="activated_rating",
            message=f"The rating head's last layer has activation {last.activation!r}, but the "
            "loss needs its plain output. Set it to null.",
            received=last.activation,
        )


def _loss_weights(spec: ModelConfigSpec) -> Iterator[Problem]:
    multitask = spec.model_type is ModelType.MULTITASK
    if multitask and spec.retrieval_weight == 0 and spec.ranking_weight == 0:
        yield Problem(
            path="spec.retrieval_weight",
            code="no_loss_weight",
            message="With both weights 0 nothing is learned. Raise retrieval_weight or "
            "ranking_weight above 0.",
            received=0.0,
        )


def _scann(spec: ModelConfigSpec) -> Iterator[Problem]:
    leaves, searched = spec.scann_num_leaves, spec.scann_leaves_to_search
    if leaves is not None and searched is not None and searched > leaves:
        yield Problem(
            path="spec.scann_leaves_to_search",
            code="more_leaves_searched_than_exist",
            message=f"{searched} leaves cannot be searched of {leaves}. Take at most {leaves}; a "
            "tenth to a fifth of them is usual.",
            received=searched,
        )


def _temperature(spec: ModelConfigSpec) -> Iterator[Problem]:
    if not spec.retrieves:
        return
    if spec.normalize_embeddings and spec.temperature == 1:
        yield Problem(
            path="spec.temperature",
            code="flat_softmax",
            message="Scores of normalized embeddings lie between -1 and 1, so that the softmax "
            "over a batch is nearly flat at temperature 1. Usual is 0.05 to 0.2.",
            received=spec.temperature,
            level="warning",
        )
    if not spec.normalize_embeddings and spec.temperature < 1:
        yield Problem(
            path="spec.temperature",
            code="temperature_without_normalization",
            message=f"A temperature of {spec.temperature:g} only scales embeddings whose length "
            "is learned anyway. Set spec.normalize_embeddings, or leave it at 1.",
            received=spec.temperature,
            level="warning",
        )


def _learning_rate(spec: ModelConfigSpec) -> Iterator[Problem]:
    optimizer = OPTIMIZERS[spec.optimizer]
    highest = optimizer.highest_usual_rate
    if highest is not None and spec.learning_rate > highest:
        yield Problem(
            path="spec.learning_rate",
            code="high_learning_rate",
            message=f"{spec.learning_rate:g} is high for {spec.optimizer}, which usually diverges "
            f"above {highest:g}. {optimizer.learning_rate:g} is a good start.",
            received=spec.learning_rate,
            level="warning",
        )
