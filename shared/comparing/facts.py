"""What a test was made of, as short facts that people compare: `128→64→32`, `embedding 32`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shared.comparing.loading import Tested
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID
from shared.documents.feature_config import (
    TOWERS,
    Feature,
    FeatureConfigSpec,
    Numeric,
    StringEmbedding,
    Timestamp,
    Tower,
)
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec
from shared.layers import BatchNorm, Dense, Dropout, Layer, LayerNorm
from shared.rules.presets import presets
from shared.transforms.cross import Cross
from shared.transforms.vocabulary import VocabularySettings

Section = Literal["features", "model", "test"]
NONE = "–"


@dataclass(frozen=True)
class Fact:
    """One setting of a test.

    Attributes:
        number: what to sort by, where the text is one.
        summary: says what other facts say one by one, for the axis of a heatmap.
        document_id: of the document that the text names.
    """

    key: str
    section: Section
    label: str
    text: str
    number: float | None = None
    summary: bool = False
    document_id: str = ""

    @property
    def order(self) -> tuple[bool, float, str]:
        return self.number is None, self.number or 0.0, self.text


def facts_of(tests: Sequence[Tested]) -> dict[str, dict[str, Fact]]:
    """All facts of tests, by the test's id and by key, in the order in which they are shown.

    Unlike configs of one name get their ids beside it.
    """
    told = {tested.test.id: {fact.key: fact for fact in _facts(tested)} for tested in tests}
    named: dict[tuple[str, str], set[str]] = {}
    for facts in told.values():
        for fact in facts.values():
            named.setdefault((fact.key, fact.text), set()).add(fact.document_id)
    for facts in told.values():
        for key, fact in facts.items():
            if len(named[fact.key, fact.text]) > 1:
                facts[key] = replace(fact, text=f"{fact.text} ({fact.document_id})")
    return told


def _facts(tested: Tested) -> Iterator[Fact]:
    spec = tested.test.spec
    features, model = tested.features, tested.model
    revision = tested.pinned.feature_config_revision
    text = f"{features.name}, revision {revision}" if features else _gone(spec.feature_config_id)
    yield Fact(
        "feature_config", "features", "Feature config", text, document_id=spec.feature_config_id
    )
    if features is not None:
        yield from _features(features.spec, spec)
        yield from _summaries(features.spec, tested)
    yield Fact("left_out", "features", "Left out", _left_out(spec))
    revision = tested.pinned.model_config_revision
    text = f"{model.name}, revision {revision}" if model else _gone(spec.model_config_id)
    yield Fact("model_config", "model", "Model config", text, document_id=spec.model_config_id)
    if model is not None:
        yield from _model(model.spec, spec)
    yield from _test(spec)


def _gone(config_id: str) -> str:
    return f"{config_id} (deleted)"


def _features(config: FeatureConfigSpec, spec: QuickTestSpec) -> Iterator[Fact]:
    for tower in TOWERS:
        left = _left(spec, tower)
        for feature in config.features(tower):
            text = "left out" if feature.column in left else feature_text(feature)
            label = f"{tower.capitalize()}: {feature.column}"
            yield Fact(f"{tower}.{feature.column}", "features", label, text)
        crosses = "; ".join(map(cross_text, _crosses(config, spec, tower))) or "none"
        yield Fact(f"{tower}_crosses", "features", f"{tower.capitalize()} crosses", crosses)


def feature_text(feature: Feature) -> str:
    """What becomes of a column: `embedding 32, seen at least 3 times`."""
    if isinstance(feature, StringEmbedding):
        return ", ".join([f"embedding {feature.embedding_dim}", *_vocabulary(feature)])
    parts = []
    transforms = feature.transforms
    if isinstance(feature, Numeric) and feature.transforms.log_transform:
        parts.append("log")
    if transforms.normalize.enabled:
        low, high = transforms.normalize.range
        parts.append(f"normalized to {low}…{high}")
    if transforms.bucketize.enabled:
        bucketize = transforms.bucketize
        parts.append(f"{bucketize.buckets} buckets, embedding {bucketize.embedding_dim}")
    if isinstance(feature, Timestamp):
        parts += [f"{cycle} cycle" for cycle in feature.transforms.cyclical.cycles]
    return ", ".join(parts) or "unused"


def _vocabulary(feature: StringEmbedding) -> Iterator[str]:
    settings, usual = feature.vocab_settings, VocabularySettings()
    if settings.min_frequency != usual.min_frequency:
        yield f"seen at least {settings.min_frequency:,}×"
    if settings.max_size != usual.max_size:
        yield f"at most {settings.max_size:,} values"
    if settings.oov_buckets != usual.oov_buckets:
        yield f"{settings.oov_buckets:,} rows for others"


def cross_text(cross: Cross) -> str:
    """`category × brand (5,000 buckets, embedding 16)`."""
    names = " × ".join(cross.features)
    return f"{names} ({cross.hash_bucket_size:,} buckets, embedding {cross.embedding_dim})"


def _summaries(config: FeatureConfigSpec, tested: Tested) -> Iterator[Fact]:
    """Facts that only a heatmap shows: the table has them feature by feature."""
    roles: tuple[tuple[Tower, str, str], ...] = (
        ("buyer", CUSTOMER_ID, "customer"),
        ("product", PRODUCT_ID, "product"),
    )
    spec = tested.test.spec
    mapping = tested.dataset.spec if tested.dataset else None
    for tower, role, side in roles:
        column = mapping.column_of(role) if mapping else None
        kept = [f for f in config.features(tower) if f.column not in _left(spec, tower)]
        feature = next((f for f in kept if f.column == column), None)
        dim = feature.embedding_dim if isinstance(feature, StringEmbedding) else None
        label = f"Embedding of the {side} id"
        text = NONE if dim is None else str(dim)
        yield Fact(f"{side}_embedding", "features", label, text, dim, summary=True)
    used = [cross for tower in TOWERS for cross in _crosses(config, spec, tower)]
    crosses = [" × ".join(cross.features) for cross in used]
    text = " + ".join(crosses) or "none"
    yield Fact("crosses", "features", "Crosses", text, None if crosses else 0, summary=True)


def _left(spec: QuickTestSpec, tower: Tower) -> set[str]:
    return {item.column for item in spec.leave_out if item.tower == tower}


def _crosses(config: FeatureConfigSpec, spec: QuickTestSpec, tower: Tower) -> list[Cross]:
    """Those that use no column that is left out, whether as it is or in buckets."""
    left = _left(spec, tower)
    gone = left | {f"{column}_bucket" for column in left}
    return [cross for cross in config.crosses(tower) if not gone & set(cross.features)]


def _left_out(spec: QuickTestSpec) -> str:
    return ", ".join(f"{item.tower}: {item.column}" for item in spec.leave_out) or "nothing"


def layers_text(layers: Sequence[Layer]) -> str:
    """`128→64→32`; ReLU is not said, nor is that the last layer is linear."""
    parts = []
    for number, layer in enumerate(layers):
        match layer:
            case Dense():
                parts.append(_dense(layer, last=number == len(layers) - 1))
            case Dropout():
                parts.append(f"dropout {layer.rate:g}")
            case BatchNorm():
                parts.append("batch norm")
            case LayerNorm():
                usual = layer.epsilon == LayerNorm().epsilon
                parts.append("layer norm" if usual else f"layer norm (epsilon {layer.epsilon:g})")
    return "→".join(parts) or "none"


def _dense(layer: Dense, *, last: bool) -> str:
    activation = layer.activation or "linear"
    usual = "linear" if last else "relu"
    marks: list[str] = [] if activation == usual else [activation]
    if layer.l2_reg:
        marks.append(f"L2 {layer.l2_reg:g}")
    return f"{layer.units} ({', '.join(marks)})" if marks else str(layer.units)


def _model(config: ModelConfigSpec, spec: QuickTestSpec) -> Iterator[Fact]:
    def fact(key: str, label: str, text: str, number: float | None = None) -> Fact:
        return Fact(key, "model", label, text, number)

    buyer, product = (
        layers_text(config.buyer_tower_layers),
        layers_text(config.product_tower_layers),
    )
    yield fact("model_type", "Model type", config.model_type.value)
    yield Fact("towers", "model", "Towers", _towers(config), _units(config), summary=True)
    yield fact("buyer_tower", "Buyer tower", buyer)
    yield fact("product_tower", "Product tower", product)
    yield fact("shared", "Shared weights", _yes(config.share_tower_weights))
    if config.retrieves:
        width = config.output_embedding_dim
        yield fact("output_embedding_dim", "Output embedding", str(width), width)
    if config.rates:
        yield fact("rating_head", "Rating head", layers_text(config.rating_head_layers))
        yield fact("loss", "Loss of the rating", config.loss_function.value)
    if config.retrieves and config.rates:
        weights = f"retrieval {config.retrieval_weight:g}, ranking {config.ranking_weight:g}"
        yield fact("weights", "Weights of the tasks", weights)
    yield fact("optimizer", "Optimizer", config.optimizer.value)
    rate = spec.learning_rate_override or config.learning_rate
    yield fact("learning_rate", "Learning rate", f"{rate:g}", rate)
    batch = spec.batch_size_override or config.batch_size
    yield fact("batch_size", "Batch size", f"{batch:,}", batch)
    if config.retrieves:
        yield fact("logq", "LogQ correction", _yes(config.logq_correction))
        yield fact("accidental", "Accidental hits removed", _yes(config.remove_accidental_hits))
        yield fact("normalized", "Normalized embeddings", _yes(config.normalize_embeddings))
        temperature = config.temperature
        yield fact("temperature", "Temperature", f"{temperature:g}", temperature)
        yield fact("algorithm", "Retrieval algorithm", _algorithm(config))
        yield fact("top_k", "Products returned", f"{config.top_k:,}", config.top_k)


def _towers(config: ModelConfigSpec) -> str:
    """The preset that the towers are those of, and their layers."""
    layers = config.buyer_tower_layers, config.product_tower_layers
    buyer, product = map(layers_text, layers)
    text = buyer if buyer == product else f"{buyer} | {product}"
    for preset in presets():
        if (preset.spec.buyer_tower_layers, preset.spec.product_tower_layers) == layers:
            return f"{preset.name} ({text})"
    return text


def _units(config: ModelConfigSpec) -> int:
    layers = [*config.buyer_tower_layers, *config.product_tower_layers]
    return sum(layer.units for layer in layers if isinstance(layer, Dense))


def _algorithm(config: ModelConfigSpec) -> str:
    if config.retrieval_algorithm == "brute_force":
        return "brute force"
    leaves, searched = config.scann_num_leaves, config.scann_leaves_to_search
    return f"ScaNN, {leaves or 'automatic'} leaves, {searched or 'automatic'} searched"


def _test(spec: QuickTestSpec) -> Iterator[Fact]:
    def fact(key: str, label: str, text: str, number: float | None = None) -> Fact:
        return Fact(key, "test", label, text, number)

    yield fact("purpose", "Purpose", spec.purpose.replace("_", " "))
    yield fact("rating_column", "Rating column", spec.rating_column or NONE)
    percent = spec.data_sample_percent
    yield fact("sample", "Sample", f"{percent:g} % by {spec.sample_by}", percent)
    held = spec.split.holdout_percent
    yield fact("split", "Split", f"{spec.split.strategy}, {held:g} % held out")
    yield fact("seed", "Seed of the sample", str(spec.seed), spec.seed)
    seed = spec.seed if spec.training_seed is None else spec.training_seed
    yield fact("training_seed", "Seed of the training", str(seed), seed)
    yield fact("epochs", "Epochs", str(spec.epochs), spec.epochs)
    patience = spec.early_stopping_patience
    text = "never" if patience is None else f"after {patience} without progress"
    yield fact("early_stopping", "Stops early", text, patience)
    yield fact("runner", "Runner", spec.runner)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
