"""Bad input, over HTTP and past it: the same judgement, and nothing is launched."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from functions.api import create_app
from local.cli.server import serving
from local.tracking import SETTING
from local.wiring import System, embedded
from tests.waiting import PATIENCE, eventually

GOOD = "customer,product,bought_at\nc1,p1,2024-01-01\nc2,p2,2024-01-02\n"
LAYER = {"type": "dense", "units": 32}


@dataclass
class Shop:
    """A running system with a good dataset, a good feature config and a good model config."""

    system: System
    url: str
    folder: Path
    dataset_id: str = ""

    def post(self, collection: str, spec: Any) -> httpx.Response:
        url = f"{self.url}/api/{collection.replace('_', '-')}/"
        return httpx.post(url, json={"name": "Any", "spec": spec})

    def make(self, collection: str, spec: Any) -> str:
        made = self.post(collection, spec)
        assert made.status_code == 201, made.text
        return str(made.json()["id"])

    def insert(self, collection: str, document_id: str, spec: Any) -> None:
        """As a script writes it."""
        with sqlite3.connect(self.system.home / "state.db", timeout=30) as foreign:
            foreign.execute(
                "INSERT INTO documents (path, data) VALUES (?, ?)",
                (f"{collection}/{document_id}", json.dumps({"name": "Bad", "spec": spec})),
            )
        foreign.close()

    def status(self, collection: str, document_id: str) -> dict[str, Any]:
        snapshot = self.system.ports.documents.get(f"{collection}/{document_id}")
        assert snapshot is not None
        found: dict[str, Any] = snapshot.data.get("status", {})
        return found

    def dataset_spec(self, name: str) -> dict[str, Any]:
        return {
            "source": {"kind": "csv", "uri": str(self.folder / name)},
            "column_mapping": {"customer": "customer_id", "product": "product_id"},
        }

    def feature_spec(self, dataset_id: str, column: str = "customer") -> dict[str, Any]:
        return {
            "dataset_id": dataset_id,
            "buyer_model_features": [{"column": column, "type": "string_embedding"}],
            "product_model_features": [{"column": "product", "type": "string_embedding"}],
        }


def _model(**towers: Any) -> dict[str, Any]:
    return {"buyer_tower_layers": [LAYER], "product_tower_layers": [LAYER], **towers}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("shop")
    files = {
        "good.csv": GOOD,
        "empty.csv": "",
        "header.csv": "customer,product\n",
        "binary.csv": "customer,product\nc1,p1\x00\n",
    }
    for name, text in files.items():
        (folder / name).write_text(text)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(SETTING, "off")  # MLflow takes seconds to be imported
        system = embedded(folder / "home", trainer_command=["false"])
    with system.runtime, serving(create_app(system.ports), system.home) as api:
        made = Shop(system, api.url, folder)
        made.dataset_id = made.make("datasets", made.dataset_spec("good.csv"))
        system.runtime.wait_idle(PATIENCE)
        yield made


# The collection, its spec, and of the one error: path, what was received, what would be right.
CASES = {
    "an unknown column": (
        "feature_configs",
        lambda shop: shop.feature_spec(shop.dataset_id, "custmer"),
        ("spec.buyer_model_features[0].column", "custmer", "Did you mean 'customer'"),
    ),
    "an unknown dataset": (
        "feature_configs",
        lambda shop: shop.feature_spec("ds-none"),
        ("spec.dataset_id", "ds-none", "Register it first"),
    ),
    "an unknown layer": (
        "model_configs",
        lambda _: _model(buyer_tower_layers=[{"type": "lstm"}, LAYER]),
        ("spec.buyer_tower_layers[0]", "{'type': 'lstm'}", "'dense'"),
    ),
    "units 0": (
        "model_configs",
        lambda _: _model(product_tower_layers=[{**LAYER, "units": 0}, LAYER]),
        ("spec.product_tower_layers[0].units", 0, "greater than or equal to 1"),
    ),
    "towers of different widths": (
        "model_configs",
        lambda _: _model(product_tower_layers=[{**LAYER, "units": 16}]),
        ("spec.product_tower_layers[0].units", 16, "32"),
    ),
    "a missing file": (
        "datasets",
        lambda shop: shop.dataset_spec("missing.csv"),
        ("spec.source.uri", "{folder}/missing.csv", "no such file"),
    ),
    "an empty file": (
        "datasets",
        lambda shop: shop.dataset_spec("empty.csv"),
        ("spec.source.uri", "{folder}/empty.csv", "A dataset has rows"),
    ),
    "a file without a row": (
        "datasets",
        lambda shop: shop.dataset_spec("header.csv"),
        ("spec.source.uri", "{folder}/header.csv", "A dataset has rows"),
    ),
    "a file that is no text": (
        "datasets",
        lambda shop: shop.dataset_spec("binary.csv"),
        ("spec.source.uri", "{folder}/binary.csv", "is not text"),
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_bad_input_is_refused_over_http_and_marked_in_the_store_with_the_same_errors(
    shop: Shop, case: str
) -> None:
    collection, make, (path, received, right) = CASES[case]
    spec = make(shop)
    answer = shop.post(collection, spec)
    assert answer.status_code == 422, answer.text
    (field,) = answer.json()["error"]["fields"]
    if isinstance(received, str):
        received = received.replace("{folder}", str(shop.folder))
    assert (field["path"], field["received"]) == (path, received)
    assert right in field["message"]

    bad_id = case.replace(" ", "-")
    shop.insert(collection, bad_id, spec)
    eventually(
        lambda: shop.status(collection, bad_id).get("validation", {}).get("state") == "invalid"
    )
    validation = shop.status(collection, bad_id)["validation"]
    errors = [problem for problem in validation["problems"] if problem["level"] == "error"]
    assert [{key: error[key] for key in field} for error in errors] == [field]

    test_id = f"test-of-{bad_id}"
    shop.insert("quick_tests", test_id, _quick_test(shop, collection, bad_id))
    eventually(lambda: shop.status("quick_tests", test_id).get("state") == "failed")
    status = shop.status("quick_tests", test_id)
    assert field["message"] in status["error"]["message"]
    assert status["job"] is None
    shop.system.runtime.wait_idle(PATIENCE)
    assert shop.system.events.dead_letters() == []
    assert list((shop.system.home / "jobs").iterdir()) == []


def _quick_test(shop: Shop, collection: str, bad_id: str) -> dict[str, str]:
    """The spec of a quick test that rests on a bad document, and on good ones otherwise."""
    if collection == "model_configs":
        features = shop.make("feature_configs", shop.feature_spec(shop.dataset_id))
        return {"feature_config_id": features, "model_config_id": bad_id}
    model = shop.make("model_configs", _model())
    if collection == "feature_configs":
        return {"feature_config_id": bad_id, "model_config_id": model}
    on_bad_data = f"features-on-{bad_id}"
    shop.insert("feature_configs", on_bad_data, shop.feature_spec(bad_id))
    return {"feature_config_id": on_bad_data, "model_config_id": model}


@pytest.mark.parametrize(
    ("spec", "path"),
    [
        ("[" * 900 + "]" * 900, "spec"),
        ('{"learning_rate": ' + "9" * 5000 + "}", "spec.learning_rate"),
        ('{"learning_rate": 1e999}', "spec.learning_rate"),
        ('{"optimizer": "\\ud800"}', "spec.optimizer"),
    ],
    ids=["deep", "digits", "infinity", "surrogate"],
)
def test_json_that_python_stumbles_over_is_marked_invalid_and_not_given_up_on(
    shop: Shop, spec: str, path: str, request: pytest.FixtureRequest
) -> None:
    document_id = f"odd-{request.node.callspec.id}"
    with sqlite3.connect(shop.system.home / "state.db", timeout=30) as foreign:
        foreign.execute(
            "INSERT INTO documents (path, data) VALUES (?, ?)",
            (f"model_configs/{document_id}", f'{{"name": "Odd", "spec": {spec}}}'),
        )
    foreign.close()
    eventually(
        lambda: (
            shop.status("model_configs", document_id).get("validation", {}).get("state")
            == "invalid"
        )
    )
    problems = shop.status("model_configs", document_id)["validation"]["problems"]
    assert path in {problem["path"] for problem in problems}
    assert not shop.system.events.dead_letters()
    for part in ("", "versions/"):
        answer = httpx.get(f"{shop.url}/api/model-configs/{document_id}/{part}")
        assert answer.status_code < 500
