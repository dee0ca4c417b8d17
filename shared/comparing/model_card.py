"""A registered version as a model card in Markdown: what it is made of, good and bad at, and cost.

After Mitchell et al. (2019), "Model Cards for Model Reporting".
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from shared.baselines import baseline as baseline_of
from shared.comparing.facts import Section, facts_of
from shared.comparing.loading import Tested, load
from shared.comparing.segments import SegmentRow, table_of
from shared.documents.base import Collection
from shared.documents.registered_model import RegisteredModel, RegisteredVersion
from shared.errors import NotFoundError
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.rules.differences import difference_words
from shared.rules.measured_rules import judge_rules
from shared.rules.metrics import main_metric
from shared.rules.result_words import skipped_words
from shared.rules.verdict import verdict_sentences
from shared.services.document_kind import find
from shared.services.segments import read_segments
from shared.wording import in_markdown, plural

_MOST_SEGMENTS = 3
_SECTIONS: dict[Section, str] = {"features": "Features", "model": "Model", "test": "Training"}


def model_card(model: RegisteredModel, version: RegisteredVersion, ports: Ports) -> str:
    """Raises NotFoundError where the full training has been deleted or cannot be read."""
    snapshot = find(Collection.QUICK_TESTS, version.quick_test_id, ports)
    loaded = load([snapshot] if snapshot else [], ports)
    if not loaded.tests:
        raise NotFoundError("full training", version.quick_test_id, "any more")
    (tested,) = loaded.tests
    parts = (
        _head(model, version),
        _data(tested),
        _measured(tested),
        _under_rules(tested),
        _segments(tested, ports),
        _warnings(tested),
        _made_of(tested),
        _cost(version),
    )
    return "\n".join(line for part in parts for line in part)


def _head(model: RegisteredModel, version: RegisteredVersion) -> Iterator[str]:
    yield f"# {in_markdown(model.name)}, version {version.version}"
    yield ""
    if version.model_deleted_at is not None:
        yield f"**Its model was deleted on {version.model_deleted_at:%Y-%m-%d}.**"
        yield ""
    names = [alias for alias, one in model.status.aliases.by_name().items() if one == version]
    if names:
        yield f"In use as: {', '.join(names)}."
        yield ""
    training = f"{in_markdown(version.name)} ({_code(version.quick_test_id)})"
    yield f"Full training {training}, registered on"
    yield f"{version.registered_at:%Y-%m-%d}."
    yield ""


def _data(tested: Tested) -> Iterator[str]:
    protocol = tested.results.protocol
    dataset = tested.dataset.name if tested.dataset else tested.pinned.dataset_id
    yield "## What it was trained on"
    yield ""
    fingerprint = _code(tested.pinned.dataset_fingerprint)
    yield f"- Dataset: {in_markdown(dataset)}, fingerprint {fingerprint}"
    yield f"- Rows: {in_markdown(protocol.told)}"
    yield (
        f"- Trained on {plural(protocol.train_rows, 'row')}; measured on "
        f"{plural(protocol.holdout_rows, 'held-out row')} of "
        f"{plural(protocol.holdout_customers, 'customer')} and "
        f"{plural(protocol.candidates, 'product')}"
    )
    yield ""


def _measured(tested: Tested) -> Iterator[str]:
    results = tested.results
    yield "## How good it is"
    yield ""
    yield in_markdown(verdict_sentences("The model", results, results.protocol.rating_column))
    yield ""
    yield "| Metric | Value | 95% interval |"
    yield "|---|---|---|"
    for name, value in results.metrics.items():
        metric, interval = metric_of(name), results.intervals.get(name)
        between = f"{metric.said(interval.low)} – {metric.said(interval.high)}" if interval else "–"
        yield f"| {in_markdown(metric.label)} | {metric.said(value)} | {between} |"
    yield ""
    ranked_by = main_metric(results.metrics)
    if ranked_by is not None and results.baselines:
        yield from _baselines(tested, ranked_by)


def _baselines(tested: Tested, name: str) -> Iterator[str]:
    results, metric = tested.results, metric_of(name)
    yield f"| {in_markdown(metric.label)} of | Baseline | The model minus it, 95% |"
    yield "|---|---|---|"
    for baseline, values in results.baselines.items():
        if name in values:
            difference = results.differences.get(baseline, {}).get(name)
            between = difference_words(name, difference) if difference else "–"
            label = in_markdown(baseline_of(baseline).label)
            yield f"| {label} | {metric.said(values[name])} | {between} |"
    yield ""
    if skipped := skipped_words(results):
        yield in_markdown(skipped)
        yield ""


def _under_rules(tested: Tested) -> Iterator[str]:
    judged = judge_rules(tested.results)
    if judged is None:
        return
    yield "## Under rules"
    yield ""
    yield in_markdown(" ".join(judged.sentences))
    yield ""
    for rule in judged.told:
        yield f"- {in_markdown(rule)}"
    if judged.told:
        yield ""
    if judged.metrics:
        yield "| Metric | Without | Under the rules | Difference, 95% |"
        yield "|---|---|---|---|"
    for one in judged.metrics:
        said = metric_of(one.metric).said
        between = difference_words(one.metric, one.difference) if one.difference else "–"
        yield f"| {in_markdown(one.label)} | {said(one.without)} | {said(one.under)} | {between} |"
    if judged.metrics:
        yield ""


def _segments(tested: Tested, ports: Ports) -> Iterator[str]:
    """Where it is best and worst, by what tests of its kind are ranked by."""
    found = table_of(tested, read_segments(tested.test.status, ports), None)
    rows = [row for split in found.splits for row in split.rows]
    yield "## For whom"
    yield ""
    if not rows:
        yield in_markdown(found.reason or "Its results are not split by segments.")
        yield ""
        return
    metric = metric_of(found.metric)
    ordered = sorted(rows, key=lambda row: row.value, reverse=not metric.lower_is_better)
    most = min(_MOST_SEGMENTS, len(ordered) // 2 or 1)
    yield f"By {in_markdown(metric.label)}, of {plural(len(rows), 'segment')}:"
    yield ""
    for title, some in (("Best", ordered[:most]), ("Worst", ordered[-most:][::-1])):
        told = "; ".join(_row(row, found.metric) for row in some)
        yield f"- {title}: {told}"
    yield ""


def _row(row: SegmentRow, name: str) -> str:
    customers = plural(row.customers, "customer")
    return f"{in_markdown(row.label)} {metric_of(name).said(row.value)} ({customers})"


def _warnings(tested: Tested) -> Iterator[str]:
    yield "## What to know before relying on it"
    yield ""
    for warning in tested.test.status.warnings:
        yield f"- {in_markdown(warning.message)}"
    if not tested.test.status.warnings:
        yield "Nothing was found."
    yield ""


def _made_of(tested: Tested) -> Iterator[str]:
    facts = [fact for fact in facts_of([tested])[tested.test.id].values() if not fact.summary]
    yield "## What it is made of"
    yield ""
    for section, title in _SECTIONS.items():
        yield f"### {title}"
        yield ""
        for fact in facts:
            if fact.section == section:
                yield f"- {in_markdown(fact.label)}: {in_markdown(fact.text)}"
        yield ""


def _cost(version: RegisteredVersion) -> Iterator[str]:
    yield "## What it took"
    yield ""
    if version.duration_seconds is not None:
        yield f"- {version.duration_seconds / 60:.1f} minutes"
    cost = "nothing rented" if version.cost_usd is None else f"{version.cost_usd:.2f} USD"
    yield f"- Cost: {cost}"
    if version.code is not None:
        yield f"- Preprocessing module: SHA-256 {_code(version.code.preprocessing)}"
        yield f"- Trainer module: SHA-256 {_code(version.code.trainer)}"
    yield ""


def _code(text: str) -> str:
    """Text as a code span, whatever backticks are in it (CommonMark 0.31, section 6.1)."""
    line = " ".join(text.split())
    fence = "`" * (1 + max(map(len, re.findall("`+", line)), default=0))
    return f"{fence} {line} {fence}" if "`" in line else f"{fence}{line}{fence}"
