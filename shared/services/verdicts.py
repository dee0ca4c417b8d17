"""Whether a document may be used. One judge for what comes over the API and what was written
straight into the store."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeVar

from shared.codegen import make_plan
from shared.documents.base import Status, Validation, ValidationState
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import Pinned, PinnedRules, QuickTestSpec, TestState
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors, listed, warnings
from shared.rules.adapted import adapted, check_adapted
from shared.rules.feature_config import check_feature_config
from shared.rules.model_config import check_model_config
from shared.rules.quick_test import check_quick_test
from shared.rules.training import patience_of
from shared.rules.verdict import judge
from shared.services.document_kind import Kind
from shared.services.duplicates import duplicates
from shared.services.inputs import launched_test
from shared.services.measured_rules import named_rules
from shared.services.stale import check_source
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, number
from shared.services.warm_starts import check_warm_start

ConfigT = TypeVar("ConfigT", FeatureConfig, ModelConfig)


@dataclass(frozen=True)
class Verdict:
    """`waiting_for` is the path of a document without which there is no verdict yet."""

    problems: list[Problem] = field(default_factory=list)
    waiting_for: str | None = None

    @property
    def state(self) -> ValidationState:
        if errors(self.problems):
            return ValidationState.INVALID
        return ValidationState.WAITING if self.waiting_for else ValidationState.VALID


@dataclass(frozen=True)
class QuickTestVerdict(Verdict):
    """`pinned` is set where the test is valid."""

    pinned: Pinned | None = None


def judge_feature_config(config: FeatureConfig, ports: Ports) -> Verdict:
    dataset = usable_dataset(config.spec.dataset_id, "spec.dataset_id", ports)
    if isinstance(dataset, Verdict):
        return dataset
    return Verdict(check_feature_config(config.spec, dataset))


def judge_model_config(config: ModelConfig) -> Verdict:
    return Verdict(check_model_config(config.spec))


def with_duplicates(verdict: Verdict, config: FeatureConfig | ModelConfig, ports: Ports) -> Verdict:
    return replace(verdict, problems=[*verdict.problems, *duplicates(config, ports)])


def judge_quick_test(spec: QuickTestSpec, ports: Ports) -> QuickTestVerdict:
    """Both configs are numbered and checked afresh; their own verdicts may be still to come."""
    feature_config = load_config(
        FEATURE_CONFIG, spec.feature_config_id, spec.feature_config_revision, ports
    )
    model_config = load_config(
        MODEL_CONFIG, spec.model_config_id, spec.model_config_revision, ports
    )
    problems = [*_source_test(spec, ports), *_champion(spec, ports)]
    for found in (feature_config, model_config):
        if isinstance(found, Problem):
            problems.append(found)
    if isinstance(feature_config, Problem):
        return QuickTestVerdict(problems)
    path = "spec.feature_config_id"
    dataset = usable_dataset(feature_config.spec.dataset_id, path, ports)
    if isinstance(dataset, Verdict):
        return QuickTestVerdict([*problems, *dataset.problems], dataset.waiting_for)
    problems += check_source(dataset, ports, path, "error")
    of_features = check_feature_config(feature_config.spec, dataset)
    changed = spec.leave_out or spec.settings
    if changed and not errors(of_features) and not isinstance(model_config, Problem):
        problems += check_adapted(feature_config, model_config, spec)
        if errors(problems):
            return QuickTestVerdict(problems)
        feature_config, model_config = adapted(feature_config, model_config, spec)
        of_features = check_feature_config(feature_config.spec, dataset)
    problems += _referenced(path, "Feature config", feature_config.id, of_features)
    if isinstance(model_config, Problem):
        return QuickTestVerdict(problems)
    of_model = check_model_config(model_config.spec)
    problems += _referenced("spec.model_config_id", "Model config", model_config.id, of_model)
    if errors(problems):
        return QuickTestVerdict(problems)
    problems += check_quick_test(spec, feature_config, model_config, dataset)
    if errors(problems):
        return QuickTestVerdict(problems)
    rules: PinnedRules | list[Problem] | None = None
    if spec.warm_start_test_id is not None:
        plan = make_plan(feature_config, model_config, dataset, spec)
        problems += check_warm_start(spec, plan, ports)
        if errors(problems):
            return QuickTestVerdict(problems)
    if spec.rule_set_id is not None:
        examples = make_plan(feature_config, model_config, dataset, spec).examples
        rules = named_rules(spec, model_config, examples, ports)
        if isinstance(rules, list):
            return QuickTestVerdict([*problems, *rules])
    return QuickTestVerdict(
        problems,
        pinned=Pinned(
            feature_config_revision=feature_config.revision,
            model_config_revision=model_config.revision,
            dataset_id=dataset.id,
            dataset_fingerprint=dataset.status.fingerprint or "",
            dataset_revision=dataset.revision,
            source_fingerprint=dataset.status.source_fingerprint,
            early_stopping_patience=patience_of(spec, model_config.spec),
            rule_set=rules,
        ),
    )


def usable_dataset(dataset_id: str, path: str, ports: Ports) -> Dataset | Verdict:
    """A valid dataset; otherwise what is wrong with it at a path, or that it is waited for."""
    try:
        dataset = DATASET.load(dataset_id, ports)
    except NotFoundError:
        return Verdict(
            [
                Problem(
                    path=path,
                    code="unknown_dataset",
                    message=f"There is no dataset {dataset_id!r}. Register it first.",
                    received=dataset_id,
                )
            ]
        )
    except InvalidError as invalid:
        return Verdict(_referenced(path, "Dataset", dataset_id, invalid.problems))
    validation = dataset.status.validation
    if dataset.status.validated(dataset.revision):
        return dataset
    if validation.revision == dataset.revision and validation.state is ValidationState.INVALID:
        return Verdict(_referenced(path, "Dataset", dataset_id, validation.problems))
    return Verdict(waiting_for=DATASET.collection.path(dataset_id))


def _source_test(spec: QuickTestSpec, ports: Ports) -> Iterator[Problem]:
    """Where a full training does not go back to a completed test of the same configs."""
    path, source_id = "spec.source_test_id", spec.source_test_id
    if spec.purpose != "full_training":
        if source_id is not None:
            yield Problem(
                path=path,
                code="source_of_quick_test",
                message="Only a full training goes back to a quick test. Leave this out, or set "
                "purpose to full_training.",
                received=source_id,
            )
        return
    if source_id is None:
        yield Problem(
            path=path,
            code="no_source_test",
            message="A full training goes back to a completed quick test. Give its id.",
        )
        return
    try:
        source = launched_test(source_id, ports)
    except NotFoundError:
        yield _unknown(path, "quick test", source_id)
        return
    except InvalidError as invalid:
        yield _referenced(path, "Quick test", source_id, invalid.problems)[0]
        return
    if source.status.state is not TestState.COMPLETED:
        yield Problem(
            path=path,
            code="source_not_completed",
            message=f"Quick test {source_id!r} is {source.status.state}. Only a completed one can "
            "be trained in full.",
            received=source_id,
        )
    results = source.status.results
    judged = judge(results) if results is not None else None
    if judged is not None and judged.standing in ("worse", "no_clear_difference"):
        yield Problem(
            path=path,
            code="source_not_above_baselines",
            message=f"Quick test {source.name!r} shows no clear gain: {judged.label[:1].lower()}"
            f"{judged.label[1:]}. Trained in full, its feature config is marked as promoted all "
            "the same.",
            received=source_id,
            level="warning",
        )
    configs = ("feature_config_id", "model_config_id")
    if any(getattr(source.spec, name) != getattr(spec, name) for name in configs):
        yield Problem(
            path=path,
            code="source_of_other_configs",
            message=f"Quick test {source_id!r} is of feature config "
            f"{source.spec.feature_config_id!r} and model config {source.spec.model_config_id!r}. "
            "A full training takes the same ones.",
            received=source_id,
        )


def _champion(spec: QuickTestSpec, ports: Ports) -> Iterator[Problem]:
    """Where what is to be measured besides is no model that is kept."""
    path, champion_id = "spec.champion_test_id", spec.champion_test_id
    if champion_id is None:
        return
    if spec.purpose != "full_training":
        yield Problem(
            path=path,
            code="champion_of_quick_test",
            message="Only a full training measures another model besides. Leave this out, or set "
            "purpose to full_training.",
            received=champion_id,
        )
        return
    try:
        champion = launched_test(champion_id, ports)
    except NotFoundError:
        yield _unknown(path, "full training", champion_id)
        return
    except InvalidError as invalid:
        yield _referenced(path, "Full training", champion_id, invalid.problems)[0]
        return
    kept = champion.spec.purpose == "full_training"
    if not kept or champion.status.state is not TestState.COMPLETED:
        yield Problem(
            path=path,
            code="no_kept_model",
            message=f"{champion.name!r} is no full training that has completed: there is no model "
            "to measure. Give the id of one, or leave this out.",
            received=champion_id,
        )


def load_config(
    kind: Kind[ConfigT, Any], config_id: str, revision: int | None, ports: Ports
) -> ConfigT | Problem:
    """A config as it is, or as it was at a revision; what is wrong where there is none."""
    field = kind.collection.value[:-1]
    noun = kind.collection.noun
    path = f"spec.{field}_id"
    present = number(kind.collection, config_id, ports)
    try:
        if revision is None:
            return kind.load(config_id, ports)
        return kind.load_revision(config_id, revision, ports)
    except NotFoundError:
        if present is None or revision is None:
            return _unknown(path, noun, config_id)
        return Problem(
            path=f"spec.{field}_revision",
            code="unknown_revision",
            message=f"{noun.capitalize()} {config_id!r} has no revision {revision}. It is at "
            f"revision {present}.",
            received=revision,
        )
    except InvalidError as invalid:
        return _referenced(path, noun.capitalize(), config_id, invalid.problems)[0]


def _unknown(path: str, what: str, config_id: str) -> Problem:
    return Problem(
        path=path,
        code=f"unknown_{what.replace(' ', '_')}",
        message=f"There is no {what} {config_id!r}. Give the id of one that exists.",
        received=config_id,
    )


def _referenced(
    path: str, what: str, document_id: str, problems: Iterable[Problem]
) -> list[Problem]:
    """Problems of another document, seen from the field that names it: errors as one, warnings
    one by one."""
    code = f"invalid_{what.lower().replace(' ', '_')}"
    found = list(problems)
    seen = [
        problem.model_copy(
            update={"path": path, "message": f"{what} {document_id!r}: {problem.message}"}
        )
        for problem in warnings(found)
    ]
    if faults := errors(found):
        told = listed(faults[:5])
        more = f" And {len(faults) - 5} more." if len(faults) > 5 else ""
        seen.insert(
            0,
            Problem(
                path=path,
                code=code,
                message=f"{what} {document_id!r} is not valid. {told}{more}",
                received=document_id,
            ),
        )
    return seen


def record(status: Status, verdict: Verdict, revision: int, now: datetime) -> bool:
    """Writes a verdict down; False where it is the one that stands."""
    validation = Validation(
        state=verdict.state,
        revision=revision,
        problems=verdict.problems,
        waiting_for=verdict.waiting_for if verdict.state is ValidationState.WAITING else None,
        checked_at=status.validation.checked_at,
    )
    if validation == status.validation:
        return False
    status.validation = validation.model_copy(update={"checked_at": now})
    return True
