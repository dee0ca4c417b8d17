"""Beginning and ending an experiment of a registered model."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection
from shared.documents.online_experiment import Experiment
from shared.documents.registered_model import RegisteredModel
from shared.editing.conflicts import LockedError
from shared.editing.promoting import numbered_model
from shared.editing.reading import get
from shared.editing.writing import update
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError, Problem


def begin_experiment(
    ports: Ports, model_id: str, versions: Any, salt: Any = None, *, changed_by: str | None = None
) -> RegisteredModel:
    """Wishes for an experiment; `status.experiment` follows within moments.

    Args:
        versions: `{version, share_percent}` of each, the control first.
        salt: of an earlier experiment, to keep its customers where they were.

    Raises:
        NotFoundError: no such model.
        InvalidError: what is wrong with it, by field.
        LockedError: one runs already, or a wish is still pending.
    """
    stored = numbered_model(model_id, ports)
    if stored.status.experiment is not None:
        running = stored.status.experiment
        raise LockedError(
            f"Experiment {running.id} of {stored.name!r} runs already, and its shares stay as they "
            "are, or customers of different days would be mixed. End it first; another one with "
            f"salt {running.salt!r} keeps its customers where they are."
        )
    return _write(stored, {"versions": versions, "salt": salt}, ports, changed_by)


def end_experiment(
    ports: Ports, model_id: str, *, changed_by: str | None = None
) -> RegisteredModel:
    """Wishes for no experiment; the version in production answers everybody within moments.

    Raises:
        NotFoundError: no such model.
        InvalidError: none runs.
    """
    stored = numbered_model(model_id, ports)
    pending = stored.spec.experiment is not None and not stored.status.validated(stored.revision)
    if stored.status.experiment is None and not pending:
        message = f"No experiment of {stored.name!r} runs."
        raise InvalidError([Problem(path="spec.experiment", code="none_runs", message=message)])
    return _write(stored, None, ports, changed_by)


def find_experiment(model: RegisteredModel, experiment_id: str | None) -> Experiment:
    """An experiment by its id; left out, the one that runs, or else the last one.

    Raises:
        NotFoundError: there is none.
    """
    running = model.status.experiment
    known = [*([running] if running else []), *model.status.ended_experiments]
    for one in known:
        if experiment_id in (None, one.id):
            return one
    wanted = experiment_id or "any"
    raise NotFoundError("experiment", wanted, f"of {model.name!r}")


def _write(
    stored: RegisteredModel, experiment: Any, ports: Ports, changed_by: str | None
) -> RegisteredModel:
    if experiment is not None:
        experiment["asked_at"] = ports.clock.now().isoformat()
    spec = {**stored.data()["spec"], "experiment": experiment}
    collection = Collection.REGISTERED_MODELS
    update(ports, collection, stored.id, changed_by=changed_by, spec=spec)
    model = get(ports, collection, stored.id)
    assert isinstance(model, RegisteredModel)
    return model
