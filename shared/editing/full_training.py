"""From a quick test that went well to a model that is kept."""

from __future__ import annotations

from typing import Any

from shared.documents.base import Collection
from shared.documents.quick_test import QuickTest
from shared.documents.registered_model import registered_model_id
from shared.editing.once import Once
from shared.editing.writing import create
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError, Problem
from shared.services.inputs import launched_test
from shared.services.registering import usual_name
from shared.services.store import QUICK_TEST, REGISTERED_MODEL

_LONGEST_NAME = 255


def train_in_full(
    ports: Ports,
    quick_test_id: str,
    *,
    name: Any = None,
    created_by: str | None = None,
    once: Once | None = None,
    warm_start: bool | None = False,
    **changes: Any,
) -> QuickTest:
    """A new test with what a completed one was made from, on all of the data.

    Settings and configs are those that the quick test ran with, whatever they have become since.

    Args:
        warm_start: begin with the weights of the version in production of the model that it
            becomes a version of; of the latest one where none is.
        changes: fields of the new test's spec, such as `epochs`; None leaves the quick test's. A
            `rule_set_id` of "" names none.

    Raises:
        NotFoundError: no such quick test.
        InvalidError: it has not completed, or a change is not possible.
        RepeatedRequestError, KeyReusedError: see `create`.
    """
    source = launched_test(quick_test_id, ports)
    QUICK_TEST.load(quick_test_id, ports)  # with all of its settings, or not at all
    pinned = source.status.pinned
    if warm_start:
        changes["warm_start_test_id"] = _version_to_begin_with(source, changes, ports)
    spec = {
        **source.spec.model_dump(mode="json"),
        "purpose": "full_training",
        "source_test_id": quick_test_id,
        "champion_test_id": None,
        "warm_start_test_id": None,
        "sweep_id": None,
        "tuning_id": None,
        "trained_percent": 100.0,
        "judged_percent": 100.0,
        "split": {**source.spec.split.model_dump(mode="json"), "judged_on": "test"},
        "feature_config_revision": pinned.feature_config_revision if pinned else None,
        "model_config_revision": pinned.model_config_revision if pinned else None,
        **{field: value for field, value in changes.items() if value is not None},
    }
    spec["rule_set_id"] = spec["rule_set_id"] or None
    title = name if name is not None else f"{source.name} (full training)"[-_LONGEST_NAME:]
    made = create(
        ports, Collection.QUICK_TESTS, name=title, spec=spec, created_by=created_by, once=once
    )
    assert isinstance(made, QuickTest)
    return made


def _version_to_begin_with(source: QuickTest, changes: dict[str, Any], ports: Ports) -> str:
    """The full training whose weights are begun with. Raises InvalidError."""
    name = changes.get("model_name") or usual_name(source, ports)
    try:
        status = REGISTERED_MODEL.load(registered_model_id(str(name)), ports).status
    except (NotFoundError, InvalidError):
        status = None
    version = (status.aliases.production or status.latest) if status else None
    if version is None:
        raise InvalidError(
            [
                Problem(
                    path="warm_start",
                    code="no_version",
                    message=f"{name!r} has no version yet whose weights could be begun with. Train "
                    "it from scratch first, or give the name of a model that has one.",
                    received=True,
                )
            ]
        )
    return version.quick_test_id
