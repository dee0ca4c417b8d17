"""Configs that say what another one says already."""

from __future__ import annotations

from datetime import UTC, datetime

from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.ports import Filter, Ports
from shared.problems import InvalidError, Problem
from shared.rules.config_hash import config_hash
from shared.services.store import FEATURE_CONFIG, MODEL_CONFIG

_LATER = datetime.max.replace(tzinfo=UTC)


def duplicates(config: FeatureConfig | ModelConfig, ports: Ports) -> list[Problem]:
    """A warning that names the oldest config that means the same, if that one is older.

    Only older ones count, so that a config is not blamed for its copies.
    """
    digest = config_hash(config.spec)
    kind = FEATURE_CONFIG if isinstance(config, FeatureConfig) else MODEL_CONFIG
    older: list[FeatureConfig | ModelConfig] = []
    same_hash = Filter("status.config_hash", "==", digest)
    for snapshot in ports.documents.query(kind.collection, [same_hash]):
        try:
            other: FeatureConfig | ModelConfig = kind.shown.parse(snapshot.id, snapshot.data)
        except InvalidError:
            continue
        # The stored hash lags behind a change of the spec.
        if (
            other.id != config.id
            and _age(other) < _age(config)
            and config_hash(other.spec) == digest
        ):
            older.append(other)
    if not older:
        return []
    first = min(older, key=_age)
    return [
        Problem(
            path="spec",
            code="duplicate_config",
            message=f"{kind.collection.noun.capitalize()} {first.name!r} says the same already. "
            "Use that one, or change what you want to compare.",
            received=first.id,
            level="warning",
        )
    ]


def _age(config: FeatureConfig | ModelConfig) -> tuple[datetime, str]:
    """Orders configs, oldest first; those of unknown age are the newest."""
    created = config.created_at
    if created is None:
        return _LATER, config.id
    return created if created.tzinfo else created.replace(tzinfo=UTC), config.id
