"""A registered model is served from wherever its store lies now."""

from __future__ import annotations

from pathlib import Path

import pytest

from shared.batches import BatchError
from shared.registry import Alias, Pointer, ServedVersion, pointer_key
from trainer_image.serving.batches.models import model_of_alias
from trainer_image.serving.http.versions import UnservableError, read_pointer, version_of


def point(store: Path, folder: str) -> None:
    served = ServedVersion(version=1, quick_test_id="qt-1", artifacts_uri=folder)
    pointer = Pointer(
        model_id="rm-shop", name="Shop", revision=1, aliases={Alias.PRODUCTION: served}
    )
    file = store / pointer_key("rm-shop")
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(pointer.model_dump_json())


def test_a_store_that_was_moved_still_serves_its_models(tmp_path: Path) -> None:
    point(tmp_path / "a home", "models/one")
    (tmp_path / "a home").rename(tmp_path / "another home")
    store = (tmp_path / "another home").as_uri()
    version = version_of(read_pointer(store, "rm-shop"), Alias.PRODUCTION, store)
    assert version.artifacts_uri == f"{store}/models/one"
    assert model_of_alias(store, "rm-shop", Alias.PRODUCTION).artifacts_uri == f"{store}/models/one"


def test_a_uri_of_before_is_read_where_it_is_in_the_store(tmp_path: Path) -> None:
    store = tmp_path.as_uri()
    point(tmp_path, f"{store}/models/one")
    version = version_of(read_pointer(store, "rm-shop"), Alias.PRODUCTION, store)
    assert version.artifacts_uri == f"{store}/models/one"
    point(tmp_path, "file:///elsewhere/models/one")
    with pytest.raises(UnservableError, match="outside of the store"):
        version_of(read_pointer(store, "rm-shop"), Alias.PRODUCTION, store)


def test_a_key_that_leads_out_of_the_store_is_refused(tmp_path: Path) -> None:
    store = tmp_path.as_uri()
    point(tmp_path, "../elsewhere")
    with pytest.raises(UnservableError, match="cannot be read"):
        read_pointer(store, "rm-shop")
    with pytest.raises(BatchError, match="no pointer of a registered model"):
        model_of_alias(store, "rm-shop", Alias.PRODUCTION)
