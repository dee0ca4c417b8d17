"""What makes a quick test worth its time: enough rows to learn from, and some held out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from shared.columns.source_rows import times_words
from shared.documents.dataset import (
    CUSTOMER_ID,
    PRODUCT_ID,
    RATING,
    TRANSACTION_DATE,
    Dataset,
)
from shared.documents.feature_config import TOWERS, FeatureConfig, Lifecycle
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.losses import LOSSES
from shared.problems import Problem
from shared.rules.segment_columns import check_segment_columns
from shared.rules.tensors import tensor_dims
from shared.rules.training import rating_column, training_of
from shared.wording import percentage, plural


def check_quick_test(
    spec: QuickTestSpec, feature_config: FeatureConfig, model_config: ModelConfig, dataset: Dataset
) -> list[Problem]:
    """Problems of the combination; each part is taken to be valid by itself."""
    return [
        *_archived(feature_config),
        *_sampled_customers(spec, dataset),
        *_shares(spec),
        *_held_out(spec, dataset),
        *_batch(spec, model_config, dataset),
        *_split(spec, dataset),
        *_reranker(model_config, dataset),
        *_shared_widths(feature_config, model_config),
        *_top_k(model_config, dataset),
        *_rating(spec, feature_config, model_config, dataset),
        *check_segment_columns(spec.segment_columns, dataset),
    ]


def sampled_rows(spec: QuickTestSpec, dataset: Dataset) -> int | None:
    """Expected number of rows in the sample; None where the dataset's are not counted."""
    if dataset.status.row_count is None:
        return None
    return round(dataset.status.row_count * spec.data_sample_percent / 100)


def split_rows(spec: QuickTestSpec, dataset: Dataset) -> tuple[int, int] | None:
    """Expected numbers of rows to train on and to judge by; None likewise."""
    sample = sampled_rows(spec, dataset)
    if sample is None:
        return None
    held_out = sample * spec.split.holdout_percent / 100
    trained = (sample - held_out) * spec.trained_percent / 100
    return round(trained), round(held_out * spec.judged_percent / 100)


def customers_of(dataset: Dataset) -> int | None:
    """How many customers there are; None where nobody has counted them."""
    return _unique(dataset, CUSTOMER_ID)


def _unique(dataset: Dataset, role: str) -> int | None:
    column = dataset.status.column(dataset.spec.column_of(role) or "")
    return column.statistics.unique_count if column and column.statistics else None


def _archived(feature_config: FeatureConfig) -> Iterator[Problem]:
    if feature_config.status.lifecycle is Lifecycle.ARCHIVED:
        yield Problem(
            path="spec.feature_config_id",
            code="archived_feature_config",
            message=f"Feature config {feature_config.name!r} is archived. Unarchive it to test it, "
            "or take another.",
            received=feature_config.id,
        )


def _sampled_customers(spec: QuickTestSpec, dataset: Dataset) -> Iterator[Problem]:
    customers = customers_of(dataset)
    if spec.sample_by != "customer" or customers is None:
        return
    if customers * spec.data_sample_percent < 100:
        yield Problem(
            path="spec.data_sample_percent",
            code="nothing_sampled",
            message=f"{percentage(spec.data_sample_percent)} of {plural(customers, 'customer')} is "
            f"less than one. Take at least {_percent(1, customers)}, or sample by row.",
            received=spec.data_sample_percent,
        )


def _shares(spec: QuickTestSpec) -> Iterator[Problem]:
    if spec.judged_percent > spec.trained_percent:
        yield Problem(
            path="spec.judged_percent",
            code="judged_beyond_trained",
            message=f"{percentage(spec.judged_percent)} of the customers would be judged by, and "
            f"{percentage(spec.trained_percent)} trained on. Judge by customers who are trained "
            f"on: {percentage(spec.trained_percent)} at most.",
            received=spec.judged_percent,
        )


def _held_out(spec: QuickTestSpec, dataset: Dataset) -> Iterator[Problem]:
    sample, total = sampled_rows(spec, dataset), dataset.status.row_count
    if spec.split.strategy == "leave_one_out":  # of however many rows
        return
    if sample is None or total is None or sample * spec.split.holdout_percent >= 100:
        return
    needed = 100 / spec.split.holdout_percent
    advice = (
        f"Take at least {_percent(needed, total)}"
        if total >= needed
        else f"The dataset needs at least {round(needed)} rows"
    )
    yield Problem(
        path="spec.data_sample_percent",
        code="nothing_held_out",
        message=f"{percentage(spec.data_sample_percent)} of {plural(total, 'row')} is about "
        f"{sample:,}, of which {percentage(spec.split.holdout_percent)} for evaluation is less "
        f"than one. {advice}.",
        received=spec.data_sample_percent,
    )


def _batch(spec: QuickTestSpec, model_config: ModelConfig, dataset: Dataset) -> Iterator[Problem]:
    rows = split_rows(spec, dataset)
    batch = training_of(spec, model_config.spec).batch_size
    if rows is None:
        return
    training, _ = rows
    if batch > training:
        yield Problem(
            path="spec.batch_size_override",
            code="batch_exceeds_sample",
            message=f"A batch of {batch:,} is larger than the sample's {training:,} or so training "
            "rows: an epoch is then a single step. Take a smaller batch or a larger sample.",
            received=spec.batch_size_override,
            level="warning",
        )


def _percent(part: float, total: int) -> str:
    """The smallest percentage, in four digits, that is at least `part` of `total`."""
    percent = 100 * part / total if total else 100.0
    return f"{min(percent * 1.0005, 100.0):.4g}%"


