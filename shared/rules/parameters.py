"""How many parameters a model has, as Keras' `count_params()` counts them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfigSpec, StringEmbedding, Tower
from shared.documents.model_config import ModelConfigSpec
from shared.jobs import VocabularyReport
from shared.layers import Layer
from shared.models import StatusModel
from shared.rules.tensors import parts, tensor_dims

# Widths of the buyer's and the product's input that are taken for an example without features.
USUAL_WIDTHS = (100, 50)

# Size of a vocabulary by tower and column, without its out-of-vocabulary rows.
VocabularySizes = Mapping[tuple[Tower, str], int]


class EmbeddingParameters(StatusModel):
    """An embedding table, `rows` × `dim`. `estimated`: the rows are not known before a test."""

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
    """A tower, or the rating head, which has no embeddings. `total` is all that it uses, shared
    layers included, as `count_params()` of the Keras model of this part says."""

    input_width: int
    output_width: int
    embeddings: list[EmbeddingParameters]
    layers: list[LayerParameters]
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
    present = [part for part in (buyer, product, head) if part is not None]
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
    )


def _part(
    width: int, layers: Sequence[Layer], embeddings: Sequence[EmbeddingParameters] = ()
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
    trainable = sum(table.parameters for table in embeddings)
    trainable += sum(layer.trainable for layer in counted)
    fixed = sum(layer.non_trainable for layer in counted)
    return PartParameters(
        input_width=width,
        output_width=output,
        embeddings=list(embeddings),
        layers=counted,
        total=trainable + fixed,
        trainable=trainable,
        non_trainable=fixed,
    )


def _embeddings(
    features: FeatureConfigSpec, tower: Tower, known: VocabularySizes, dataset: Dataset | None
) -> list[EmbeddingParameters]:
    by_column = {feature.column: feature for feature in features.features(tower)}
    tables = []
    for name, outputs in parts(features, tower):
        for output in outputs:
            if not output.embedded:
                continue
            rows, estimated = output.rows, False
            if rows is None:
                feature = by_column[name]
                assert isinstance(feature, StringEmbedding), "only these have a vocabulary"
                size = known.get((tower, name))
                estimated = size is None
                if size is None:
                    size = _likely_size(feature, dataset)
                rows = size + output.oov_buckets
            tables.append(
                EmbeddingParameters(
                    name=name,
                    rows=rows,
                    dim=output.dim,
                    parameters=rows * output.dim,
                    estimated=estimated,
                )
            )
    return tables


def _likely_size(feature: StringEmbedding, dataset: Dataset | None) -> int:
    """At most as many values as the column has, and as its rows allow for at `min_frequency`."""
    settings = feature.vocab_settings
    bounds = [settings.max_size]
    column = dataset.status.column(feature.column) if dataset else None
    if column is not None and column.statistics is not None:
        bounds.append(column.statistics.unique_count)
    if dataset is not None and dataset.status.row_count is not None:
        bounds.append(dataset.status.row_count // settings.min_frequency)
    return min(bounds)
