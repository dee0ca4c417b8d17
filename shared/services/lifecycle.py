"""Putting feature configs away, getting them back, and marking those that are in real use."""

from __future__ import annotations

from collections.abc import Callable

from shared.documents.feature_config import FeatureConfigStatus, Lifecycle
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports
from shared.services.store import FEATURE_CONFIG, change_status


def archive(feature_config_id: str, ports: Ports) -> None:
    """Hides a config from lists and keeps it from being tested. Raises NotFoundError."""

    def write(status: FeatureConfigStatus) -> None:
        if status.lifecycle is not Lifecycle.ARCHIVED:
            status.archived_from = status.lifecycle
            status.lifecycle = Lifecycle.ARCHIVED

    _change(feature_config_id, write, ports)


def unarchive(feature_config_id: str, ports: Ports) -> None:
    """Makes an archived config what it was, or tested if a test has ended since. Raises
    NotFoundError."""

    def write(status: FeatureConfigStatus) -> None:
        if status.lifecycle is Lifecycle.ARCHIVED:
            before = status.archived_from or Lifecycle.DRAFT
            tested = before is Lifecycle.DRAFT and status.best is not None
            status.lifecycle = Lifecycle.TESTED if tested else before
            status.archived_from = None

    _change(feature_config_id, write, ports)


def promote(feature_config_id: str, ports: Ports) -> None:
    """Marks a config as one that a full training has used; nothing happens where it is gone."""

    def write(_: JsonObject, status: FeatureConfigStatus) -> None:
        if status.lifecycle is Lifecycle.ARCHIVED:
            status.archived_from = Lifecycle.PROMOTED
        else:
            status.lifecycle = Lifecycle.PROMOTED

    change_status(FEATURE_CONFIG, feature_config_id, write, ports)


def _change(
    feature_config_id: str, write: Callable[[FeatureConfigStatus], None], ports: Ports
) -> None:
    changed = change_status(FEATURE_CONFIG, feature_config_id, lambda _, s: write(s), ports)
    if changed is None:
        raise NotFoundError(FEATURE_CONFIG.collection.noun, feature_config_id)
