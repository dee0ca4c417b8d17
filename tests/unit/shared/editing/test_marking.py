"""What people mark runs with has no revision, sets off nothing, and survives what was stored."""

from __future__ import annotations

from typing import Any

import pytest
from api_client import Client, error
from scenario import Shop

from shared import editing
from shared.documents.base import Collection
from shared.documents.marks import MOST_TAGS, Marks
from shared.handlers import reconcile
from shared.services.store import QUICK_TEST

TEST = Collection.QUICK_TESTS


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def client(shop: Shop) -> Client:
    return Client(shop)


@pytest.fixture
def path(shop: Shop, client: Client) -> str:
    dataset = shop.dataset()
    shop.settle()
    spec = {
        "feature_config_id": shop.feature_config(dataset),
        "model_config_id": shop.model_config(),
    }
    made = client("POST", "/api/quick-tests/", {"spec": spec})
    assert made.json()["marks"] == {"tags": [], "pinned": False, "archived": False}
    shop.settle()
    return f"/api/quick-tests/{made.json()['id']}/"


def marked(client: Client, path: str, **changes: Any) -> dict[str, Any]:
    answer = client("PATCH", path, changes)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def stored_as(shop: Shop, test_id: str, **fields: Any) -> None:
    shop.documents.transact(lambda one: one.update(TEST.path(test_id), fields))


def test_a_running_test_is_marked_without_a_revision_and_without_an_event(
    shop: Shop, client: Client, path: str
) -> None:
    before = client("GET", path).json()
    published = len(shop.events.published)
    after = marked(
        client, path, name="Mine", description="Why", add_tags=["paper", "v 2"], pinned=True
    )
    shop.settle()
    assert after["marks"] == {"tags": ["paper", "v 2"], "pinned": True, "archived": False}
    assert (after["name"], after["description"]) == ("Mine", "Why")
    assert (after["revision"], after["spec"]) == (before["revision"], before["spec"])
    assert client("GET", path).json()["marks"] == after["marks"]
    assert len(shop.events.published) == published


def test_tags_are_added_and_removed_each_by_itself(client: Client, path: str) -> None:
    marked(client, path, add_tags=["a", "b"])
    assert marked(client, path, add_tags=["c", "a"], remove_tags=["b"])["marks"]["tags"] == [
        "a",
        "c",
    ]
    same = marked(client, path, add_tags=["a"])
    assert same["updated_at"] == client("GET", path).json()["updated_at"]
    many = [f"t{n}" for n in range(MOST_TAGS - 1)]
    told = error(client("PATCH", path, {"add_tags": many}), 422, "invalid")
    assert "at most 20 tags" in told["fields"][0]["message"]
    assert client("GET", path).json()["marks"]["tags"] == ["a", "c"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"add_tags": ["a,b"]}, "add_tags[0]"),
        ({"add_tags": [" a"]}, "add_tags[0]"),
        ({"add_tags": ["x" * 41]}, "add_tags[0]"),
        ({"archived": "perhaps"}, "archived"),
        ({"name": ""}, "name"),
        ({"spec": {}}, "spec"),
    ],
    ids=["comma", "space", "long", "no truth", "no name", "spec"],
)
def test_what_cannot_be_is_refused_by_its_field(
    client: Client, path: str, body: dict[str, Any], field: str
) -> None:
    before = client("GET", path).json()
    fields = error(client("PATCH", path, body), 422, "invalid")["fields"]
    assert [one["path"] for one in fields] == [field]
    assert client("GET", path).json() == before


def test_a_note_is_not_written_over_one_that_its_writer_has_not_seen(
    client: Client, path: str
) -> None:
    seen = client("GET", path).headers["ETag"]
    marked(client, path, description="Theirs")
    answer = client("PATCH", path, {"description": "Mine"}, headers={"If-Match": seen})
    error(answer, 409, "stale")
    assert client("GET", path).json()["description"] == "Theirs"


@pytest.mark.parametrize("stored", [None, "pinned", {"tags": [3]}])
def test_marks_that_are_none_count_as_none_and_are_put_right(
    shop: Shop, client: Client, path: str, stored: Any
) -> None:
    test_id = path.split("/")[-2]
    stored_as(shop, test_id, marks=stored)
    assert QUICK_TEST.load(test_id, shop.ports).marks == Marks()
    reconcile(shop.ports)
    shop.settle()
    listed = client("GET", "/api/quick-tests/", params={"archived": "false"}).json()["items"]
    assert [one["id"] for one in listed] == [test_id]


def test_lists_are_narrowed_by_tag_archived_and_owner(
    shop: Shop, client: Client, path: str
) -> None:
    def found(**asked: str) -> int:
        return len(client("GET", "/api/quick-tests/", params=asked).json()["items"])

    marked(client, path, add_tags=["paper"], archived=True)
    assert (found(tag="paper"), found(tag="pap"), found(archived="true")) == (1, 0, 1)
    assert (found(archived="false"), found(), found(owner="ana@example.com")) == (0, 1, 0)
    test_id = path.split("/")[-2]
    stored_as(shop, test_id, created_by="ana@example.com")
    assert found(owner="ana@example.com", tag="paper", archived="true") == 1


def test_what_is_not_there_is_not_marked(shop: Shop, client: Client) -> None:
    error(client("PATCH", "/api/sweeps/sw-none/", {"pinned": True}), 404, "not_found")
    with pytest.raises(Exception, match="sw-none"):
        editing.mark(shop.ports, Collection.SWEEPS, "sw-none", pinned=True)
