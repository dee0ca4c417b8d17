"""What would help with a warning: a changed document, to be looked at before it is kept."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import ValidationError

from shared.columns import Column
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfigSpec, Tower
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import LeftOut, QuickTest
from shared.features.history import History
from shared.models import SpecModel, StatusModel
from shared.rules.ablation import without
from shared.rules.defaults import history_of, smart_defaults
from shared.wording import percent, plural

# Samples that a larger one is taken from.
_SAMPLES = (25.0, 50.0, 100.0)
_MOST_HELD_OUT = 50.0
# Of a learning rate with which training is unstable.
_SLOWER = 10


@dataclass(frozen=True)
class Tried:
    """A completed test with its configs and its data as they are now: that is what is changed."""

    test: QuickTest
    features: FeatureConfigSpec
    model: ModelConfigSpec
    dataset: Dataset


class Fix(StatusModel):
    """A document that is changed in one respect; nothing is stored.

    Attributes:
        label: what is done, as a button says it.
        of: the test's settings, its feature config or its model config.
        before: its spec as it is.
        after: its spec as it would be.
    """

    label: str
    of: Literal["settings", "features", "model"]
    before: dict[str, Any]
    after: dict[str, Any]


def _changed(
    label: str, of: Literal["settings", "features", "model"], spec: SpecModel, **changes: Any
) -> Iterator[Fix]:
    """None where nothing would change, or the change is out of bounds."""
    before = spec.model_dump(mode="json")
    try:
        made = type(spec).model_validate({**spec.model_dump(), **changes})
    except ValidationError:
        return
    after = made.model_dump(mode="json")
    if after != before:
        yield Fix(label=label, of=of, before=before, after=after)


def settings(tried: Tried, label: str, **changes: Any) -> Iterator[Fix]:
    """The test once more, with other settings."""
    yield from _changed(label, "settings", tried.test.spec, **changes)


def model(tried: Tried, label: str, **changes: Any) -> Iterator[Fix]:
    yield from _changed(label, "model", tried.model, **changes)


def train(tried: Tried, epochs: int) -> Iterator[Fix]:
    if epochs >= 1:
        yield from settings(tried, f"Train {plural(epochs, 'epoch')}", epochs=epochs)


def train_longer(tried: Tried) -> Iterator[Fix]:
    """Twice as many epochs."""
    yield from train(tried, 2 * tried.test.spec.epochs)


def train_slower(tried: Tried) -> Iterator[Fix]:
    rate = tried.test.spec.learning_rate_override or tried.model.learning_rate
    yield from settings(
        tried,
        f"Learning rate {rate / _SLOWER:.2g}",
        learning_rate_override=float(f"{rate / _SLOWER:.2g}"),
    )


def sample_more(tried: Tried) -> Iterator[Fix]:
    """The next larger sample; none where it is everything already."""
    now = tried.test.spec.data_sample_percent
    for share in _SAMPLES:
        if share > now:
            label = "Use all customers" if share == 100 else f"Sample {percent(share / 100, 0)}"
            yield from settings(tried, label, data_sample_percent=share)
            return


def hold_out_more(tried: Tried) -> Iterator[Fix]:
    split = tried.test.spec.split
    share = min(_MOST_HELD_OUT, 2 * split.holdout_percent)
    if split.strategy != "leave_one_out":
        yield from settings(
            tried,
            f"Hold out {percent(share / 100, 0)}",
            split={**split.model_dump(), "holdout_percent": share},
        )


def cooler(tried: Tried) -> Iterator[Fix]:
    """Half the temperature."""
    half = float(f"{tried.model.temperature / 2:.2g}")
    yield from model(tried, f"Temperature {half:g}", temperature=half)


def fit_more(tried: Tried) -> Iterator[Fix]:
    """The re-ranker fitted to twice as many rows."""
    reranker = tried.model.reranker
    if reranker is not None:
        share = 2 * reranker.fitting_percent
        yield from model(
            tried,
            f"Fit the re-ranker to {percent(share / 100, 0)}",
            reranker={**reranker.model_dump(), "fitting_percent": share},
        )


def order_more(tried: Tried) -> Iterator[Fix]:
    """Twice as many of the towers' best for the re-ranker to order."""
    reranker = tried.model.reranker
    if reranker is not None:
        candidates = 2 * reranker.candidates
        yield from model(
            tried,
            f"Have the re-ranker order {candidates:,} candidates",
            reranker={**reranker.model_dump(), "candidates": candidates},
        )


