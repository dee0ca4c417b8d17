"""Whether a tuning may run, what it then searches, and what that takes."""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.documents.estimate import Estimate
from shared.documents.tuning import SEEDS, Searched, Tuning, TuningStatus
from shared.ports import Ports
from shared.problems import Problem, errors
from shared.rules.estimate import total
from shared.rules.search_space import check_space, default_space
from shared.rules.tuning import check_budget, trial_of, trial_spec
from shared.services.estimates import Estimator
from shared.services.store import DATASET, FEATURE_CONFIG, MODEL_CONFIG
from shared.services.verdicts import Verdict, judge_quick_test, load_config

_LONGEST_ID = 200


@dataclass(frozen=True)
class JudgedTuning(Verdict):
    """Attributes:
    space: what is searched; empty where the configs cannot be read.
    revisions: of the feature config and the model config, where the tuning is valid.
    estimate: of all tests; None where it is not valid, or the rows are not counted.
    estimate_of_one: of a trial.
    metric: what trials are ranked by.
    """

    space: list[Searched] = field(default_factory=list)
    revisions: tuple[int, int] | None = None
    estimate: Estimate | None = None
    estimate_of_one: Estimate | None = None
    metric: str | None = None


def judge_tuning(tuning: Tuning, ports: Ports) -> JudgedTuning:
    """The default is judged as its quick test will be; the space by what the configs have."""
    spec = tuning.spec
    problems = []
    if len(tuning.id) > _LONGEST_ID:
        problems.append(
            Problem(
                path="id",
                code="id_too_long",
                message=f"A tuning's id has at most {_LONGEST_ID} characters.",
                received=len(tuning.id),
            )
        )
    default = trial_of(tuning.id, 1, [], {})
    trial = trial_spec(tuning.id, spec, TuningStatus(), default)
    verdict = judge_quick_test(trial, ports)
    problems += verdict.problems
    pinned = verdict.pinned
    features = load_config(FEATURE_CONFIG, spec.feature_config_id, None, ports)
    model = load_config(MODEL_CONFIG, spec.model_config_id, None, ports)
    if pinned is None or isinstance(features, Problem) or isinstance(model, Problem):
        return JudgedTuning(problems, verdict.waiting_for)
    space = spec.space
    if space is None:
        dataset = DATASET.load(pinned.dataset_id, ports)
        space = default_space(features.spec, model.spec, dataset)
    problems += check_space(space, features.spec, model.spec)
    one = Estimator(ports).estimate(trial, pinned)
    if one is not None:
        problems += check_budget(spec, one)
    if errors(problems):
        return JudgedTuning(problems, space=space, estimate_of_one=one)
    return JudgedTuning(
        problems,
        space=space,
        revisions=(features.revision, model.revision),
        estimate=total([one] * (spec.trials + 2 * SEEDS)) if one is not None else None,
        estimate_of_one=one,
        metric=model.spec.task.main_metrics[0],
    )
