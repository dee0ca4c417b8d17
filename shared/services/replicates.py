"""A completed test's bootstrap replicates, and what its job measured besides, as the job left
them."""

from __future__ import annotations

from pydantic import ValidationError

from shared.documents.quick_test import QuickTestStatus
from shared.errors import NotFoundError
from shared.jobs import CHAMPION_FILE, REPLICATES_FILE, ChampionReport, Replicates
from shared.ports import Ports


def read_replicates(status: QuickTestStatus, ports: Ports) -> Replicates | None:
    """None where the test left none that can be read, as those of older versions.

    Args:
        status: as `store.status_of` reads it.
    """
    if status.artifacts_uri is None:
        return None
    try:
        content = ports.artifacts.read(f"{status.artifacts_uri}/{REPLICATES_FILE}")
        return Replicates.model_validate_json(content)
    except (NotFoundError, ValidationError):
        return None


def read_champion(status: QuickTestStatus, ports: Ports) -> ChampionReport | None:
    """What another model was found to be worth over the test's held-out rows; None where none was
    measured.

    Args:
        status: as `store.status_of` reads it.
    """
    if status.artifacts_uri is None:
        return None
    try:
        content = ports.artifacts.read(f"{status.artifacts_uri}/{CHAMPION_FILE}")
        return ChampionReport.model_validate_json(content)
    except (NotFoundError, ValidationError):
        return None
