"""Files that are sent to the API, by hand, by the Python client and by the command line."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import recsmith_client
import yaml
from api_client import Client
from recsmith_client import ApiError, AsyncClient, FilesError
from registered import Registered
from scenario import DATASET_SPEC, MODEL_SPEC, feature_spec
from typer.testing import CliRunner

from functions.api.asgi import MAX_FILES_BYTES
from local.cli import app, as_code
from local.cli.client import Api, UserError
from shared.as_code.walking import MOST_BYTES
from shared.documents.base import Collection

URL = "http://127.0.0.1:9"
FEATURES = {**feature_spec("Store"), "dataset": "Store"}
del FEATURES["dataset_id"]
DOCUMENTS = [
    {"kind": "feature_config", "name": "Basic", "spec": FEATURES},
    {"kind": "dataset", "name": "Store", "spec": DATASET_SPEC},
    {"kind": "model_config", "name": "Slim", "spec": MODEL_SPEC},
]


@pytest.fixture
def shop() -> Registered:
    return Registered()


@pytest.fixture
def client(shop: Registered) -> Client:
    return Client(shop)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """With a file for each document."""
    made = tmp_path / "configs"
    made.mkdir()
    for document in DOCUMENTS:
        (made / f"{document['kind']}.yaml").write_text(yaml.safe_dump(document))
    return made


@pytest.fixture
def python(client: Client) -> recsmith_client.Client:
    """The blocking client, over the application."""

    def answer(request: httpx.Request) -> httpx.Response:
        names = ("Content-Type", "If-Match", "Idempotency-Key")
        headers = {name: request.headers[name] for name in names if name in request.headers}
        target = request.url.raw_path.decode()
        found = client(request.method, target, content=request.content, headers=headers)
        return httpx.Response(found.status_code, headers=found.headers, content=found.content)

    return recsmith_client.Client(URL, transport=httpx.MockTransport(answer))


def count(shop: Registered) -> int:
    kinds = (Collection.DATASETS, Collection.FEATURE_CONFIGS, Collection.MODEL_CONFIGS)
    return sum(len(shop.documents.query(kind.value)) for kind in kinds)


def change(path: Path, **fields: Any) -> None:
    document = yaml.safe_load(path.read_text())
    path.write_text(yaml.safe_dump({**document, **fields}))


def test_a_folder_is_planned_applied_and_then_unchanged(
    python: recsmith_client.Client, shop: Registered, folder: Path
) -> None:
    before = count(shop)
    plan = python.plan(folder)
    assert [(step.kind, step.name, step.action) for step in plan.steps] == [
        ("dataset", "Store", "create"),
        ("feature_config", "Basic", "create"),
        ("model_config", "Slim", "create"),
    ]
    assert count(shop) == before
    made = python.apply(str(folder), plan)
    assert [one.name for one in made] == ["Store", "Basic", "Slim"]
    assert count(shop) == before + 3
    stored = python.feature_configs.get(made[1].id)
    assert stored.spec.dataset_id == made[0].id
    assert stored.managed_by is not None
    assert stored.managed_by.path == "feature_config.yaml"
    assert python.apply(folder) == []
    assert {step.action for step in python.plan([folder]).steps} == {"unchanged"}


def test_what_is_wrong_is_told_with_its_place_and_nothing_is_written(
    python: recsmith_client.Client, shop: Registered, folder: Path
) -> None:
    before = count(shop)
    path = folder / "feature_config.yaml"
    path.write_text(path.read_text().replace("column: product", "column: produce"))
    with pytest.raises(FilesError) as refused:
        python.apply(folder)
    (found,) = refused.value.findings
    lines = path.read_text().splitlines()
    assert lines[found.line - 1][found.column - 1 :].startswith("column: produce")
    assert (found.file, found.path) == (
        path.as_posix(),
        "spec.product_model_features[0].column",
    )
    assert count(shop) == before


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"#" * (MOST_BYTES + 1), "A file has at most 1,048,576 bytes."),
        (b"kind: dataset\nname: \xff\n", "bad.yaml:2:1: The file is not UTF-8 text."),
        (b"kind: [", "bad.yaml:1:8: This is not YAML"),
        (b"kind: &a dataset", "bad.yaml:1:7: Anchors and aliases"),
    ],
    ids=["large", "latin", "torn", "anchor"],
)
def test_a_file_that_cannot_be_read_is_named(
    python: recsmith_client.Client, folder: Path, content: bytes, said: str
) -> None:
    (folder / "bad.yaml").write_bytes(content)
    with pytest.raises(FilesError) as refused:
        python.plan(folder)
    assert said in str(refused.value)


def test_nothing_is_applied_once_the_plan_would_be_another_one(
    python: recsmith_client.Client, shop: Registered, folder: Path
) -> None:
    python.apply(folder)
    change(folder / "model_config.yaml", description="narrow")
    plan = python.plan(folder)
    elsewhere = python.model_configs.find("Slim")
    elsewhere.description = "changed by somebody"
    python.model_configs.update(elsewhere)
    with pytest.raises(ApiError, match=r"model config 'Slim'.*Nothing was applied") as refused:
        python.apply(folder, plan)
    assert (refused.value.status, refused.value.code) == (409, "stale_plan")
    assert python.model_configs.get(elsewhere.id).description == "changed by somebody"

    plan = python.plan(folder)
    change(folder / "dataset.yaml", description="of another file")
    with pytest.raises(ApiError, match="dataset 'Store'"):
        python.apply(folder, plan)
    (folder / "dataset.yaml").unlink()
    with pytest.raises(ApiError, match="dataset 'Store'"):
        python.apply(folder, plan)
    assert [one.action for one in python.apply(folder)] == ["update"]


def test_an_apply_that_was_interrupted_is_finished_by_the_next_one(
    python: recsmith_client.Client, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from shared import editing
    from shared.problems import InvalidError, Problem

    create = editing.create

    def refusing(*given: Any, **fields: Any) -> Any:
        if fields["name"] == "Slim":
            raise InvalidError([Problem(path="spec.batch_size", code="no", message="Not now.")])
        return create(*given, **fields)

    with monkeypatch.context() as patched:
        patched.setattr(editing, "create", refusing)
        with pytest.raises(FilesError, match=r"model_config.yaml:\d+:\d+: Not now\.") as refused:
            python.apply(folder)
    assert [one.name for one in refused.value.applied] == ["Store", "Basic"]
    assert [one.name for one in python.apply(folder)] == ["Slim"]


def test_the_client_for_asyncio_does_the_same(client: Client, folder: Path) -> None:
    async def applied() -> list[str]:
        transport = httpx.ASGITransport(client.app)
        async with AsyncClient(URL, transport=transport) as python:
            plan = await python.plan(folder)
            return [one.name for one in await python.apply(folder, plan)]

    assert asyncio.run(applied()) == ["Store", "Basic", "Slim"]


def test_a_schedule_in_a_file_fires_and_is_the_same_once_exported(
    python: recsmith_client.Client, shop: Registered, folder: Path, recsmith: Any
) -> None:
    shop.versions(0.2)
    text = "kind: schedule\nname: Nightly\nspec: {model: Shop, cron: 0 3 * * mon}\n"
    (folder / "nightly.yaml").write_text(text)
    (step,) = [one for one in python.plan(folder).steps if one.kind == "schedule"]
    assert (step.action, step.note) == ("create", "Every Monday at 03:00, UTC")
    python.apply(folder)
    first = recsmith("export", "schedule")
    kept = python.schedules.find("Nightly")
    python.schedules.delete(kept)
    (folder / "nightly.yaml").write_text(first)
    assert "Every Monday at 03:00, UTC" in recsmith("apply", str(folder), "--yes", "--no-wait")
    assert recsmith("export", "schedule") == first
    (folder / "nightly.yaml").write_text(text.replace("model: Shop", "model: Shopp"))
    said = recsmith("apply", str(folder), "--yes", status=1)
    assert "nightly.yaml:3:8: error: spec.model:" in said
    assert "There is no registered model 'Shopp'. Did you mean 'Shop'?" in said


@pytest.fixture
def recsmith(client: Client, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """The command line, over the application."""

    class Here(Api):
        url = URL

        def __init__(self) -> None: ...

        def _request(self, method: str, path: str, **arguments: Any) -> Any:
            response = client(method, path, arguments.get("json"), params=arguments.get("params"))
            if response.is_error:
                raise UserError(response.json()["error"]["message"])
            return response

    @contextmanager
    def connected(_: Any) -> Iterator[Api]:
        yield Here()

    monkeypatch.setattr(as_code, "connected", connected)

    def run(*arguments: str, status: int = 0) -> str:
        told = CliRunner().invoke(app, [*arguments], env={"COLUMNS": "200"})
        assert told.exit_code == status, told.output
        return told.output

    return run


def test_the_bounds_of_what_is_sent_are_told(client: Client) -> None:
    path = "/api/as-code/plan/"
    large = client("POST", path, {"files": [{"path": "a", "text": "#" * MAX_FILES_BYTES}]})
    assert large.status_code == 413
    assert f"{MAX_FILES_BYTES:,} bytes" in large.json()["error"]["message"]
    wide = {"path": "a.yaml", "text": "#" * (MOST_BYTES + 1)}
    (found,) = client("POST", path, {"files": [wide]}).json()["findings"]
    assert "one may have 1,024 KiB" in found["message"]
    many = client("POST", path, {"files": [{"path": "a", "text": ""}] * 2001})
    assert many.json()["error"]["fields"][0]["path"] == "files"
    assert client("POST", path, {"files": []}).json() == {
        "valid": True,
        "findings": [],
        "steps": [],
    }
