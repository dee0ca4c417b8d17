"""The contract of ArtifactStore, for every adapter."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from shared.errors import AlreadyExistsError, NotFoundError
from shared.ports import ArtifactStore
from tests.integration.conftest import Cloud


@pytest.fixture
def store(cloud: Cloud) -> ArtifactStore:
    return cloud.artifacts


@pytest.mark.parametrize("key", ["code/ab12.py", "a", "with space/ü#?%41.txt"])
def test_what_was_created_is_read_back(store: ArtifactStore, key: str) -> None:
    uri = store.create(key, b"\x00content\n")
    assert uri == store.uri(key)
    assert store.exists(uri)
    assert store.read(uri) == b"\x00content\n"


def test_an_artifact_is_never_replaced(store: ArtifactStore) -> None:
    uri = store.create("a", b"first")
    with pytest.raises(AlreadyExistsError):
        store.create("a", b"second")
    assert store.read(uri) == b"first"


def test_of_many_concurrent_writers_one_wins_and_nobody_sees_half_a_file(
    store: ArtifactStore,
) -> None:
    uri = store.uri("code/a.py")
    barrier = threading.Barrier(9)
    contents = [str(number).encode() * 500_000 for number in range(8)]

    def create(content: bytes) -> bytes | None:
        barrier.wait()
        try:
            store.create("code/a.py", content)
        except AlreadyExistsError:
            return None
        return content

    with ThreadPoolExecutor(8) as pool:
        futures = [pool.submit(create, content) for content in contents]
        barrier.wait()
        while not store.exists(uri):
            pass
        seen_early = store.read(uri)
        winners = [future.result() for future in futures if future.result() is not None]
    assert winners == [seen_early] == [store.read(uri)]


def test_a_pointer_is_replaced_whole_however_many_write_and_read_it(store: ArtifactStore) -> None:
    key = "registry/model/pointer.json"
    contents = [str(number).encode() * 200_000 for number in range(4)]
    uri = store.replace(key, contents[0])
    assert uri == store.uri(key)
    written = threading.Event()

    def read_until_written() -> list[bytes]:
        seen = [store.read(uri)]
        while not written.is_set():
            seen.append(store.read(uri))
        return seen

    with ThreadPoolExecutor(6) as pool:
        readers = [pool.submit(read_until_written) for _ in range(2)]
        try:
            list(pool.map(lambda content: store.replace(key, content), contents * 3))
        finally:
            written.set()
        assert {one for reader in readers for one in reader.result()} <= set(contents)
    store.replace(key, b"the last")
    assert store.read(uri) == b"the last"
    with pytest.raises(AlreadyExistsError):
        store.create(key, b"another")


def test_what_does_not_exist_is_not_found(store: ArtifactStore) -> None:
    uri = store.uri("code/nothing.py")
    assert not store.exists(uri)
    with pytest.raises(NotFoundError):
        store.read(uri)


@pytest.mark.parametrize(
    "key", ["", "/etc/passwd", "../a", "a/../../b", "a//b", "./a", "a\0b", "a/"]
)
def test_a_key_that_is_no_relative_path_is_refused(store: ArtifactStore, key: str) -> None:
    with pytest.raises(ValueError, match="key"):
        store.create(key, b"")
    with pytest.raises(ValueError, match="key"):
        store.replace(key, b"")
    with pytest.raises(ValueError, match="key"):
        store.uri(key)


@pytest.mark.parametrize(
    "uri", ["file:///etc/passwd", "http://localhost/a", "gs://other/a", "", "file:a", "file:///%00"]
)
def test_uris_outside_the_store_are_not_found(store: ArtifactStore, uri: str) -> None:
    assert not store.exists(uri)
    with pytest.raises(NotFoundError):
        store.read(uri)


def test_a_uri_cannot_climb_out_of_the_store(store: ArtifactStore) -> None:
    inside = store.create("folder/a", b"")
    for climb in ("/../../../../../../../../etc/passwd", "/..%2f..%2f..%2f..%2f..%2fetc%2fpasswd"):
        uri = inside.removesuffix("/a") + climb
        assert not store.exists(uri)
        with pytest.raises(NotFoundError):
            store.read(uri)


def test_a_folder_is_removed_with_all_that_is_in_it_and_nothing_beside_it(cloud: Cloud) -> None:
    store = cloud.artifacts
    for key in ("jobs/a/model/x.pb", "jobs/a/metrics.json", "jobs/ab/metrics.json"):
        store.create(key, b"content")
    store.remove("jobs/a")
    store.remove("jobs/nothing")
    left = [
        key for key in ("jobs/a/model/x.pb", "jobs/a/metrics.json") if store.exists(store.uri(key))
    ]
    assert left == []
    assert store.read(store.uri("jobs/ab/metrics.json")) == b"content"
    with pytest.raises(ValueError, match="relative path"):
        store.remove("jobs/../code")


def test_folders_are_told_by_what_is_in_them(store: ArtifactStore) -> None:
    for key in ("jobs/b/model/x.pb", "jobs/a/metrics.json", "jobs/a/rows.json", "jobs/plain", "c"):
        store.create(key, b"content")
    assert store.folders("jobs") == ["jobs/a", "jobs/b"]
    assert store.folders("models") == []
    store.remove("jobs/a")
    assert store.folders("jobs") == ["jobs/b"]
    with pytest.raises(ValueError, match="relative path"):
        store.folders("../jobs")


def test_a_folder_has_what_is_below_it_and_is_read_in_pieces(store: ArtifactStore) -> None:
    content = bytes(range(256)) * 40_000
    store.create("jobs/one/model/variables/data", content)
    store.create("jobs/one/model/saved_model.pb", b"graph")
    store.create("jobs/one/model-of-another", b"beside")
    assert store.contents("jobs/one/model") == [
        ("jobs/one/model/saved_model.pb", 5),
        ("jobs/one/model/variables/data", len(content)),
    ]
    pieces = list(store.pieces(store.uri("jobs/one/model/variables/data")))
    assert len(pieces) > 1
    assert b"".join(pieces) == content
    assert store.contents("jobs/two") == []
    with pytest.raises(NotFoundError):
        list(store.pieces(store.uri("jobs/two")))
