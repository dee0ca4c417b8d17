"""What a report says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from pydantic import BaseModel

from shared.baselines import baseline as baseline_of
from shared.columns.source_rows import SourceRows
from shared.comparing.facts import Section, facts_of
from shared.comparing.loading import LeftOut, Tested, load
from shared.comparing.segments import SegmentTable, table_of
from shared.documents.base import CodeArtifact, Collection
from shared.documents.quick_test import (
    BestComparison,
    ListVerdict,
    QuickTest,
    RulesVerdict,
    TimelineEntry,
)
from shared.errors import NotFoundError
from shared.jobs import (
    EpochProgress,
    EvaluationProtocol,
    IndexReport,
    Interval,
    Stage,
    VocabularyReport,
)
from shared.metrics import metric
from shared.ports import Ports
from shared.problems import Problem
from shared.rules.differences import Verdict, against_baseline
from shared.rules.lists import judge_lists
from shared.rules.measured_rules import judge_rules
from shared.rules.metrics import main_metric
from shared.rules.result_words import comparison_sentence, skipped_words
from shared.rules.verdict import verdict_sentences
from shared.services.document_kind import find
from shared.services.segments import read_segments

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
        lists: how good the lists beside that of all products are.
        dataset_revision, dataset_fingerprint: of the data that it was measured on; the latter is
            another where the rows have changed.
        rules: what the rule set costs that it was measured under; None where it names none.
        skipped: which baselines were not measured, and why; "" where all were.
        improvement: how it stands against the best test before it; None where there was none.
        main_metric: what tests of its kind are ranked by.
        segments: that metric for each segment of customers and products.
        rows: what became of all rows of the source; None in tests of before they were counted.
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
    lists: list[ListVerdict]
    rules: RulesVerdict | None
    skipped: str
    improvement: str | None
    main_metric: str | None
    metrics: list[ReportMetric]
    segments: SegmentTable
    comparison: BestComparison | None
    protocol: EvaluationProtocol
    rows: SourceRows | None
    index: IndexReport | None
    warnings: list[Problem]
    vocabularies: list[VocabularyReport]
    configuration: list[ReportSection]
    epochs: list[EpochProgress]
    stages: list[ReportStage]
    code: list[ReportCode]
    timeline: list[TimelineEntry]


def make_report(quick_test_id: str, ports: Ports) -> QuickTestReport:
    """Raises NotFoundError where there is no such test, or it has not completed."""
    snapshot = find(Collection.QUICK_TESTS, quick_test_id, ports)
    if snapshot is None:
        raise NotFoundError(Collection.QUICK_TESTS.noun, quick_test_id)
    loaded = load([snapshot], ports)
    if not loaded.tests:
        why: LeftOut = loaded.left_out[0]
        raise NotFoundError("report of quick test", quick_test_id, f": {why.reason}")
    tested = loaded.tests[0]
    return _report(tested, table_of(tested, read_segments(tested.test.status, ports), None))


def _report(tested: Tested, segments: SegmentTable) -> QuickTestReport:
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
        verdict=verdict_sentences("The model", results, results.protocol.rating_column),
        lists=list(judge_lists(results)),
        rules=judge_rules(results),
        skipped=skipped_words(results),
        improvement=comparison_sentence(comparison) if comparison else None,
        main_metric=main_metric(results.metrics),
        metrics=[_metric(name, tested) for name in results.metrics],
        segments=segments,
        comparison=comparison,
        protocol=results.protocol,
        rows=results.rows,
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
                label=baseline_of(baseline).doing,
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
