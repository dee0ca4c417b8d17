"""What a source holds, before it is registered."""

from __future__ import annotations

from api_client import Client, error
from scenario import URI, Shop

from functions.api.files import FileListing
from shared.columns import Column
from shared.ports import Profile


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


CATALOGUE = "/data/catalogue.parquet"


def with_a_catalogue() -> Shop:
    shop = Shop()
    columns = [Column(name=name, type="STRING") for name in ("sku", "brand", "product")]
    shop.data.profiles[CATALOGUE] = Profile(columns, 10, "f")
    shop.data.rows = {"city": ["view", "purchase", "view"]}
    return shop


def test_a_table_of_products_is_inspected_with_its_events() -> None:
    client = Client(with_a_catalogue())
    products = {"source": {"kind": "parquet", "uri": CATALOGUE}, "key": "sku"}
    body = {"source": {"kind": "parquet", "uri": URI}, "products": products}
    answer = client("POST", "/api/datasets/inspect/", body).json()
    names = [column["name"] for column in answer["columns"]]
    assert names[-2:] == ["brand", "products_product"]
    assert answer["column_mapping"]["brand"] == "product_brand"
    assert answer["role_reasons"]["brand"] == "a column of the table of products"
    assert answer["tables"]["products"]["key"] == "sku"
    kinds = answer["tables"]["events"]
    assert kinds == {"column": "city", "kinds": {"purchase": "target", "view": "left_out"}}
    said = client("POST", "/api/datasets/inspect/", {**body, "events": None}).json()
    assert said["tables"]["events"] is None


def test_what_does_not_fit_of_a_further_table_is_named() -> None:
    client = Client(with_a_catalogue())
    source = {"source": {"kind": "parquet", "uri": URI}}
    for products, path in (
        ({"source": {"kind": "csv", "uri": "/nowhere.csv"}, "key": "x"}, "products.source.uri"),
        ({"source": {"kind": "parquet", "uri": CATALOGUE}, "key": "x"}, "products.key"),
        ({"source": {"kind": "bigquery", "table": "a.b.c"}, "key": "x"}, "products.source"),
    ):
        body = {**source, "products": products}
        found = error(client("POST", "/api/datasets/inspect/", body), 422, "invalid")
        assert found["fields"][0]["path"].startswith(f"spec.{path}")
        spec = {**body, "column_mapping": {"customer": "customer_id", "product": "product_id"}}
        stored = client("POST", "/api/datasets/", {"name": "Shop", "spec": spec})
        found = error(stored, 422, "invalid")
        assert found["fields"][0]["path"].startswith(f"spec.{path}")
