"""Who made what."""

from __future__ import annotations

import pytest
from scenario import MODEL_SPEC, Shop

from shared import editing
from shared.documents.base import Collection

MODELS = Collection.MODEL_CONFIGS


@pytest.fixture
def shop() -> Shop:
    return Shop()


def test_versions_say_who_made_them(shop: Shop) -> None:
    made = editing.create(shop.ports, MODELS, name="A", spec=MODEL_SPEC, created_by="ann")
    spec = {**MODEL_SPEC, "top_k": 7}
    editing.update(shop.ports, MODELS, made.id, spec=spec, changed_by="ben")
    authors = [
        shop.documents.data(f"model_configs/{made.id}/versions/{n}")["created_by"] for n in (1, 2)
    ]
    assert authors == ["ann", "ben"]
