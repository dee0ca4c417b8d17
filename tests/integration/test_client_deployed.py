"""The Python client at a deployment, which knows its callers by signed tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from pathlib import Path

import pytest
from recsmith_client import ApiError, AsyncClient, Client, models, operations, tokens
from scenario import Shop

from tests.integration.deployed_api import Google, deployed


@pytest.fixture
def google(tmp_path: Path) -> Google:
    folder = tmp_path / "bin"
    folder.mkdir()
    return Google(folder)


@pytest.fixture
def url(google: Google) -> Iterator[str]:
    shop = Shop()
    shop.dataset()
    shop.settle()
    with deployed(shop.ports, google, editors="ada@shop.example") as url:
        yield url


def test_callers_are_known_by_whatever_gives_their_token(
    url: str, google: Google, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(ApiError) as unknown, Client(url) as client:
        client.datasets.list()
    assert unknown.value.status == 401

    with Client(url, token=google.token()) as client:
        (dataset,) = client.datasets.list()
    with Client(url, token=lambda: google.token("bob@shop.example")) as viewer:
        assert viewer.datasets.get(dataset.id).created_by == dataset.created_by
        with pytest.raises(ApiError) as refused:
            viewer.rule_sets.create("Rules", {"dataset_id": dataset.id, "rules": {}})
    assert refused.value.status == 403
    assert refused.value.code is not None

    monkeypatch.setenv("PATH", f"{google.gcloud(google.token())}:/usr/bin:/bin")
    with Client(url, token=tokens.gcloud()) as editor:
        preset = editor.call(operations.get_model_preset("minimal"))
        made = editor.model_configs.create("Mine", preset.spec)
        assert made.created_by == "ada@shop.example"
    assert google.asked() == [{"--quiet": ""}]


def test_a_token_that_has_expired_is_made_anew(url: str, google: Google) -> None:
    """The deployment refuses it, whatever it says of its end."""
    given = iter(["e30.e30.nobody", google.token()])

    async def listed() -> list[models.Dataset]:
        async with AsyncClient(url, token=lambda: next(given)) as client:
            return await client.datasets.list()

    assert len(asyncio.run(listed())) == 1
    assert next(given, None) is None
