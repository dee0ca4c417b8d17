"""Which trial comes next, and which are given up."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from shared.documents.base import read_status
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import TestState
from shared.documents.tuning import Refusal, Searched, Trial, TuningSpec, TuningStatus
from shared.errors import NotFoundError
from shared.metrics import metric as metric_of
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors, listed
from shared.rules.adapted import adapted, check_adapted
from shared.rules.feature_config import check_feature_config
from shared.rules.model_config import check_model_config
from shared.rules.quick_test import check_quick_test
from shared.rules.search import Point, importance, pruned_at, suggest
from shared.rules.search_space import check_space, default_params
from shared.rules.tuning import trained_hash, trial_of, trial_spec
from shared.services.document_kind import find
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG, TUNING
from shared.wording import plural

# Draws for one trial, before it is said that there is nothing left to try.
_DRAWS = 60
_REFUSALS_KEPT = 20


@dataclass(frozen=True)
class Search:
    """The configs that a tuning changes, at the revisions that were fixed."""

    tuning_id: str
    features: FeatureConfig
    model: ModelConfig
    dataset: Dataset

    def allows(self, space: Sequence[Searched]) -> bool:
        """Whether this can be searched of them."""
        return not errors(list(check_space(space, self.features.spec, self.model.spec)))

    def next_trial(self, status: TuningStatus, spec: TuningSpec) -> Trial | None:
        """The next trial, which depends only on its number and on the trials before it that were
        waited for. Where nothing is left to try, None, and the status says why.

        Settings that are not valid are counted, and cost nothing; those that train what another
        trial trains are drawn anew.
        """
        number = len(status.trials) + 1
        if number == 1:
            params = default_params(status.space, self.features.spec, self.model.spec)
            default = trial_of(self.tuning_id, 1, [], {})
            hashed = trained_hash(self.features.spec, self.model.spec)
            return default.model_copy(update={"params": params, "config": hashed})
        known = _points(status, number)
        refused = 0
        for draw in range(_DRAWS):
            params = suggest(
                status.space,
                known,
                seed=spec.seed,
                number=number,
                draw=draw,
                trials=spec.trials,
                lower_is_better=_lower_is_better(status),
            )
            trial = trial_of(self.tuning_id, number, status.space, params)
            if faults := self._faults(status, spec, trial):
                refused += 1
                status.refused += 1
                if len(status.refusals) < _REFUSALS_KEPT:
                    reason = listed(faults)
                    status.refusals.append(Refusal(label=trial.label, reason=reason))
                continue
            trial.config = self._hash(spec, status, trial)
            if all(trial.config != other.config for other in status.trials):
                return trial
        status.why_no_more = (
            f"{plural(_DRAWS, 'draw')} brought nothing new that is valid ({refused} refused)"
        )
        return None

    def prune(self, trial: Trial, status: TuningStatus, spec: TuningSpec) -> None:
        """Gives a trial up, or takes what it came to as of when it should have been: it makes no
        difference whether it was told in time."""
        if trial.pruned or trial.number == 1 or trial.state is TestState.FAILED:
            return
        at = pruned_at(trial.losses, _points(status, trial.number), spec.epochs)
        if at is not None:
            trial.pruned, trial.value = True, None
            trial.losses = trial.losses[:at]
            trial.state = TestState.CANCELLED

    def _faults(self, status: TuningStatus, spec: TuningSpec, trial: Trial) -> list[Problem]:
        test = trial_spec(self.tuning_id, spec, status, trial)
        if faults := errors(list(check_adapted(self.features, self.model, test))):
            return faults
        features, model = adapted(self.features, self.model, test)
        found = [
            *check_feature_config(features.spec, self.dataset),
            *check_model_config(model.spec),
        ]
        if errors(found):
            return errors(found)
        return errors(check_quick_test(test, features, model, self.dataset))

    def _hash(self, spec: TuningSpec, status: TuningStatus, trial: Trial) -> str:
        test = trial_spec(self.tuning_id, spec, status, trial)
        features, model = adapted(self.features, self.model, test)
        return trained_hash(features.spec, model.spec)


def search_of(tuning_id: str, ports: Ports) -> Search | None:
    """None where there is no such tuning, or what it changes cannot be read."""
    snapshot = find(TUNING.collection, tuning_id, ports)
    if snapshot is None:
        return None
    status = read_status(TuningStatus, snapshot.data)
    of_features, of_model = status.feature_config_revision, status.model_config_revision
    if of_features is None or of_model is None:
        return None
    try:
        spec = TUNING.load_revision(tuning_id, status.validation.revision, ports).spec
        features = FEATURE_CONFIG.load_revision(spec.feature_config_id, of_features, ports)
        model = MODEL_CONFIG.load_revision(spec.model_config_id, of_model, ports)
        dataset = DATASET.load(features.spec.dataset_id, ports)
    except (NotFoundError, InvalidError):
        return None
    return Search(tuning_id, features, model, dataset)


def weigh(status: TuningStatus) -> dict[str, float]:
    """The importance of each setting, by all trials so far."""
    known = _points(status, len(status.trials) + status.parallel)
    return importance(status.space, known, lower_is_better=_lower_is_better(status))


def _points(status: TuningStatus, number: int) -> list[Point]:
    """What a trial may go by: all before it, of the latest of which nothing is known but where
    they lie. Which those are depends on numbers alone, not on which of them ended first."""
    waited_for = number - status.parallel
    return [
        _point(trial) if trial.number <= waited_for else Point(trial.params, "running")
        for trial in status.trials
        if trial.number < number
    ]


def _point(trial: Trial) -> Point:
    state: Literal["completed", "pruned", "failed"] = "failed"
    if trial.pruned:
        state = "pruned"
    elif trial.state is TestState.COMPLETED and trial.value is not None:
        state = "completed"
    return Point(trial.params, state, trial.value, trial.losses)


def _lower_is_better(status: TuningStatus) -> bool:
    return metric_of(status.metric or "").lower_is_better
