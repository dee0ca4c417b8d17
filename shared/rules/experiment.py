"""What experiment tracking keeps of a test that has ended, under which names."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast

from pydantic import BaseModel

from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec, QuickTestStatus
from shared.experiments import MetricPoint, RunRecord
from shared.jobs import Interval, MetricsReport, Stage

# MLflow's own bounds, and what it takes as the name of a metric.
_LONGEST_KEY, _LONGEST_PARAM, _LONGEST_TAG = 250, 6000, 5000
_MOST_PARAMS = 2000
_METRIC_NAME = re.compile(r"[A-Za-z0-9_. :-]{1,80}")
_UNKNOWN_DATASET = "Recsmith"


@dataclass(frozen=True)
class Subject:
    """A test and the specs that it was made from; None where they can no longer be read."""

    quick_test_id: str
    name: str
    description: str
    dataset_name: str | None
    test: QuickTestSpec | None
    feature_config: FeatureConfigSpec | None
    model_config: ModelConfigSpec | None


def run_record(
    subject: Subject, status: QuickTestStatus, artifacts: Mapping[str, bytes]
) -> RunRecord:
    """A run: params `test.…`, `features.…`, `model.…`; metrics as named in `_metrics`; tags
    `recsmith.…`."""
    ended_at = status.ended_at or datetime.fromtimestamp(0, UTC)
    specs = {
        "test": subject.test,
        "features": subject.feature_config,
        "model": subject.model_config,
    }
    params: dict[str, str] = {}
    for prefix, spec in specs.items():
        if spec is not None:
            params |= dict(_flat(prefix, spec.model_dump(mode="json")))
    return RunRecord(
        key=subject.quick_test_id,
        experiment=subject.dataset_name or _UNKNOWN_DATASET,
        name=subject.name,
        outcome=cast(Literal["completed", "failed", "cancelled"], status.state.value),
        started_at=min(status.started_at or ended_at, ended_at),
        ended_at=ended_at,
        note=subject.description,
        params=dict(list(params.items())[:_MOST_PARAMS]),
        metrics=[*_epochs(status, ended_at), *_metrics(status, ended_at)],
        tags=_tags(subject, status),
        artifacts={**artifacts, **_documents(specs)},
    )


def _documents(specs: Mapping[str, BaseModel | None]) -> dict[str, bytes]:
    """The specs as files: params are cut short where there are very many."""
    return {
        f"specs/{name}.json": spec.model_dump_json(indent=2).encode()
        for name, spec in specs.items()
        if spec is not None
    }


def _flat(path: str, value: Any) -> Iterator[tuple[str, str]]:
    """`{"a": {"b": [1]}}` under `model` → `("model.a.b.0", "1")`; nulls and empty parts are left
    out."""
    if isinstance(value, dict):
        for key, part in value.items():
            yield from _flat(f"{path}.{key}", part)
    elif isinstance(value, list):
        for place, part in enumerate(value):
            yield from _flat(f"{path}.{place}", part)
    elif value is not None and value != "" and len(path) <= _LONGEST_KEY:
        text = value if isinstance(value, str) else json.dumps(value)
        yield path, text[:_LONGEST_PARAM]


def _epochs(status: QuickTestStatus, ended_at: datetime) -> Iterator[MetricPoint]:
    """`loss`, `validation_loss` and `epoch_seconds`, a step for each epoch; of the pass over the
    newest rows, whose loss is of others, `newest_rows/loss` and `newest_rows/epoch_seconds`."""
    training = next((task for task in status.stages if task.name is Stage.TRAIN), None)
    at = (training.started_at if training else None) or status.started_at or ended_at
    for epoch in status.epochs:
        at = min(at + timedelta(seconds=max(epoch.seconds, 0.0)), ended_at)
        values = {
            "loss": epoch.loss,
            "validation_loss": epoch.validation_loss,
            "epoch_seconds": epoch.seconds,
        }
        for name, value in values.items():
            if value is not None and math.isfinite(value):
                path = f"newest_rows/{name}" if epoch.newest_rows else name
                yield MetricPoint(path, value, at, epoch.epoch)


def _metrics(status: QuickTestStatus, at: datetime) -> Iterator[MetricPoint]:
    """What was measured in the end.

    `recall_at_100`, its 95 % interval `recall_at_100/low` and `…/high`; `baseline/popularity/…`;
    the model's minus the baseline's, `difference/popularity/recall_at_100`, as an interval; under a
    rule set `rules/recall_at_100`, and minus that without `rules/difference/…`, as an interval;
    `vocabulary/buyer/city/size` and `…/oov_rate`; `index_recall`; `holdout_share`; of the source's
    rows `rows/read`, `rows/without_customer` and so on; `duration_seconds`, `cost_usd`.
    """
    values: dict[str, float | None] = {
        "duration_seconds": status.duration_seconds,
        "cost_usd": status.cost_usd,
    }
    if status.results is not None:
        values |= dict(_results(status.results))
    for report in status.vocabulary:
        name = f"vocabulary/{report.tower}/{report.key}"
        values |= {f"{name}/size": report.vocabulary_size, f"{name}/oov_rate": report.oov_rate}
    for name, value in values.items():
        speakable = all(_METRIC_NAME.fullmatch(part) for part in name.split("/"))
        if value is not None and math.isfinite(value) and speakable:
            yield MetricPoint(name, float(value), at)


def _results(results: MetricsReport) -> Iterator[tuple[str, float]]:
    yield from results.metrics.items()
    yield from _bounds("", results.intervals)
    for baseline, metrics in results.baselines.items():
        for name, value in metrics.items():
            yield f"baseline/{baseline}/{name}", value
    for baseline, intervals in results.differences.items():
        yield from _bounds(f"difference/{baseline}/", intervals)
    if (ruled := results.rules) is not None:
        for name, value in ruled.metrics.items():
            yield f"rules/{name}", value
        yield from _bounds("rules/difference/", ruled.differences)
    if results.index is not None:
        yield "index_recall", results.index.recall
    yield "holdout_share", results.protocol.holdout_share
    if results.rows is not None:
        counts = {**dict(results.rows.selected or ()), **dict(results.rows)}
        for name, count in counts.items():
            if isinstance(count, int):
                yield f"rows/{name}", count


def _bounds(prefix: str, intervals: Mapping[str, Interval]) -> Iterator[tuple[str, float]]:
    for name, interval in intervals.items():
        yield f"{prefix}{name}/low", interval.low
        yield f"{prefix}{name}/high", interval.high


def _tags(subject: Subject, status: QuickTestStatus) -> dict[str, str]:
    test, pinned = subject.test, status.pinned
    tags: dict[str, Any] = {
        "recsmith.state": status.state.value,
        "recsmith.error": status.error.message if status.error else None,
        "recsmith.artifacts": status.artifacts_uri,
    }
    if test is not None:
        tags |= {
            "recsmith.purpose": test.purpose,
            "recsmith.feature_config": test.feature_config_id,
            "recsmith.model_config": test.model_config_id,
            "recsmith.sweep": test.sweep_id,
            "recsmith.tuning": test.tuning_id,
            "recsmith.source_test": test.source_test_id,
        }
    if pinned is not None:
        tags |= {
            "recsmith.feature_config_revision": pinned.feature_config_revision,
            "recsmith.model_config_revision": pinned.model_config_revision,
            "recsmith.dataset": pinned.dataset_id,
            "recsmith.dataset_revision": pinned.dataset_revision,
            "recsmith.dataset_fingerprint": pinned.dataset_fingerprint,
        }
    if status.results is not None:
        tags["recsmith.protocol"] = status.results.protocol.model_dump_json()
    return {name: str(value)[:_LONGEST_TAG] for name, value in tags.items() if value is not None}
