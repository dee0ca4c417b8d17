"""Quick tests are deleted with all that they left."""

from __future__ import annotations

import pytest
from lab import Lab

from shared import editing
from shared.documents.base import Collection
from shared.errors import NotFoundError, UnavailableError

TESTS, FEATURES, MODELS, DATASETS = (
    Collection.QUICK_TESTS,
    Collection.FEATURE_CONFIGS,
    Collection.MODEL_CONFIGS,
    Collection.DATASETS,
)


def test_nothing_of_a_deleted_test_is_left_and_its_configs_are_free() -> None:
    lab = Lab()
    features, model = lab.features(), lab.model()
    kept = lab.completed("Kept", 0.2, features, model)
    gone = lab.completed("Gone", 0.3, features, model, seed=2)
    lab.settle()
    assert lab.config(features).best.quick_test_id == gone
    plan = editing.usage(lab.ports, TESTS, gone)
    assert plan.deletable
    assert "its run in MLflow" in plan.removes
    editing.delete(lab.ports, TESTS, gone)
    lab.settle()
    everything = [*lab.artifacts.files, *lab.documents.documents, *lab.pipelines.jobs]
    everything += [run.key for run in lab.tracker.runs.values()]
    assert not [one for one in everything if gone in one]
    assert [one for one in lab.artifacts.files if kept in one]
    assert lab.config(features).best.quick_test_id == kept
    with pytest.raises(NotFoundError):
        editing.get(lab.ports, TESTS, gone)
    with pytest.raises(editing.InUseError, match="Delete those quick tests first"):
        editing.delete(lab.ports, MODELS, model)
    editing.delete(lab.ports, TESTS, kept)
    editing.delete(lab.ports, MODELS, model)
    editing.delete(lab.ports, FEATURES, features)


def test_a_test_that_runs_or_whose_sweep_does_is_not_deleted() -> None:
    lab = Lab()
    running = lab.running_test()
    with pytest.raises(editing.LockedError, match="Cancel it first"):
        editing.delete(lab.ports, TESTS, running)
    assert not editing.usage(lab.ports, TESTS, running).deletable
    lab.succeed(running)
    lab.settle()
    spec = lab.documents.data(TESTS.path(running))["spec"]
    sweep = lab.sweep([spec["feature_config_id"]], [spec["model_config_id"]])
    lab.settle()
    (test,) = lab.swept(sweep).tests
    lab.succeed(test.quick_test_id)
    with pytest.raises(editing.InUseError, match="Cancel the sweep first"):
        editing.delete(lab.ports, TESTS, test.quick_test_id)


def test_what_was_interrupted_is_repeated() -> None:
    lab = Lab()
    test = lab.completed("Gone", 0.3, lab.features(), lab.model())
    lab.settle()
    lab.tracker.down = True
    with pytest.raises(UnavailableError):
        editing.delete(lab.ports, TESTS, test)
    assert editing.get(lab.ports, TESTS, test).status.results is not None
    lab.tracker.down = False
    editing.delete(lab.ports, TESTS, test)
