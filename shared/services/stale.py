"""Whether a dataset's source is still what its profile speaks of, and reading it again."""

from __future__ import annotations

from typing import Literal

from shared.documents.base import Validation, read_status
from shared.documents.dataset import Dataset, DatasetStatus
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports, Snapshot, Transaction
from shared.problems import InvalidError, Problem
from shared.services.document_kind import stated_revision
from shared.services.store import DATASET
from shared.tables.fingerprints import together


def check_source(
    dataset: Dataset, ports: Ports, path: str, level: Literal["error", "warning"]
) -> list[Problem]:
    """What is to be said of a profiled dataset whose source has changed since, or is gone.

    Args:
        path: of the field that names the dataset, or its source.
    """
    profiled = dataset.status.source_fingerprint
    if profiled is None:
        return []
    try:
        sources = [dataset.source, *dataset.side_sources.values()]
        now = together([ports.data.source_fingerprint(source) for source in sources])
    except InvalidError as invalid:
        listed = " ".join(problem.message for problem in invalid.problems)
        message = f"The source of dataset {dataset.name!r} cannot be read any more: {listed}"
        return [Problem(path=path, code="source_gone", message=message, level=level)]
    if now is None or now == profiled:
        return []
    if (as_of := dataset.status.as_of) is not None:
        message = (
            f"The table of dataset {dataset.name!r} has changed since it was profiled. Tests read "
            f"it as it was on {as_of:%Y-%m-%d at %H:%M} UTC, so that they can be compared. Profile "
            "it again to take in what is new; BigQuery keeps the past for seven days."
        )
        return [Problem(path=path, code="read_as_of", message=message, level="warning")]
    at = dataset.status.profiled_at
    when = f" on {at:%Y-%m-%d at %H:%M} UTC" if at else ""
    message = (
        f"The source of dataset {dataset.name!r} has changed since it was profiled{when}: its "
        "number of rows, statistics and sizes of vocabularies are those of the old data. Profile "
        f"it again, on its page or by `recsmith dataset profile {dataset.id}`."
    )
    return [Problem(path=path, code="stale_profile", message=message, level=level)]


def profile_again(dataset_id: str, ports: Ports) -> None:
    """Has a dataset's source read anew: `publish_change` hears of it. Until that is done the
    dataset is not validated, and tests on it wait; what was found before stays to be seen. Of a
    table, which is read as of a moment, each moment is a revision of its own.

    Raises NotFoundError.
    """
    path = DATASET.collection.path(dataset_id)

    def write(transaction: Transaction) -> None:
        snapshot = transaction.get(path)
        if snapshot is None:
            raise NotFoundError(DATASET.collection.noun, dataset_id)
        transaction.update(path, ask_for_profile(snapshot))

    ports.documents.transact(write)


def ask_for_profile(dataset: Snapshot) -> JsonObject:
    """The fields of a stored dataset that have its source read anew once they are written."""
    status = read_status(DatasetStatus, dataset.data)
    renewed = stated_revision(dataset.data) + (1 if status.as_of is not None else 0)
    reset = status.model_copy(update={"validation": Validation(), "profiling": None})
    kept = dataset.data.get("status")
    whole = {**(kept if isinstance(kept, dict) else {}), **reset.model_dump(mode="json")}
    return {"status": whole, "revision": max(renewed, 1)}
