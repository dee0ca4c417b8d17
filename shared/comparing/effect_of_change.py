"""What a change of a config did to the metrics, by quick tests of before and after it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import BaseModel

from shared.comparing.loading import FIELDS, Tested, load
from shared.comparing.table import compare
from shared.documents.base import Collection
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec, TestState
from shared.jobs import Interval
from shared.metrics import metric as metric_of
from shared.models import SpecModel
from shared.ports import Filter, Ports
from shared.rules.comparability import reasons_against
from shared.rules.differences import Verdict, difference_words
from shared.rules.metrics import main_metric
from shared.rules.spec_changes import changes_in_words
from shared.rules.training import training_seed
from shared.rules.value_words import same
from shared.wording import uncapital

# Which field of tests names the configs of a collection.
NAMED_BY: dict[Collection, Literal["feature_config_id", "model_config_id"]] = {
    Collection.FEATURE_CONFIGS: "feature_config_id",
    Collection.MODEL_CONFIGS: "model_config_id",
}
# What a test says in place of its model config.
_OVERRIDES = {
    "learning_rate_override": "learning_rate",
    "batch_size_override": "batch_size",
    "early_stopping_patience": "early_stopping_patience",
}
# What no result depends on, or what is compared as it was measured.
_APART = {
    *("feature_config_id", "model_config_id"),
    *("feature_config_revision", "model_config_revision"),
    *("data_sample_percent", "sample_by", "split", "seed", "training_seed", "rating_column"),
    *("segment_columns", "rule_set_id", "sweep_id", "tuning_id", "source_test_id"),
    *("champion_test_id", "model_name", "runner"),
}
_MOST_TESTS = 30  # of each side, the latest
_MOST_READ = 500  # of each config, the latest


class MeasuredBy(BaseModel):
    """A test, and the metric's value in it."""

    quick_test_id: str
    name: str
    value: float


class EffectOfChange(BaseModel):
    """What changed in the main metric, as *Compare* says it of the two tests.

    Attributes:
        sentence: all of this in words; where it is not known, why, and which test would tell.
        before, after: the tests that say so; null where it is not known.
        difference: after minus before, paired by customer.
        warnings: for whom the better one is clearly worse.
        like: id of a test whose settings the test that would tell should have; null where any
            will do.
    """

    sentence: str
    metric: str = ""
    metric_label: str = ""
    before: MeasuredBy | None = None
    after: MeasuredBy | None = None
    difference: Interval | None = None
    verdict: Verdict | None = None
    warnings: list[str] = []
    like: str | None = None


@dataclass(frozen=True)
class Side:
    """A revision of a document.

    Attributes:
        words: what sentences call it: `version 2`.
        current: whether tests that are started now would take it.
        spec: None where what is stored cannot be read.
    """

    id: str
    name: str
    revision: int
    words: str
    current: bool
    spec: SpecModel | None


def effect_of_change(
    collection: Collection, before: Side, after: Side, ports: Ports
) -> EffectOfChange | None:
    """By the two most telling tests that differ in this change alone: of those that were measured
    alike, the ones with most held-out rows, then the latest. A test counts for a side where the
    config said the same, whichever revision that was.

    Returns:
        None for documents that tests are not made of, and for those that cannot be read.
    """
    named = NAMED_BY.get(collection)
    if named is None or before.spec is None or after.spec is None:
        return None
    tests = [
        test
        for document_id in dict.fromkeys((before.id, after.id))
        for test in _completed(named, document_id, ports)
        if _shows(test, before.spec, after.spec)
    ]
    theirs, ours = (_of_side(named, side.spec, tests) for side in (before, after))
    pairs = [_Pair.of(named, one, other) for other in theirs for one in ours]
    if not pairs:
        return _untested(before, after, theirs, ours)
    best = max(pairs, key=lambda pair: pair.order)
    if best.reasons:
        return _unlike(best, after if after.current else before, before, after)
    return _measured(best, ports)


@dataclass(frozen=True)
class _Pair:
    """A test of each side, and why they do not say what the change did; nothing: they do."""

    before: Tested
    after: Tested
    metric: str
    reasons: list[str]

    @classmethod
    def of(cls, named: str, after: Tested, before: Tested) -> _Pair:
        metric = main_metric(before.results.metrics) or ""
        if not metric or metric not in after.results.metrics:
            return cls(before, after, metric, ["they are ranked by other metrics"])
        reasons = reasons_against(before.measurement, after.measurement, metric)
        return cls(before, after, metric, [*reasons, *_otherwise(named, before, after)])

    @property
    def same_seed(self) -> bool:
        return training_seed(self.before.test.spec) == training_seed(self.after.test.spec)

    @property
    def order(self) -> tuple[int, bool, int, str, str]:
        rows = min(one.results.protocol.holdout_rows for one in (self.before, self.after))
        return -len(self.reasons), self.same_seed, rows, _at(self.after), _at(self.before)