def _split(spec: QuickTestSpec, dataset: Dataset) -> Iterator[Problem]:
    if spec.split.strategy == "temporal" and dataset.spec.column_of(TRANSACTION_DATE) is None:
        yield Problem(
            path="spec.split.strategy",
            code="no_transaction_date",
            message=f"A temporal split needs a time, and dataset {dataset.name!r} maps no column "
            f"to {TRANSACTION_DATE!r}. Map one, or take 'random' or 'leave_one_out'.",
            received="temporal",
        )
    if spec.split.strategy == "auto" and dataset.spec.column_of(TRANSACTION_DATE) is None:
        yield Problem(
            path="spec.split.strategy",
            code="split_is_random",
            message=f"Rows are held out at random, for dataset {dataset.name!r} maps no column to "
            f"{TRANSACTION_DATE!r}: results look better than they would on purchases to come. Map "
            "one, or choose 'random' or 'leave_one_out' if there is no time.",
            received="auto",
            level="warning",
        )
    rows = dataset.status.rows
    timed = spec.split.strategy in ("auto", "temporal")
    if timed and rows is not None and rows.without_time == rows.used > 0:
        yield Problem(
            path="spec.split.strategy",
            code="no_known_times",
            message=f"A temporal split needs times, and of the {rows.used:,} rows of dataset "
            f"{dataset.name!r} {times_words(rows)}. Map another column to {TRANSACTION_DATE!r}, or "
            "take 'random' or 'leave_one_out'.",
            received=spec.split.strategy,
        )


def _reranker(model_config: ModelConfig, dataset: Dataset) -> Iterator[Problem]:
    """A re-ranker goes by what was bought before what."""
    if model_config.spec.reranks and dataset.spec.column_of(TRANSACTION_DATE) is None:
        yield Problem(
            path="spec.model_config_id",
            code="reranker_without_time",
            message=f"The re-ranker of model config {model_config.name!r} goes by what customers "
            f"bought before, and dataset {dataset.name!r} maps no column to "
            f"{TRANSACTION_DATE!r}. Map one, or take a model config without a re-ranker, such as "
            "one from the preset 'wide'; the split 'leave_one_out' measures it without times.",
            received=model_config.id,
        )


def _shared_widths(feature_config: FeatureConfig, model_config: ModelConfig) -> Iterator[Problem]:
    if not model_config.spec.share_tower_weights:
        return
    buyer, product = (
        tensor_dims(feature_config.spec, "buyer").total,
        tensor_dims(feature_config.spec, "product").total,
    )
    if buyer != product:
        yield Problem(
            path="spec.model_config_id",
            code="shared_weights_widths",
            message=f"Model config {model_config.name!r} shares weights between the towers, but "
            f"feature config {feature_config.name!r} makes the buyer's input {buyer} and the "
            f"product's {product} wide. Make both equal, or share no weights.",
            received=model_config.id,
        )


def _top_k(model_config: ModelConfig, dataset: Dataset) -> Iterator[Problem]:
    products = _unique(dataset, PRODUCT_ID)
    if products is not None and model_config.spec.top_k > products:
        yield Problem(
            path="spec.model_config_id",
            code="top_k_exceeds_products",
            message=f"Model config {model_config.name!r} recommends {model_config.spec.top_k} "
            f"products, but the dataset has {products:,}. All of them will be returned.",
            received=model_config.id,
            level="warning",
        )


def _rating(
    spec: QuickTestSpec, feature_config: FeatureConfig, model_config: ModelConfig, dataset: Dataset
) -> Iterator[Problem]:
    """What the model is to predict: a number that varies, and that the towers do not see."""
    if not model_config.spec.rates:
        return
    name = rating_column(spec, model_config.spec, dataset)
    numbers = [column.name for column in dataset.status.columns if column.type.is_numeric]
    choices = ", ".join(map(repr, numbers)) or "none: the dataset has no numbers"
    column = dataset.status.column(name) if name is not None else None

    def problem(code: str, message: str, level: Literal["error", "warning"] = "error") -> Problem:
        return Problem(
            path="spec.rating_column", code=code, message=message, received=name, level=level
        )

    if name is None:
        yield problem(
            "rating_column_missing",
            f"A {model_config.spec.model_type} model predicts a rating. Name a column, or map one "
            f"to {RATING!r} in the dataset; numeric ones are {choices}.",
        )
        return
    if column is None:
        yield problem(
            "rating_column_unknown",
            f"Dataset {dataset.name!r} has no column {name!r}. Numeric ones are {choices}.",
        )
        return
    if not column.type.is_numeric:
        yield problem(
            "rating_column_type",
            f"{name!r} is {column.type}, but a rating is a number. Numeric columns are {choices}.",
        )
        return
    found = column.statistics
    if found is not None and found.unique_count <= 1:
        yield problem(
            "rating_column_constant",
            f"{name!r} has only one value, so there is nothing to predict. Take a column that "
            "varies.",
        )
    loss = LOSSES[model_config.spec.loss_function]
    low, high = (found.min, found.max) if found is not None else (None, None)
    if loss.labels is not None and low is not None and high is not None:
        lowest, highest = loss.labels
        if low < lowest or high > highest:
            others = " or ".join(key for key, other in LOSSES.items() if other.labels is None)
            yield problem(
                "rating_column_range",
                f"{name!r} runs from {low:g} to {high:g}, but {loss.key} needs labels from "
                f"{lowest:g} to {highest:g}. Take such a column, or the loss {others}.",
            )
    seen = [
        tower
        for tower in TOWERS
        if any(feature.column == name for feature in feature_config.spec.features(tower))
    ]
    if seen:
        yield problem(
            "rating_column_is_feature",
            f"{name!r} is also a feature of the {' and the '.join(seen)} tower, which thus sees "
            "what it should predict. Remove it there.",
            "warning",
        )
