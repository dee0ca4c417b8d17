"""How many parameters a model has, as Keras' `count_params()` counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from shared.documents.dataset import Dataset
from shared.documents.feature_config import Feature, FeatureConfigSpec, Tower
from shared.documents.model_config import ModelConfigSpec
from shared.jobs import VocabularyReport
from shared.layers import Layer
from shared.models import StatusModel
from shared.rules.tensors import parts, tensor_dims
from shared.tasks.reranker import Reranker
from shared.transforms.base import Output

# Widths of the buyer's and the product's input that are taken for an example without features.
USUAL_WIDTHS = (100, 50)

# Size of a vocabulary by tower and column, without its out-of-vocabulary rows.
VocabularySizes = Mapping[tuple[Tower, str], int]


class EmbeddingParameters(StatusModel):
    """An embedding table, or the projection of vectors, `rows` × `dim`. `estimated`: the rows are
    not known before a test."""

    name: str
    rows: int
    dim: int
    parameters: int
    estimated: bool = False


class LayerParameters(StatusModel):
    type: str
    input_width: int
    output_width: int
    trainable: int
    non_trainable: int = 0


class PartParameters(StatusModel):
    """A tower, or the rating head or the re-ranker, which have no embeddings. `total` is all that
    it uses, shared layers included, as `count_params()` of the Keras model of this part says; but a
    table that a history shares is the product tower's.

    Attributes:
        mixes: weights by which histories mix their half-lives.
    """

    input_width: int
    output_width: int
    embeddings: list[EmbeddingParameters]
    layers: list[LayerParameters]
    mixes: int = 0
    total: int
    trainable: int
    non_trainable: int


class ParameterSummary(StatusModel):
    """A whole model. Layers that both towers share are in both of them, and once in the totals.

    Attributes:
        estimated: some embedding's rows are; all else is exact.
    """

    total: int
    trainable: int
    non_trainable: int
    estimated: bool
    shared_layers: bool
    buyer_tower: PartParameters
    product_tower: PartParameters
    rating_head: PartParameters | None = None
    reranker: PartParameters | None = None


def count_parameters(
    model: ModelConfigSpec,
    features: FeatureConfigSpec,
    vocabularies: VocabularySizes | None = None,
    dataset: Dataset | None = None,
) -> ParameterSummary:
    """Parameters of a model over a feature config.

    Args:
        vocabularies: as far as they are known, see `vocabulary_sizes`; others are estimated from
            the dataset's statistics, or taken to be full where there are none.
    """
    known = vocabularies or {}
    buyer = _part(
        tensor_dims(features, "buyer").total,
        model.buyer_tower_layers,
        _embeddings(features, "buyer", known, dataset),
        mixes=_mixes(features),
    )
    product = _part(
        tensor_dims(features, "product").total,
        model.product_tower_layers,
        _embeddings(features, "product", known, dataset),
    )
    return _summary(model, buyer, product)


def count_layer_parameters(
    model: ModelConfigSpec, buyer_width: int, product_width: int
) -> ParameterSummary:
    """Parameters of the layers alone, over inputs of given widths."""
    buyer = _part(buyer_width, model.buyer_tower_layers)
    product = _part(product_width, model.product_tower_layers)
    return _summary(model, buyer, product)


def vocabulary_sizes(reports: Iterable[VocabularyReport]) -> VocabularySizes:
    """Vocabularies as a completed test found them."""
    return {(report.tower, report.column): report.vocabulary_size for report in reports}


def _summary(
    model: ModelConfigSpec, buyer: PartParameters, product: PartParameters
) -> ParameterSummary:
    head = None
    if model.rates:
        head = _part(buyer.output_width + product.output_width, model.rating_head_layers)
    reranker = _reranker(model.reranker) if model.reranks and model.reranker else None
    present = [part for part in (buyer, product, head, reranker) if part is not None]
    twice = product.layers if model.share_tower_weights else []
    trainable = sum(p.trainable for p in present) - sum(layer.trainable for layer in twice)
    fixed = sum(p.non_trainable for p in present) - sum(layer.non_trainable for layer in twice)
    return ParameterSummary(
        total=trainable + fixed,
        trainable=trainable,
        non_trainable=fixed,
        estimated=any(table.estimated for part in present for table in part.embeddings),
        shared_layers=model.share_tower_weights,
        buyer_tower=buyer,
        product_tower=product,
        rating_head=head,
        reranker=reranker,
    )


def _mixes(features: FeatureConfigSpec) -> int:
    """A weight for each half-life of each history."""
    outputs = (output for _, part in parts(features, "buyer") for output in part.outputs)
    return sum(len(output.pool.half_lives) for output in outputs if output.pool is not None)


def _reranker(reranker: Reranker) -> PartParameters:
    """A line, and a small network beside it, over standardized features."""
    width = reranker.width
    widths = [width, *reranker.units]
    layers = [("standardize", width, width, 0, 2 * width), ("dense", width, 1, width, 0)]
    layers += [("dense", i, o, (i + 1) * o, 0) for i, o in pairwise(widths)]
    layers.append(("dense", widths[-1], 1, widths[-1], 0))
    counted = [
        LayerParameters(
            type=kind, input_width=i, output_width=o, trainable=trainable, non_trainable=fixed
        )
        for kind, i, o, trainable, fixed in layers
    ]
    return _counted(width, 1, counted)


def _part(
    width: int,
    layers: Sequence[Layer],
    embeddings: Sequence[EmbeddingParameters] = (),
    mixes: int = 0,
) -> PartParameters:
    """Args: width: of the input, embeddings included."""
    counted: list[LayerParameters] = []
    output = width
    for layer in layers:
        after, parameters = layer.output_width(output), layer.parameters(output)
        counted.append(
            LayerParameters(
                type=layer.type,
                input_width=output,
                output_width=after,
                trainable=parameters.trainable,
                non_trainable=parameters.non_trainable,
            )
        )
        output = after
    return _counted(width, output, counted, embeddings, mixes)


def _counted(
    width: int,
    output: int,
    layers: list[LayerParameters],
    embeddings: Sequence[EmbeddingParameters] = (),
    mixes: int = 0,
) -> PartParameters:
    trainable = mixes + sum(table.parameters for table in embeddings)
    trainable += sum(layer.trainable for layer in layers)
    fixed = sum(layer.non_trainable for layer in layers)
    return PartParameters(
        input_width=width,
        output_width=output,
        embeddings=list(embeddings),
        layers=layers,
        mixes=mixes,
        total=trainable + fixed,
        trainable=trainable,
        non_trainable=fixed,
    )


def _embeddings(
    features: FeatureConfigSpec, tower: Tower, known: VocabularySizes, dataset: Dataset | None
) -> list[EmbeddingParameters]:
    return [
        _table(feature, name, output, tower, features, known, dataset)
        for feature, (name, outputs) in parts(features, tower)
        for output in outputs
        if output.embedded
        or (output.pool is not None and output.pool.own_table)
        or (output.array is not None and output.array.projected)
    ]


def _table(
    feature: Feature | None,
    name: str,
    output: Output,
    tower: Tower,
    features: FeatureConfigSpec,
    known: VocabularySizes,
    dataset: Dataset | None,
) -> EmbeddingParameters:
    values = output
    if output.pool is not None:  # a row for each that the product tower's table has
        tower = "product"
        feature, values = _embedding_of(feature, features)
    rows, estimated = values.rows, False
    if values.array is not None:  # a projection: a row for each number
        rows = values.array.length
    if rows is None:
        assert feature is not None, "a cross's table has a fixed size"
        size = known.get((tower, feature.column))
        estimated = size is None
        if size is None:
            size = _likely_size(feature, dataset)
        rows = size + values.oov_buckets
    return EmbeddingParameters(
        name=name,
        rows=rows,
        dim=output.dim,
        parameters=rows * output.dim,
        estimated=estimated,
    )


def _embedding_of(
    history: Feature | None, features: FeatureConfigSpec
) -> tuple[Feature | None, Output]:
    return next(
        (feature, output)
        for feature, part in parts(features, "product")
        for output in part.outputs
        if history is not None and feature is not None
        if output.embedded and feature.column == history.column
    )


def _likely_size(feature: Feature, dataset: Dataset | None) -> int:
    """At most as many values as the column has, if each row has one, and as its rows allow for at
    `min_frequency`."""
    settings = feature.vocabulary
    assert settings is not None, "its table has as many rows as its vocabulary has values"
    bounds = [settings.max_size]
    column = dataset.status.column(feature.column) if dataset else None
    if column is not None and column.statistics is not None and feature.splitting is None:
        bounds.append(column.statistics.unique_count)
    if dataset is not None and dataset.status.row_count is not None:
        bounds.append(dataset.status.row_count // settings.min_frequency)
    return min(bounds)