def leave_out(tried: Tried, column: str) -> Iterator[Fix]:
    """The test once more without a column, out of each tower that it is in, one at a time."""
    towers: tuple[Tower, ...] = ("buyer", "product")
    there = [
        tower
        for tower in towers
        if any(f.column == column and not f.of_past for f in tried.features.features(tower))
        and LeftOut(tower=tower, column=column) not in tried.test.spec.leave_out
    ]
    for tower in there:
        where = f" from the {tower} tower" if len(there) > 1 else ""
        yield from settings(
            tried,
            f"Remove {column}{where} and test again",
            leave_out=[*tried.test.spec.leave_out, LeftOut(tower=tower, column=column)],
        )


def take_out(tried: Tried, tower: Tower, column: str) -> Iterator[Fix]:
    """The features without a column of a tower, and without what is made of it."""
    rest = without(tried.features, [LeftOut(tower=tower, column=column)])
    if rest.features(tower):
        yield from _changed(
            f"Remove {column} from the {tower} tower",
            "features",
            tried.features,
            **{name: getattr(rest, name) for name in type(rest).model_fields},
        )


def add_history(tried: Tried) -> Iterator[Fix]:
    """The customers' past purchases, where the buyer tower does not have them yet."""
    features = tried.features.buyer_model_features
    if any(feature.of_past for feature in features):
        return
    found = history_of(tried.dataset, tried.features.product_model_features)
    if found:
        label = f"Add {History.label.lower()}"
        yield from _changed(
            label, "features", tried.features, buyer_model_features=[*features, *found]
        )


def describe_products(tried: Tried) -> Iterator[Fix]:
    """What products share, such as a category, in the product tower, where it is not yet."""
    there = {feature.column for feature in tried.features.product_model_features}
    for feature in smart_defaults(tried.dataset).product_model_features:
        if feature.column not in there:
            yield from _changed(
                f"Add {feature.column} to the product tower",
                "features",
                tried.features,
                product_model_features=[*tried.features.product_model_features, feature],
            )


def larger_vocabulary(tried: Tried, tower: Tower, column: str) -> Iterator[Fix]:
    """Room for twice the values that the column has, or for twice as many as now."""

    def grown(vocabulary: Any) -> int:
        found: Column | None = tried.dataset.status.column(column)
        known = found.statistics.unique_count if found and found.statistics else 0
        return 2 * max(known, int(vocabulary.max_size))

    yield from _vocabulary(tried, tower, column, "Keep more values of", "max_size", grown)


def rarer_values(tried: Tried, tower: Tower, column: str) -> Iterator[Fix]:
    """A row in the vocabulary for every value that there is."""
    yield from _vocabulary(
        tried, tower, column, "Keep rare values of", "min_frequency", lambda _: 1
    )


def _vocabulary(
    tried: Tried, tower: Tower, column: str, doing: str, setting: str, value: Any
) -> Iterator[Fix]:
    def changed(feature: Any) -> Any:
        vocabulary = getattr(feature, "vocab_settings", None)
        if vocabulary is None or feature.column != column:
            return feature
        other = vocabulary.model_copy(update={setting: value(vocabulary)})
        return feature.model_copy(update={"vocab_settings": other})

    features = [changed(feature) for feature in tried.features.features(tower)]
    yield from _changed(
        f"{doing} {column}",
        "features",
        tried.features,
        **{f"{tower}_model_features": [feature.model_dump() for feature in features]},
    )
