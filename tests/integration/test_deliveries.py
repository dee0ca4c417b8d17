"""The wired system under the deliveries that a queue may make: twice, late, out of order."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest

from local.wiring import System, embedded
from shared import editing
from shared.codegen import generate_preprocessing, plan_features
from shared.documents.base import Collection
from shared.events import Event
from shared.rules.presets import preset
from shared.services.store import DATASET, FEATURE_CONFIG, QUICK_TEST
from tests.integration.stand_in import stand_in
from tests.waiting import PATIENCE, eventually


@pytest.fixture
def system(tmp_path: Path) -> Iterator[System]:
    command = [str(stand_in(tmp_path)), "-m", "trainer_image.run"]
    made = embedded(tmp_path / "home", trainer_command=command)
    yield made
    made.runtime.stop()


def _spec(dataset_id: str, dim: int) -> dict[str, Any]:
    def feature(column: str) -> dict[str, Any]:
        return {"column": column, "type": "string_embedding", "embedding_dim": dim}

    return {
        "dataset_id": dataset_id,
        "buyer_model_features": [feature("customer")],
        "product_model_features": [feature("product")],
    }


def _dataset(system: System, folder: Path) -> str:
    path = folder / "purchases.parquet"
    rows = "SELECT n % 50 AS customer, n % 20 AS product FROM range(1000) AS t(n)"
    duckdb.sql(rows).write_parquet(str(path))
    spec = {
        "source": {"kind": "parquet", "uri": str(path)},
        "column_mapping": {"customer": "customer_id", "product": "product_id"},
    }
    return editing.create(system.ports, Collection.DATASETS, name="Shop", spec=spec).id


def _keep_copies(home: Path) -> None:
    """Has the database keep every message that is ever posted."""
    with sqlite3.connect(home / "state.db") as database:
        database.executescript(
            "CREATE TABLE posted (id INTEGER PRIMARY KEY, body TEXT);"
            "CREATE TRIGGER keep AFTER INSERT ON messages BEGIN"
            " INSERT INTO posted (body) VALUES (NEW.body); END;"
        )
    database.close()


def _posted(home: Path) -> list[Event]:
    with sqlite3.connect(home / "state.db") as database:
        rows = database.execute("SELECT body FROM posted ORDER BY id").fetchall()
    database.close()
    return [Event.model_validate_json(body) for (body,) in rows]


def test_every_event_five_times_and_old_revisions_last_is_one_job_and_the_newest_code(
    system: System, tmp_path: Path
) -> None:
    _keep_copies(system.home)
    ports = system.ports
    with system.runtime as runtime:
        dataset_id = _dataset(system, tmp_path)
        model = preset("minimal").spec.model_dump(mode="json")
        model_id = editing.create(ports, Collection.MODEL_CONFIGS, name="Small", spec=model).id
        config_id = editing.create(
            ports, Collection.FEATURE_CONFIGS, name="Ids", spec=_spec(dataset_id, 8)
        ).id
        runtime.wait_idle(PATIENCE)
        first = FEATURE_CONFIG.load(config_id, ports).status.preprocessing
        editing.update(ports, Collection.FEATURE_CONFIGS, config_id, spec=_spec(dataset_id, 16))
        runtime.wait_idle(PATIENCE)
        spec = {"feature_config_id": config_id, "model_config_id": model_id}
        test_id = editing.create(ports, Collection.QUICK_TESTS, name="Try", spec=spec).id
        eventually(lambda: QUICK_TEST.load(test_id, ports).status.state == "completed")
        runtime.wait_idle(PATIENCE)
        before = QUICK_TEST.load(test_id, ports).status

        events = _posted(system.home)
        revisions = {event.revision for event in events if event.document_id == config_id}
        assert revisions == {1, 2}
        for event in reversed(events):
            for _ in range(5):
                ports.events.publish(event)
        runtime.wait_idle(PATIENCE)

        config = FEATURE_CONFIG.load(config_id, ports)
        newest = generate_preprocessing(
            plan_features(config, DATASET.load(dataset_id, ports))
        ).encode()
        stored = config.status.preprocessing
        assert stored is not None
        assert stored.sha256 == hashlib.sha256(newest).hexdigest()
        assert stored != first
        after = QUICK_TEST.load(test_id, ports).status
        assert after == before
        assert after.code is not None
        assert after.code.preprocessing == stored
    assert system.events.dead_letters() == []
    assert [path.name for path in (system.home / "jobs").iterdir()] == [f"quick-test-{test_id}-1"]
    assert (system.home / "starts.txt").read_text().split() == [f"quick-test-{test_id}-1"]
