"""What a source holds, before it is registered."""

from __future__ import annotations

from api_client import Client, error
from scenario import URI, Shop

from functions.api.files import FileListing


def test_a_source_is_inspected_and_nothing_is_stored() -> None:
    shop = Shop()
    client = Client(shop)
    answer = client(
        "POST", "/api/datasets/inspect/", {"source": {"kind": "parquet", "uri": URI}}
    ).json()
    columns = {column["name"]: column for column in answer["columns"]}
    assert columns["customer"]["type"] == "INTEGER"
    assert columns["customer"]["statistics"] is None
    assert answer["column_mapping"]["customer"] == "customer_id"
    assert client("GET", "/api/datasets/").json()["items"] == []


def test_a_source_that_cannot_be_read_is_named() -> None:
    client = Client(Shop())
    body = {"source": {"kind": "csv", "uri": "/nowhere.csv"}}
    found = error(client("POST", "/api/datasets/inspect/", body), 422, "invalid")
    assert found["fields"][0]["path"] == "spec.source.uri"
    error(client("POST", "/api/datasets/inspect/", {"source": {"kind": "xml"}}), 422, "invalid")


def test_folders_are_listed_only_where_there_are_some_to_look_into() -> None:
    client = Client(Shop())
    error(client("GET", "/api/files/"), 404, "not_found")
    listing = FileListing(path="/data", parent="/", entries=[])
    client.app.state.browse = lambda path: listing.model_copy(update={"path": path or "/data"})
    try:
        assert client("GET", "/api/files/").json()["path"] == "/data"
        assert client("GET", "/api/files/?path=/else").json()["path"] == "/else"
    finally:
        client.app.state.browse = None
