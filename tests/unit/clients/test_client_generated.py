"""What is written of the client is what the API, its own sources and its docstrings give today."""

from __future__ import annotations

import inspect
import json
import re
import subprocess
import sys
import tomllib
import typing
from pathlib import Path
from typing import Any

import httpx
import pytest
import write_models
import write_operations
import write_page
import write_sync
import write_walking
from recsmith_client import AsyncClient, Client, models, operations
from recsmith_client.calls import Call, Events

from shared.version import version

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "clients" / "python"
DESCRIBED = json.loads((ROOT / "console" / "src" / "api" / "openapi.json").read_text())
MADE = {
    name: function
    for name, function in vars(operations).items()
    if inspect.isfunction(function) and function.__module__ == operations.__name__
}


def test_the_models_are_of_todays_description() -> None:
    """By the hash in their head, without what wrote them."""
    assert write_models.digest() in write_models.FILE.read_text(encoding="utf-8"), "`make client`"


def test_the_operations_the_blocking_client_and_the_page_are_up_to_date() -> None:
    operations_now = write_operations.operations()
    assert write_operations.FILE.read_text("utf-8") == operations_now, "`make client`"
    stored = {file.name: file.read_text("utf-8") for file in write_sync.TARGET.glob("*.py")}
    assert stored == write_sync.modules(), "`make client`"
    assert write_walking.FILE.read_text("utf-8") == write_walking.walking(), "`make client`"
    assert write_page.FILE.read_text("utf-8") == write_page.page(), "`make client`"


def test_every_operation_of_the_api_is_reached_and_no_other() -> None:
    def made(function: Any) -> tuple[str, str]:
        needed = inspect.signature(function).parameters.values()
        given = [
            {} if one.name == "body" else one.name.upper()
            for one in needed
            if one.kind is one.POSITIONAL_OR_KEYWORD
        ]
        call: Call[Any] | Events[Any] = function(*given)
        return ("GET" if isinstance(call, Events) else call.method), call.path

    api = {
        (method.upper(), re.sub(r"{(\w+)}", lambda found: found[1].upper(), path))
        for path, methods in DESCRIBED["paths"].items()
        for method in methods
    }
    assert {made(function) for function in MADE.values()} == api
    ids = [
        one["operationId"] for methods in DESCRIBED["paths"].values() for one in methods.values()
    ]
    assert sorted(MADE) == sorted(write_operations.snake(name) for name in ids)


def test_every_kind_of_document_has_its_operations() -> None:
    """What the API lists has a collection of the client; created, changed or run, its methods."""
    listed = {
        path.split("/")[2].replace("-", "_"): set(methods)
        for path, methods in DESCRIBED["paths"].items()
        if re.fullmatch(r"/api/[\w-]+/", path)
        and "get" in methods
        and (methods["get"]["operationId"]).startswith("list")
        and any(one["name"] == "page_token" for one in methods["get"].get("parameters", []))
    }
    client = Client("http://127.0.0.1:9")
    for name, methods in listed.items():
        collection = getattr(client, name)
        one = f"/api/{name.replace('_', '-')}/{{document_id}}/"
        assert hasattr(collection, "create") == ("post" in methods), name
        assert hasattr(collection, "update") == ("put" in DESCRIBED["paths"][one]), name
        assert hasattr(collection, "delete") == ("delete" in DESCRIBED["paths"][one]), name
        assert hasattr(collection, "wait") == (f"{one}events/" in DESCRIBED["paths"]), name
        answer = collection._listed.get("ID").answer
        assert answer.__name__.lower() == name.removesuffix("s").replace("_", "")


def test_both_clients_have_the_same_methods() -> None:
    def methods(kind: type) -> dict[str, list[str]]:
        return {
            name: list(inspect.signature(member).parameters)
            for name, member in inspect.getmembers(kind, inspect.isfunction)
            if not name.startswith("_")
        }

    blocking, other = Client("http://127.0.0.1:9"), AsyncClient("http://127.0.0.1:9")
    assert methods(Client).keys() | {"aclose"} == methods(AsyncClient).keys() | {"close"}
    for name in ("datasets", "quick_tests", "sweeps", "registered_models"):
        assert methods(type(getattr(blocking, name))) == methods(type(getattr(other, name)))


def test_every_model_can_be_built() -> None:
    """Its fields' types are there: models are built when they are first used."""
    for name, model in vars(models).items():
        if isinstance(model, type) and model.__module__ == models.__name__:
            assert model.model_rebuild() is not False, name


def test_the_client_has_the_repositorys_version_and_few_needs() -> None:
    project = tomllib.loads((PACKAGE / "pyproject.toml").read_text())["project"]
    assert project["version"] == version() == operations.VERSION
    assert [re.split("[<>=]", one)[0] for one in project["dependencies"]] == ["httpx", "pydantic"]


def test_the_client_stands_alone() -> None:
    """It is loaded where nothing of Recsmith's and none of what is optional can be."""
    blocked = [
        "shared",
        "functions",
        "local",
        "pandas",
        "polars",
        "google",
        "numpy",
        "yaml",
        "rich",
    ]
    program = (
        "import sys\n"
        f"sys.modules.update(dict.fromkeys({blocked}))\n"
        f"sys.path = [{str(PACKAGE)!r}, *[one for one in sys.path if one != {str(ROOT)!r}]]\n"
        "import recsmith_client\n"
        "recsmith_client.Client('https://shop.example', token='t')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=PACKAGE
    )
    assert ended.returncode == 0, ended.stderr


def test_an_operation_says_what_it_answers() -> None:
    """To type checkers what it is read as when it runs."""
    for name, function in MADE.items():
        returns = typing.get_type_hints(function)["return"]
        call = function(
            *(
                {} if one.name == "body" else "ID"
                for one in inspect.signature(function).parameters.values()
                if one.kind is one.POSITIONAL_OR_KEYWORD
            )
        )
        read = call.of if isinstance(call, Events) else call.answer
        (told,) = typing.get_args(returns)
        assert told in (read, type(None)), name


@pytest.mark.parametrize("name", sorted(MADE))
def test_a_query_is_sent_under_the_apis_name(name: str) -> None:
    function = MADE[name]
    parameters = inspect.signature(function).parameters.values()
    needed = [one.name for one in parameters if one.kind is one.POSITIONAL_OR_KEYWORD]
    call = function(*({} if one == "body" else "ID" for one in needed))
    if isinstance(call, Events):
        return
    (described,) = [
        operation
        for methods in DESCRIBED["paths"].values()
        for operation in methods.values()
        if write_operations.snake(operation["operationId"]) == name
    ]
    queries = {one["name"] for one in described.get("parameters", []) if one["in"] == "query"}
    assert set(call.query) == queries
    httpx.Request(call.method, f"http://127.0.0.1{call.path}")
