"""What a completed test's results warn of: each rule with its numbers, what they mean, and the
setting that would help."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from shared.jobs import EpochProgress, Interval, MetricsReport, VocabularyReport
from shared.problems import Problem, path_of
from shared.rules.beaten import not_above_baselines, only_reminds, too_few_products, warning
from shared.rules.metrics import main_metric
from shared.rules.metrics import metric as metric_of

# Thresholds, as docs/comparing.md gives them.
_SAME_LIST = 0.5  # share of the customers
_LEAST_COVERAGE = 0.1  # of what so many customers' top tens could cover
_HIGH_OOV_RATE = 0.2  # share of the held-out rows
_VARYING = 0.05  # share of the products
_EXPLODED = 2.0  # times the lowest loss so far
_RISEN = 0.01  # of the lowest validation loss
_FEW_CUSTOMERS = 50
_WIDEST = 1.0  # of the metric itself


@dataclass(frozen=True)
class Finished:
    """What a job that succeeded left. `keeps_best`: the model is that of the best epoch."""

    results: MetricsReport
    vocabulary: Sequence[VocabularyReport] = ()
    epochs: Sequence[EpochProgress] = ()
    keeps_best: bool = False


def check_results(finished: Finished) -> list[Problem]:
    """All warnings, those about the verdict first."""
    return [problem for rule in RULES for problem in rule(finished)]


def same_list(finished: Finished) -> Iterator[Problem]:
    """Not of one customer alone, nor where all lists hold all products."""
    protocol = finished.results.protocol
    share = finished.results.metrics.get("identical_top_10")
    if share is None or protocol.holdout_customers < 2 or protocol.candidates <= 10:
        return
    if share > _SAME_LIST:
        yield warning(
            "status.results.metrics.identical_top_10",
            "same_list",
            f"{_percent(share)} of the customers get the very same ten products: the model hardly "
            "tells customers apart. Give the buyer tower the customer id or more about the "
            "customer, train more epochs, or lower the temperature.",
            share,
        )


def low_coverage(finished: Finished) -> Iterator[Problem]:
    """Few products are ever recommended, measured by how many could be."""
    protocol = finished.results.protocol
    share = finished.results.metrics.get("coverage_at_10")
    if share is None or not protocol.candidates:
        return
    reachable = min(1.0, 10 * protocol.holdout_customers / protocol.candidates)
    if share < _LEAST_COVERAGE * reachable:
        shown = round(share * protocol.candidates)
        yield warning(
            "status.results.metrics.coverage_at_10",
            "low_coverage",
            f"Only {shown:,} of {protocol.candidates:,} products are in anybody's top ten, where "
            f"{protocol.holdout_customers:,} customers could show "
            f"{round(reachable * protocol.candidates):,}: the rest is never seen. Turn on "
            "logq_correction, give the product tower more attributes, or lower the temperature.",
            share,
        )


def too_small(finished: Finished) -> Iterator[Problem]:
    """A sample whose numbers say little, whatever they are."""
    results, protocol = finished.results, finished.results.protocol
    if protocol.holdout_customers < _FEW_CUSTOMERS:
        yield warning(
            "status.results.protocol.holdout_customers",
            "few_held_out_customers",
            f"The metrics come from {protocol.holdout_customers:,} held-out customers, of at least "
            f"{_FEW_CUSTOMERS} that an interval needs to mean anything. Raise "
            "data_sample_percent, or hold out more (split.holdout_percent).",
            protocol.holdout_customers,
        )
    name = main_metric(results.metrics)
    interval = results.intervals.get(name or "")
    if name is not None and interval is not None:
        metric, value = metric_of(name), results.metrics[name]
        if interval.high - interval.low > _WIDEST * abs(value):
            yield warning(
                f"status.results.intervals.{name}",
                "wide_interval",
                f"{metric.label} is {metric.said(value)}, but may be anything from "
                f"{_between(name, interval)}: the interval is wider than the metric. Raise "
                "data_sample_percent before you conclude anything.",
                interval.model_dump(),
            )


def exploding_loss(finished: Finished) -> Iterator[Problem]:
    """A loss that jumps, short of becoming no number, which fails the job."""
    lowest: EpochProgress | None = None
    for number, epoch in enumerate(finished.epochs):
        if lowest is not None and lowest.loss > 0 and epoch.loss > _EXPLODED * lowest.loss:
            yield warning(
                f"status.epochs[{number}].loss",
                "exploding_loss",
                f"The loss rose from {lowest.loss:.4g} in epoch {lowest.epoch} to "
                f"{epoch.loss:.4g} in epoch {epoch.epoch}: training is unstable, and the model is "
                "worse than it was. Lower the learning rate (learning_rate_override).",
                epoch.loss,
            )
            return
        if lowest is None or epoch.loss < lowest.loss:
            lowest = epoch


def overfitting(finished: Finished) -> Iterator[Problem]:
    """The loss on held-out rows has a lowest point, and training went on after it."""
    held_out = [
        (number, epoch, epoch.validation_loss)
        for number, epoch in enumerate(finished.epochs)
        if epoch.validation_loss is not None
    ]
    if len(held_out) < 2 or finished.keeps_best:
        return
    number, best, lowest = min(held_out, key=lambda item: item[2])
    _, last, now = held_out[-1]
    if now - lowest > _RISEN * abs(lowest):
        epochs = "epoch" if best.epoch == 1 else "epochs"
        yield warning(
            f"status.epochs[{number}].validation_loss",
            "validation_loss_rises",
            f"The loss on held-out rows has risen since epoch {best.epoch}, from {lowest:.4f} to "
            f"{now:.4f} in epoch {last.epoch}: the model learns the training rows by heart. Train "
            f"{best.epoch} {epochs}, set early_stopping_patience, or add dropout.",
            lowest,
        )


# Which rate of a vocabulary says why values are not in it; what it means; the setting that helps.
_CAUSES: tuple[tuple[str, str, str], ...] = (
    ("rare_rate", "have too few training rows", "Lower min_frequency."),
    ("cut_rate", "did not fit into it", "Raise max_size."),
    (
        "unseen_rate",
        "are in no training row",
        "Sample more (data_sample_percent), or add attributes that new values share.",
    ),
    ("missing_rate", "have no value", "Fill the column in, or leave it out."),
)


def out_of_vocabulary(finished: Finished) -> Iterator[Problem]:
    for number, report in enumerate(finished.vocabulary):
        if report.oov_rate <= _HIGH_OOV_RATE:
            continue
        causes = [
            (rate, why, helps)
            for name, why, helps in _CAUSES
            if (rate := getattr(report, name)) > 0
        ]
        causes.sort(key=lambda cause: -cause[0])
        parts = ", ".join(f"{_percent(rate)} {why}" for rate, why, _ in causes)
        because = f": {parts}" if parts else ""
        helps = causes[0][2] if causes else "Lower min_frequency, raise max_size, or sample more."
        yield warning(
            f"status.vocabulary[{number}]",
            "high_oov_rate",
            f"In {_percent(report.oov_rate)} of the held-out rows the value of {report.column!r} "
            f"is not in the {report.tower} tower's vocabulary{because}. The model treats all of "
            f"them alike. {helps}",
            report.oov_rate,
        )


def truncated_vocabulary(finished: Finished) -> Iterator[Problem]:
    for number, report in enumerate(finished.vocabulary):
        if report.truncated:
            yield warning(
                f"status.vocabulary[{number}]",
                "vocabulary_truncated",
                f"The {report.tower} tower's vocabulary of {report.column!r} was cut off at "
                f"{report.vocabulary_size:,} values, the most frequent ones. Raise max_size to "
                "keep more.",
                report.vocabulary_size,
            )


def varying_attributes(finished: Finished) -> Iterator[Problem]:
    """Attributes of the purchase that pose as attributes of the product."""
    for column, share in finished.results.varying_attributes.items():
        if share > _VARYING:
            yield warning(
                path_of("status.results.varying_attributes", (column,)),
                "varying_attribute",
                f"{_percent(share)} of the products have more than one value of {column!r}. As a "
                "candidate, a product has its most frequent one only, which is not what the model "
                "was trained on. Leave it out of the product tower, or put it into the buyer "
                "tower where it is known when recommending.",
                share,
            )


def other_index(finished: Finished) -> Iterator[Problem]:
    """The model searches in another way than its config asks for."""
    index, protocol = finished.results.index, finished.results.protocol
    if index is not None and index.algorithm != index.wanted:
        yield warning(
            "status.results.index.algorithm",
            "too_few_products_for_scann",
            f"{protocol.candidates:,} products are too few for ScaNN's leaves, so the model "
            "searches all of them, which is exact. Lower scann_num_leaves, or take brute_force.",
            index.wanted,
        )


RULES: tuple[Callable[[Finished], Iterator[Problem]], ...] = (
    lambda finished: too_few_products(finished.results),
    lambda finished: not_above_baselines(finished.results),
    lambda finished: only_reminds(finished.results),
    same_list,
    low_coverage,
    too_small,
    exploding_loss,
    overfitting,
    out_of_vocabulary,
    truncated_vocabulary,
    varying_attributes,
    other_index,
)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def _between(name: str, interval: Interval) -> str:
    metric = metric_of(name)
    return f"{metric.said(interval.low)} to {metric.said(interval.high)}"
