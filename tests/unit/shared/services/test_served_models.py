"""A registered model is found by its id or its name."""

from __future__ import annotations

import json

import pytest
from fakes import FakeArtifacts

from shared.documents.registered_model import registered_model_id
from shared.registry import (
    Alias,
    Pointer,
    PointerError,
    ServedVersion,
    parse_pointer,
    pointer_key,
)
from shared.services.served_models import find_pointer


def test_a_model_is_found_by_its_id_and_by_its_name() -> None:
    artifacts = FakeArtifacts()
    model_id = registered_model_id("Grocery: weekly")
    pointer = Pointer(model_id=model_id, name="Grocery: weekly", revision=1)
    artifacts.create(pointer_key(model_id), pointer.model_dump_json().encode())
    artifacts.create(pointer_key("rm-broken"), b"{")
    for wanted in (model_id, "Grocery: weekly", " grocery: WEEKLY"):
        assert find_pointer(wanted, artifacts) == pointer
    for unknown in ("Grocery", "rm-broken", "../x", "", "qt-ab12"):
        assert find_pointer(unknown, artifacts) is None


def test_a_model_is_found_where_its_store_is_now() -> None:
    """Its pointer and its folder were copied with everything else."""
    pointer = {
        "model_id": "rm-shop",
        "name": "Shop",
        "revision": 1,
        "aliases": {
            "production": {"version": 2, "quick_test_id": "qt", "artifacts_uri": "models/two"},
            "previous": {"version": 1, "quick_test_id": "q", "artifacts_uri": "memory://models/1"},
        },
    }
    artifacts = FakeArtifacts()
    artifacts.create(pointer_key("rm-shop"), json.dumps(pointer).encode())
    found = find_pointer("rm-shop", artifacts)
    assert found is not None
    assert {one.artifacts_uri for one in found.aliases.values()} == {
        "memory://models/two",
        "memory://models/1",
    }
    assert Pointer.model_validate(pointer).within("file:///moved/").aliases[
        Alias.PRODUCTION
    ].artifacts_uri == ("file:///moved/models/two")


def test_a_pointer_that_leads_out_of_the_store_or_is_anothers_is_not_followed() -> None:
    artifacts = FakeArtifacts()
    for model_id, told, folder in (
        ("rm-a", "rm-a", "models/../../x"),
        ("rm-b", "rm-c", "models/1"),
    ):
        served = ServedVersion(version=1, quick_test_id="qt", artifacts_uri=folder)
        pointer = Pointer(
            model_id=told, name="Shop", revision=1, aliases={Alias.PRODUCTION: served}
        )
        artifacts.create(pointer_key(model_id), pointer.model_dump_json().encode())
        assert find_pointer(model_id, artifacts) is None


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{", "model 'rm-a' is malformed: Invalid JSON"),
        (b'{"model_id": "rm-a", "name": "Shop", "revision": 0}', "malformed: Input should be"),
        (b'{"model_id": "rm-b", "name": "Shop", "revision": 1}', "of another one, 'rm-b'"),
    ],
)
def test_what_is_no_pointer_of_a_model_is_said(content: bytes, says: str) -> None:
    with pytest.raises(PointerError, match=says):
        parse_pointer(content, "rm-a")
