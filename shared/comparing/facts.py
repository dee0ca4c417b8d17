"""What a test was made of, as short facts that people compare: `128→64→32`, `embedding 32`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from shared.comparing.loading import Tested
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID
from shared.documents.feature_config import (
    TOWERS,
    FeatureConfigSpec,
    Tower,
)
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import Pinned, QuickTestSpec
from shared.layers import layers_in_words
from shared.rules.ablation import without
from shared.rules.presets import presets
from shared.rules.training import patience_of, training_of, training_seed
from shared.wording import percentage

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
    patience = spec.early_stopping_patience or None
    if model is not None:
        patience = patience_of(spec, model.spec)
    rating = spec.rating_column or tested.results.protocol.rating_column
    yield from _test(spec, patience, rating, _rules(spec, tested.pinned))


def _gone(config_id: str) -> str:
    return f"{config_id} (deleted)"


def _features(config: FeatureConfigSpec, spec: QuickTestSpec) -> Iterator[Fact]:
    kept = without(config, spec.leave_out)
    for tower in TOWERS:
        left = {item.column for item in spec.leave_out if item.tower == tower}
        for feature in config.features(tower):
            text = "left out" if feature.column in left else feature.in_words()
            label = f"{tower.capitalize()}: {feature.column}"
            yield Fact(f"{tower}.{feature.column}", "features", label, text)
        crosses = "; ".join(cross.in_words() for cross in kept.crosses(tower)) or "none"
        yield Fact(f"{tower}_crosses", "features", f"{tower.capitalize()} crosses", crosses)


def _summaries(config: FeatureConfigSpec, tested: Tested) -> Iterator[Fact]:
    """Facts that only a heatmap shows: the table has them feature by feature."""
    roles: tuple[tuple[Tower, str, str], ...] = (
        ("buyer", CUSTOMER_ID, "customer"),
        ("product", PRODUCT_ID, "product"),
    )
    kept = without(config, tested.test.spec.leave_out)
    mapping = tested.dataset.spec if tested.dataset else None
    for tower, role, side in roles:
        column = mapping.column_of(role) if mapping else None
        feature = next((f for f in kept.features(tower) if f.column == column), None)
        dim = feature.embedding_width if feature else None
        label = f"Embedding of the {side} id"
        text = NONE if dim is None else str(dim)
        yield Fact(f"{side}_embedding", "features", label, text, dim, summary=True)
    crosses = [cross.name for tower in TOWERS for cross in kept.crosses(tower)]
    text = " + ".join(crosses) or "none"
    yield Fact("crosses", "features", "Crosses", text, None if crosses else 0, summary=True)


def _left_out(spec: QuickTestSpec) -> str:
    return ", ".join(f"{item.tower}: {item.column}" for item in spec.leave_out) or "nothing"


def _model(config: ModelConfigSpec, spec: QuickTestSpec) -> Iterator[Fact]:
    def fact(key: str, label: str, text: str, number: float | None = None) -> Fact:
        return Fact(key, "model", label, text, number)

    buyer, product = (
        layers_in_words(config.buyer_tower_layers),
        layers_in_words(config.product_tower_layers),
    )
    yield fact("model_type", "Model type", config.model_type.value)
    yield Fact("towers", "model", "Towers", _towers(config), _units(config), summary=True)
    yield fact("buyer_tower", "Buyer tower", buyer)
    yield fact("product_tower", "Product tower", product)
    yield fact("shared", "Shared weights", _yes(config.share_tower_weights))
    for setting in config.task.in_words(config):
        yield fact(*setting)
    yield fact("optimizer", "Optimizer", config.optimizer.value)
    trained = training_of(spec, config)
    rate, batch = trained.learning_rate, trained.batch_size
    yield fact("learning_rate", "Learning rate", f"{rate:g}", rate)
    yield fact("batch_size", "Batch size", f"{batch:,}", batch)


def _towers(config: ModelConfigSpec) -> str:
    """The preset that the towers are those of, and their layers."""
    layers = config.buyer_tower_layers, config.product_tower_layers
    buyer, product = map(layers_in_words, layers)
    text = buyer if buyer == product else f"{buyer} | {product}"
    for preset in presets():
        if (preset.spec.buyer_tower_layers, preset.spec.product_tower_layers) == layers:
            return f"{preset.name} ({text})"
    return text


def _units(config: ModelConfigSpec) -> int:
    layers = [*config.buyer_tower_layers, *config.product_tower_layers]
    return sum(layer.own_width or 0 for layer in layers)


def _rules(spec: QuickTestSpec, pinned: Pinned) -> str:
    """The rule set that a test was measured under, by what it was called then."""
    if (named := pinned.rule_set) is not None:
        return f"{named.name}, revision {named.revision}"
    return spec.rule_set_id or NONE


def _test(
    spec: QuickTestSpec, patience: int | None, rating_column: str | None, rules: str
) -> Iterator[Fact]:
    def fact(key: str, label: str, text: str, number: float | None = None) -> Fact:
        return Fact(key, "test", label, text, number)

    yield fact("purpose", "Purpose", spec.purpose.replace("_", " "))
    yield fact("rating_column", "Rating column", rating_column or NONE)
    percent, trained = spec.data_sample_percent, spec.trained_percent
    of = "" if trained == 100 else f", {percentage(trained)} of its customers trained on"
    sample = f"{percentage(percent)} by {spec.sample_by}{of}"
    yield fact("sample", "Sample", sample, percent * trained / 100)
    held = spec.split.holdout_percent
    cut = ", cut within a moment" if spec.split.ties == "hash" else ""
    of = " before the test slice" if spec.split.judged_on == "validation" else ""
    split = f"{spec.split.strategy}, {percentage(held)} held out{of}{cut}"
    if spec.split.strategy == "leave_one_out":
        split = f"one purchase of each customer held out{of}"
    if spec.split.strategy == "products":
        split = f"all purchases of {percentage(held)} of the products held out{of}"
    judged = spec.judged_percent
    by = "" if judged == 100 else f", judged by {percentage(judged)} of the sample's customers"
    yield fact("split", "Split", f"{split}{by}")
    yield fact("seed", "Seed of the sample", str(spec.seed), spec.seed)
    yield fact("segment_columns", "Results split by", ", ".join(spec.segment_columns) or NONE)
    yield fact("rule_set_id", "Measured under rules", rules)
    seed = training_seed(spec)
    yield fact("training_seed", "Seed of the training", str(seed), seed)
    epochs = f"{spec.epochs}" if patience is None else f"at most {spec.epochs}"
    yield fact("epochs", "Epochs", epochs, spec.epochs)
    text = "never" if patience is None else f"after {patience} without progress"
    yield fact("early_stopping", "Stops early", text, patience)
    begins = f"the weights of {spec.warm_start_test_id}" if spec.warm_start_test_id else "afresh"
    yield fact("warm_start_test_id", "Begins with", begins)
    yield fact("runner", "Runner", spec.runner)


def _yes(value: bool) -> str:
    return "yes" if value else "no"
