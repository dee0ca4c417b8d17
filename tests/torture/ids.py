"""Documents' ids that are paths, on to jobs and their folders."""

from __future__ import annotations

import os
import shutil
import sqlite3
from operator import methodcaller
from pathlib import Path
from typing import Any

import duckdb

from local.tracking import SETTING
from local.wiring import embedded
from shared import editing
from shared.documents.base import Collection
from shared.documents.quick_test import QuickTest
from shared.paths import is_id
from shared.ports import Ports
from tests.integration.stand_in import stand_in
from tests.torture.hostile import PATHS
from tests.torture.traversal import files_in
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE, happens


@trial("abuse", "path traversal: documents' ids, on to jobs and their folders", seconds=120)
def ids(tally: Tally) -> None:
    """Tests whose ids are paths run as any other, and leave nothing outside the home."""
    home = tally.folder / "a" / "b" / "home"
    home.mkdir(parents=True)
    rows = duckdb.sql(
        "SELECT i % 50 AS customer, 'p' || (i % 20) AS product, i * 1.0 AS price "
        "FROM range(1000) t(i)"
    )
    assert rows is not None
    rows.write_parquet(str(tally.folder / "rows.parquet"))
    os.environ["RECSMITH_TRAINER_PYTHON"] = str(stand_in(home))
    os.environ[SETTING] = "off"  # MLflow's first run takes seconds, and its names are its own
    system = embedded(home)
    outside = files_in(tally.folder, home)
    system.runtime.start()
    try:
        made = _configs(system.ports, tally.folder / "rows.parquet")
        system.runtime.wait_idle(PATIENCE)
        named = [path for path in PATHS if "/" not in path and path.strip() and "\0" not in path]
        chosen = [path for path in named if is_id(path)][:: tally.of(1, 4)]
        _refused(tally, system.ports, home / "state.db")
        for one in chosen:
            tally.tried()
            document = QuickTest(id=one, name=one[:200], spec=made)

            def write(transaction: Any, document: QuickTest = document) -> None:
                transaction.create(Collection.QUICK_TESTS.path(document.id), document.data())

            system.ports.documents.transact(write)

        def states() -> dict[str, Any]:
            found = system.ports.documents.query("quick_tests")
            return {one.id: one.data.get("status", {}).get("state") for one in found}

        happens(lambda: {*states().values()} <= {"completed", "failed"})
        for one in chosen:
            if states().get(one) != "completed":
                tally.loses(f"the test {one!r} is {states().get(one)}")
    finally:
        system.runtime.stop()
    if files_in(tally.folder, home) != outside:
        tally.lets_in(f"written outside: {files_in(tally.folder, home) - outside}")
    jobs = {path.name for path in (home / "jobs").iterdir()}
    if any(not name.startswith("quick-test-") for name in jobs):
        tally.lets_in(f"folders of jobs: {jobs}")
    shutil.rmtree(home, ignore_errors=True)


def _refused(tally: Tally, ports: Ports, database: Path) -> None:
    """No store takes these ids, from nobody: what they name could be neither shown nor ended."""
    for one in (".", "..", "", "__x__", "x" * 1501):
        tally.tried()
        path = Collection.QUICK_TESTS.path(one)
        try:
            ports.documents.transact(methodcaller("create", path, {}))
            tally.lets_in(f"a test called {one!r}")
        except ValueError:
            pass
    for one in (".", "..", "../x", "x/../y"):
        tally.tried()
        with sqlite3.connect(database, timeout=30) as foreign:
            try:
                foreign.execute(
                    "INSERT INTO documents (path, data) VALUES (?, '{}')", (f"quick_tests/{one}",)
                )
                tally.lets_in(f"a script's test called {one!r}")
            except sqlite3.IntegrityError:
                pass
        foreign.close()


def _configs(ports: Ports, rows: Path) -> dict[str, Any]:
    """A quick test's spec over a dataset and two configs."""
    dataset = editing.create(
        ports,
        Collection.DATASETS,
        name="Shop",
        spec={
            "source": {"kind": "parquet", "uri": str(rows)},
            "column_mapping": {"customer": "customer_id", "product": "product_id"},
        },
    )
    embedding = {"type": "string_embedding"}
    features = editing.create(
        ports,
        Collection.FEATURE_CONFIGS,
        name="Ids",
        spec={
            "dataset_id": dataset.id,
            "buyer_model_features": [{"column": "customer", **embedding}],
            "product_model_features": [{"column": "product", **embedding}],
        },
    )
    tower = [{"type": "dense", "units": 32, "activation": None}]
    model = editing.create(
        ports,
        Collection.MODEL_CONFIGS,
        name="Small",
        spec={"buyer_tower_layers": tower, "product_tower_layers": tower},
    )
    return {"feature_config_id": features.id, "model_config_id": model.id}
