"""A served system with documents of every kind, a completed test among them; the stand-in trains.

Each trial has a process of its own, so that the environment may be set here.
"""

from __future__ import annotations

import json
import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

from local.tracking import SETTING
from tests.integration.stand_in import stand_in
from tests.waiting import PATIENCE, eventually, happens

LAYERS = [{"type": "dense", "units": 32, "activation": None}]
MODEL_SPEC = {"buyer_tower_layers": LAYERS, "product_tower_layers": LAYERS, "batch_size": 64}
MAPPING = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}
CSV = "customer,product,bought_at\n" + "".join(
    f"c{n % 50},p{n % 17},2024-01-{n % 28 + 1:02}\n" for n in range(1000)
)


@dataclass
class ApiShop:
    """`ids` has documents by collection, the completed tests under `quick_tests`."""

    system: Any
    url: str
    folder: Path
    ids: dict[str, list[str]] = field(default_factory=dict)

    def post(self, path: str, body: Any) -> dict[str, Any]:
        answer = httpx.post(f"{self.url}/api/{path}/", json=body, timeout=60)
        assert answer.is_success, answer.text
        found: dict[str, Any] = answer.json()
        return found

    def insert(self, path: str, text: str) -> None:
        """As a script writes a document: past the API, whatever the text says."""
        with sqlite3.connect(self.system.home / "state.db", timeout=30) as foreign:
            foreign.execute("INSERT INTO documents (path, data) VALUES (?, ?)", (path, text))
        foreign.close()

    def completes(self, path: str) -> bool:
        """Whether a test or a sweep comes to a good end in time."""
        return happens(lambda: self.stored(path)["status"].get("state") == "completed")

    def stored(self, path: str) -> Any:
        """The document as text of SQLite's own, for it may be none that Python reads."""
        with sqlite3.connect(self.system.home / "state.db", timeout=30) as foreign:
            row = foreign.execute("SELECT data FROM documents WHERE path = ?", (path,)).fetchone()
        foreign.close()
        return json.loads(row[0])


def feature_spec(dataset_id: str, width: int = 8) -> dict[str, Any]:
    buyer = {"column": "customer", "type": "string_embedding", "embedding_dim": width}
    return {
        "dataset_id": dataset_id,
        "buyer_model_features": [buyer],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }


@contextmanager
def api_shop(folder: Path) -> Iterator[ApiShop]:
    """Runs the system over `folder` until the block ends."""
    os.environ[SETTING] = "off"
    os.environ["RECSMITH_TRAINER_PYTHON"] = str(stand_in(folder))
    from functions.api import create_app
    from local.cli.server import serving
    from local.data.browse import browse
    from local.wiring import embedded

    (folder / "purchases.csv").write_text(CSV)
    system = embedded(folder / "home", reconcile_seconds=1.0)
    with (
        system.runtime,
        serving(create_app(system.ports, browse), system.home) as api,
    ):
        shop = ApiShop(system, api.url, folder)
        _fill(shop)
        yield shop


def _fill(shop: ApiShop) -> None:
    source = {"kind": "csv", "uri": str(shop.folder / "purchases.csv")}
    dataset = shop.post(
        "datasets", {"name": "Shop", "spec": {"source": source, "column_mapping": MAPPING}}
    )["id"]
    shop.system.runtime.wait_idle(PATIENCE)
    features = [
        shop.post("feature-configs", {"name": f"{n}", "spec": feature_spec(dataset, n)})["id"]
        for n in (8, 16)
    ]
    model = shop.post("model-configs", {"name": "Small", "spec": MODEL_SPEC})["id"]
    tests = [
        shop.post("quick-tests", {"feature_config_id": one, "model_config_id": model})["id"]
        for one in features
    ]
    sweep = shop.post(
        "sweeps",
        {"name": "Two", "spec": {"feature_config_ids": features, "model_config_ids": [model]}},
    )["id"]
    shop.ids = {
        "datasets": [dataset],
        "feature_configs": features,
        "model_configs": [model],
        "quick_tests": tests,
        "sweeps": [sweep],
    }
    waited = [f"quick_tests/{one}" for one in tests] + [f"sweeps/{sweep}"]
    eventually(
        lambda: all(shop.stored(one)["status"].get("state") == "completed" for one in waited), 120
    )
