"""What a list says of documents is kept for each version of them."""

from __future__ import annotations

from api_client import Client
from scenario import MODEL_SPEC, Shop

from functions.api import pages


def _page(client, **query):
    return client("GET", "/api/model-configs/", params=query).json()


def test_a_page_says_what_each_document_says():
    shop = Shop()
    client = Client(shop)
    made = [shop.model_config() for _ in range(3)]
    for _ in range(2):
        items = _page(client)["items"]
        assert {item["id"] for item in items} == set(made)
        for item in items:
            assert item == client("GET", f"/api/model-configs/{item['id']}/").json()


def test_a_page_follows_every_write_whoever_wrote_it():
    shop = Shop()
    client = Client(shop)
    config = shop.model_config()
    assert _page(client)["items"][0]["revision"] == 1
    path = f"/api/model-configs/{config}/"
    client("PUT", path, {"name": "Two", "spec": {**MODEL_SPEC, "batch_size": 64}})
    assert _page(client)["items"][0]["name"] == "Two"

    stored = f"model_configs/{config}"
    spoiled = {**shop.documents.data(stored), "name": 7}
    shop.documents.transact(lambda transaction: transaction.set(stored, spoiled))
    page = _page(client)
    assert page["items"] == []
    assert set(page["unreadable"]) == {config}


def test_what_was_asked_for_longest_ago_is_written_out_anew(monkeypatch):
    shop = Shop()
    client = Client(shop)
    for _ in range(5):
        shop.model_config()
    monkeypatch.setattr(pages, "_MOST_BYTES", 3000)
    whole = _page(client)
    assert _page(client) == whole
    kept = client.app.state.pages
    assert sum(map(len, kept._written.values())) == kept._bytes <= 3000
    assert 0 < len(kept._written) < 5
