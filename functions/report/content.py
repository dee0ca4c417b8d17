"""What a report says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from shared.comparing.facts import Section, facts_of
from shared.comparing.loading import LeftOut, Tested, load
from shared.comparing.words import BASELINES, comparison_sentence, verdict_sentences
from shared.documents.base import CodeArtifact, Collection
from shared.documents.quick_test import BestComparison, QuickTest, TimelineEntry
from shared.handlers.store import find
from shared.jobs import (
    EpochProgress,
    EvaluationProtocol,
    IndexReport,
    Interval,
    Stage,
    VocabularyReport,
)
from shared.ports import NotFound, Ports
from shared.problems import Problem
from shared.rules.differences import Verdict, against_baseline
from shared.rules.metrics import main_metric, metric

_SECTIONS: dict[Section, str] = {"features": "Features", "model": "Model", "test": "Test"}
_STAGES = {
    Stage.EXAMPLES: "Sample and split the rows",
    Stage.TRANSFORM: "Learn vocabularies, transform features",
    Stage.TRAIN: "Train the towers",
    Stage.EVALUATE: "Evaluate on held-out rows",
}


class ReportBaseline(BaseModel):
    """A baseline's value of a metric.

    Attributes:
        difference: the model's minus the baseline's, paired by customer.
        verdict: of the model against it; None where there is no interval.
    """

    name: str
    label: str
    value: float
    difference: Interval | None
    verdict: Verdict | None


class ReportMetric(BaseModel):
    name: str
    label: str
    share: bool
    lower_is_better: bool
    value: float
    interval: Interval | None
    baselines: list[ReportBaseline]


class ReportLine(BaseModel):
    label: str
    text: str


class ReportSection(BaseModel):
    title: str
    lines: list[ReportLine]


class ReportStage(BaseModel):
    name: Stage
    label: str
    seconds: float | None


class ReportCode(BaseModel):
    module: str
    uri: str
    sha256: str


class QuickTestReport(BaseModel):
    """A completed test in words and numbers.

    Attributes:
        verdict: how good it is, in plain words.
        dataset_revision, dataset_fingerprint: of the data that it was measured on; the latter is
            another where the rows have changed.
        improvement: how it stands against the best test before it; None where there was none.
        main_metric: what tests of its kind are ranked by.
        configuration: both configs and the test's settings, in words.
    """

    quick_test_id: str
    name: str
    description: str
    dataset: str
    dataset_revision: int | None
    dataset_fingerprint: str
    ended_at: datetime | None
    duration_seconds: float | None
    cost_usd: float | None
    verdict: str
    improvement: str | None
    main_metric: str | None
    metrics: list[ReportMetric]
    comparison: BestComparison | None
    protocol: EvaluationProtocol
    index: IndexReport | None
    warnings: list[Problem]
    vocabularies: list[VocabularyReport]
    configuration: list[ReportSection]
    epochs: list[EpochProgress]
    stages: list[ReportStage]
    code: list[ReportCode]
    timeline: list[TimelineEntry]


def make_report(quick_test_id: str, ports: Ports) -> QuickTestReport:
    """Raises NotFound where there is no such test, or it has not completed."""
    path = Collection.QUICK_TESTS.path(quick_test_id)
    snapshot = find(Collection.QUICK_TESTS, quick_test_id, ports)
    if snapshot is None:
        raise NotFound(path)
    loaded = load([snapshot], ports)
    if not loaded.tests:
        why: LeftOut = loaded.left_out[0]
        raise NotFound(f"report of quick test {quick_test_id!r}: {why.reason.rstrip('.')}")
    return _report(loaded.tests[0])


def _report(tested: Tested) -> QuickTestReport:
    test, results = tested.test, tested.results
    status = test.status
    comparison = status.comparison
    return QuickTestReport(
        quick_test_id=test.id,
        name=test.name,
        description=test.description,
        dataset=tested.dataset.name if tested.dataset else tested.pinned.dataset_id,
        dataset_revision=tested.pinned.dataset_revision,
        dataset_fingerprint=tested.pinned.dataset_fingerprint,
        ended_at=status.ended_at,
        duration_seconds=status.duration_seconds,
        cost_usd=status.cost_usd,
        verdict=verdict_sentences("The model", results, test.spec.rating_column),
        improvement=comparison_sentence(comparison) if comparison else None,
        main_metric=main_metric(results.metrics),
        metrics=[_metric(name, tested) for name in results.metrics],
        comparison=comparison,
        protocol=results.protocol,
        index=results.index,
        warnings=status.warnings,
        vocabularies=status.vocabulary,
        configuration=list(_configuration(tested)),
        epochs=status.epochs,
        stages=list(_stages(test)),
        code=list(_code(test)),
        timeline=status.timeline,
    )


def _metric(name: str, tested: Tested) -> ReportMetric:
    results, info = tested.results, metric(name)
    return ReportMetric(
        name=name,
        label=info.label,
        share=info.share,
        lower_is_better=info.lower_is_better,
        value=results.metrics[name],
        interval=results.intervals.get(name),
        baselines=[
            ReportBaseline(
                name=baseline,
                label=BASELINES.get(baseline, baseline),
                value=values[name],
                difference=results.differences.get(baseline, {}).get(name),
                verdict=against_baseline(name, baseline, results),
            )
            for baseline, values in results.baselines.items()
            if name in values
        ],
    )


def _configuration(tested: Tested) -> Iterator[ReportSection]:
    told = facts_of([tested])[tested.test.id]
    facts = [fact for fact in told.values() if not fact.summary]
    for section, title in _SECTIONS.items():
        lines = [ReportLine(label=f.label, text=f.text) for f in facts if f.section == section]
        yield ReportSection(title=title, lines=lines)


def _stages(test: QuickTest) -> Iterator[ReportStage]:
    for task in test.status.stages:
        seconds = None
        if task.started_at is not None and task.ended_at is not None:
            seconds = max(0.0, (task.ended_at - task.started_at).total_seconds())
        yield ReportStage(name=task.name, label=_STAGES[task.name], seconds=seconds)


def _code(test: QuickTest) -> Iterator[ReportCode]:
    code = test.status.code
    if code is None:
        return
    modules: tuple[tuple[str, CodeArtifact], ...] = (
        ("preprocessing", code.preprocessing),
        ("trainer", code.trainer),
    )
    for module, artifact in modules:
        yield ReportCode(module=module, uri=artifact.uri, sha256=artifact.sha256)
