"""What a quick test leaves besides its document."""

from __future__ import annotations

from shared.documents.quick_test import QuickTest
from shared.errors import NotFoundError
from shared.places import job_id_of, output_key
from shared.ports import Ports
from shared.problems import InvalidError
from shared.services.inputs import launched_test

REMAINS = [
    "its model and everything else that its job left",
    "its job, with the log",
    "its run in MLflow",
    "its results, wherever they are compared",
]


def remove_files(quick_test_id: str, ports: Ports) -> None:
    """Deletes a test's files, its run and its job; generated code stays, for others may have the
    same. Raises UnavailableError, RefusedError."""
    job_id = job_id_of(quick_test_id)
    for purpose in ("full_training", "quick_test"):
        ports.artifacts.remove(output_key(job_id, purpose))
    if ports.tracker is not None:
        ports.tracker.forget(quick_test_id)
    ports.pipelines.forget(job_id)


def launched_or_none(quick_test_id: str, ports: Ports) -> QuickTest | None:
    """The test; None where it cannot be read."""
    try:
        return launched_test(quick_test_id, ports)
    except (NotFoundError, InvalidError):
        return None