def _at(tested: Tested) -> str:
    at = tested.test.updated_at
    return at.isoformat() if isinstance(at, datetime) else ""


def _completed(named: str, document_id: str, ports: Ports) -> list[Tested]:
    where = [
        Filter(f"spec.{named}", "==", document_id),
        Filter("status.state", "==", TestState.COMPLETED.value),
    ]
    found = ports.documents.query(
        Collection.QUICK_TESTS,
        where,
        order_by="updated_at",
        descending=True,
        limit=_MOST_READ,
        fields=FIELDS,
    )
    return load(found, ports).tests


def _shows(test: Tested, before: SpecModel, after: SpecModel) -> bool:
    """Whether it is of its configs as they stand, as far as these two differ."""
    spec = test.test.spec
    hidden = isinstance(before, ModelConfigSpec) and any(
        getattr(spec, override) is not None
        and not same(getattr(before, field), getattr(after, field))
        for override, field in _OVERRIDES.items()
    )
    return spec.of_whole_configs and not hidden


def _of_side(named: str, spec: SpecModel | None, tests: list[Tested]) -> list[Tested]:
    """The latest, latest first."""
    own = [test for test in tests if same(_config(named, test), spec)]
    return sorted(own, key=_at, reverse=True)[:_MOST_TESTS]


def _config(named: str, test: Tested) -> SpecModel | None:
    document = test.features if named == "feature_config_id" else test.model
    return None if document is None else document.spec


def _otherwise(named: str, before: Tested, after: Tested) -> Iterator[str]:
    """What differs between two tests besides the change, and is not said of how they measured."""
    other = "model_config_id" if named == "feature_config_id" else "feature_config_id"
    noun = other.removesuffix("_id").replace("_", " ")
    if not same(_config(other, before), _config(other, after)):
        yield f"other {noun}: {_named(other, before)} against {_named(other, after)}"
    alike = {field: getattr(before.test.spec, field) for field in _APART}
    for change in changes_in_words(
        before.test.spec, QuickTestSpec.model_copy(after.test.spec, update=alike)
    ):
        yield f"other settings: {uncapital(change)}"


def _named(named: str, test: Tested) -> str:
    document = test.features if named == "feature_config_id" else test.model
    if document is None:
        return f"{getattr(test.test.spec, named)} (deleted)"
    return f"{document.name}, version {document.revision}"


def _measured(pair: _Pair, ports: Ports) -> EffectOfChange:
    before, after, metric = pair.before.test, pair.after.test, pair.metric
    (group,) = compare([before.id, after.id], metric, ports, before.id).groups
    rows = {row.quick_test_id: row for row in group.rows}
    found = rows[after.id].to_base
    assert found is not None
    info, values = metric_of(metric), (rows[before.id].value, rows[after.id].value)
    told = f"{info.label} {info.said(values[0])} → {info.said(values[1])}"
    if found.difference is None:
        told += f". Whether that is more than chance is not known: {found.reason}"
    else:
        word = found.verdict.replace("_", " ")
        clear = word if found.verdict == "no_clear_difference" else f"clearly {word}"
        told += f": {clear} ({difference_words(metric, found.difference)}, 95% interval)."
    if not pair.same_seed:
        told += " The two were trained with different seeds, which moves results too."
    return EffectOfChange(
        sentence=told,
        metric=metric,
        metric_label=info.label,
        before=MeasuredBy(quick_test_id=before.id, name=before.name, value=values[0]),
        after=MeasuredBy(quick_test_id=after.id, name=after.name, value=values[1]),
        difference=found.difference,
        verdict=found.verdict,
        warnings=group.warnings,
    )


def _untested(
    before: Side, after: Side, theirs: list[Tested], ours: list[Tested]
) -> EffectOfChange:
    if not ours and not theirs:
        return EffectOfChange(
            sentence=f"What it did to the metrics is not known: neither {before.words} nor "
            f"{after.words} has a completed quick test. One of each, with the same settings, would "
            "tell."
        )
    missing, like = (before, ours[0]) if ours else (after, theirs[0])
    return EffectOfChange(
        sentence=f"What it did to the metrics is not known: {missing.words} has no completed quick "
        f"test. {_would_tell(missing, like)}",
        like=like.test.id,
    )


def _unlike(pair: _Pair, again: Side, before: Side, after: Side) -> EffectOfChange:
    like = pair.before if again is after else pair.after
    return EffectOfChange(
        sentence=f"What it did to the metrics is not known: the tests of {before.words} and "
        f"{after.words} that are closest, {pair.before.test.name!r} and {pair.after.test.name!r}, "
        f"were not made alike ({'; '.join(pair.reasons)}). {_would_tell(again, like)}",
        like=like.test.id,
    )


def _would_tell(side: Side, like: Tested) -> str:
    test = f"a quick test of {side.words} with the settings of {like.test.name!r} ({like.test.id})"
    if side.current:
        return f"{test[0].upper()}{test[1:]} would tell."
    return f"{test[0].upper()}{test[1:]} would tell; restore or clone that version for it."
