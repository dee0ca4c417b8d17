"""Who shows lists is told when to ask for them again."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
from api_client import Client, error
from scenario import Shop

from functions.api.changes import following


class Feed:
    """Writes, by the number of each."""

    def __init__(self) -> None:
        self.written: list[str] = []

    def since(self, seen: int | None) -> tuple[int, frozenset[str]]:
        late = [] if seen is None else self.written[seen:]
        return len(self.written), frozenset(late)


@pytest.fixture
def feed():
    return Feed()


@pytest.fixture
def client(feed):
    shop = Shop()
    shop.ports = replace(shop.ports, changes=feed)
    return Client(shop)


def test_what_was_written_since_is_told(client, feed):
    feed.written = ["datasets/a", "sweeps/b"]
    nothing = {"documents": [], "collections": []}
    assert client("GET", "/api/changes/").json() == {"latest": 2, **nothing}
    feed.written += ["quick_tests/c", "datasets/a", "quick_tests/c"]
    found = client("GET", "/api/changes/", params={"since": 2}).json()
    assert found == {**nothing, "latest": 5, "documents": ["datasets/a", "quick_tests/c"]}
    assert client("GET", "/api/changes/", params={"since": 5}).json() == {"latest": 5, **nothing}
    error(client("GET", "/api/changes/", params={"since": -1}), 422, "invalid")


def test_of_many_documents_the_collection_is_told(client, feed):
    feed.written = [*(f"quick_tests/{number}" for number in range(21)), "datasets/a", "sweeps"]
    found = client("GET", "/api/changes/", params={"since": 0}).json()
    assert found["documents"] == ["datasets/a"]
    assert found["collections"] == ["quick_tests", "sweeps"]


def test_where_nothing_tells_of_changes_lists_are_asked_for_again():
    client = Client(Shop())
    for path in ("/api/changes/", "/api/changes/events/"):
        error(client("GET", path), 404, "not_found")


@pytest.mark.parametrize("last", [None, "2", "9x", "-1", "٣"])
def test_a_stream_begins_with_what_was_missed_and_goes_on_with_what_is_new(feed, last):
    feed.written = ["datasets/a", "sweeps/b", "tunings/c"]

    async def follow():
        stream = following(feed, last, 0.001)
        first = await anext(stream)
        feed.written.append("quick_tests/d")
        second = await asyncio.wait_for(anext(stream), 5)
        await stream.aclose()
        return first, second

    first, second = asyncio.run(follow())
    missed = ["tunings/c"] if last == "2" else []
    assert (first.id, json.loads(first.raw_data)["documents"]) == ("3", missed)
    assert (second.id, json.loads(second.raw_data)["documents"]) == ("4", ["quick_tests/d"])
