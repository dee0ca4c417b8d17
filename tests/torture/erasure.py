"""A customer who is forgotten: searched for afterwards in every byte of the home, compressed or
not, with real trainings and predictions."""

from __future__ import annotations

import gzip
import sqlite3
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import duckdb

from local.wiring import System, embedded
from shared import editing
from shared.predictions import PredictionRequest
from shared.services import profile_again
from tests.torture import shop
from tests.torture.trial import Tally, trial
from tests.waiting import happens

WHO = "unmistakable-4711"
ROWS = 3_000


@trial("faults", "erasure: a customer, searched for in the whole home", seconds=600, small=False)
def erasure(tally: Tally) -> None:
    home = tally.folder / "home"
    _write_csv(tally.folder, WHO)
    system = embedded(home)
    with system.runtime:
        chosen = _configs(tally.folder, system)
        with_them = shop.quick_test(system.ports, chosen)
        tfx = shop.quick_test(system.ports, chosen, runner="tfx", seed=2)
        _completed(system, with_them, tfx, tally=tally)
        _predict(system, with_them)
        _said(home)
        _log(tally, home)
    if not _holding(home):
        tally.loses("the customer was nowhere to be found before: nothing is tried")
    # Without the models: what is said to remain does, and nothing else.
    told = _forget(home)
    knowing = {one["id"] for one in told["knowing"]}
    tally.tried()
    if knowing != {with_them, tfx}:
        tally.loses(f"{knowing} are said to know the customer, not {with_them} and {tfx}")
    for path in _holding(home):
        if not any(path.startswith(f"artifacts/jobs/quick-test-{one}-1/") for one in knowing):
            tally.lets_in(f"the id is left in {path}")
    # With them, and with the source cleaned: nothing at all, and what is made anew is clean.
    _write_csv(tally.folder, "somebody")
    _forget(home, "--models")
    tally.tried()
    for path in _holding(home):
        tally.lets_in(f"with the models gone, the id is left in {path}")
    system = embedded(home)
    with system.runtime:
        for dataset in editing.list_page(system.ports, shop.DATASETS).documents:
            profile_again(dataset.id, system.ports)
        system.runtime.wait_idle(60)
        again = shop.quick_test(system.ports, chosen, seed=3)
        _completed(system, again, tally=tally)
        if editing.erasure_plan(system.ports, WHO).knowing:
            tally.loses("a test of the cleaned source is said to know the customer")
    tally.tried()
    for path in _holding(home):
        tally.lets_in(f"the id is back in {path}")


def _write_csv(folder: Path, who: str) -> None:
    rows = [
        f"c{n % 60},p{n % 17 + n % 3},2024-{n % 12 + 1:02}-{n % 28 + 1:02}" for n in range(ROWS)
    ]
    rows += [f"{who},p{n % 17},2024-{n % 12 + 1:02}-28" for n in range(ROWS // 10)]
    text = "customer,product,bought_at\n" + "\n".join(rows)
    (folder / "purchases.csv").write_text(text + "\n")


def _configs(folder: Path, system: System) -> dict[str, str]:
    """Towers that look back, so that the model keeps histories too."""
    spec = shop.feature_spec(shop.dataset(folder, system.ports), 8)
    spec["buyer_model_features"].append({"type": "history", "column": "product"})
    features = editing.create(system.ports, shop.FEATURES, name="Ids", spec=spec)
    model = editing.create(system.ports, shop.MODELS, name="Small", spec=shop.model_spec(64))
    return {"feature_config_id": features.id, "model_config_id": model.id}


def _completed(system: System, *tests: str, tally: Tally) -> None:
    happens(lambda: all(shop.status_of(system.ports, one).state.ended for one in tests))
    system.runtime.wait_idle(60)
    for one in tests:
        status = shop.status_of(system.ports, one)
        if status.state != "completed":
            tally.loses(f"{one} is {status.state}: {status.error}")


def _predict(system: System, test: str) -> None:
    predictor, uri = system.ports.predictor, shop.status_of(system.ports, test).artifacts_uri
    assert predictor is not None
    assert uri is not None
    assert predictor.predict(uri, PredictionRequest(customer_id=WHO, k=3)).known


def _said(home: Path) -> None:
    """An older version has said the id in a message, which was changed since."""
    with closing(sqlite3.connect(home / "state.db", timeout=30)) as state, state:
        (path,) = state.execute(
            "SELECT path FROM documents WHERE path LIKE 'datasets/%'"
        ).fetchone()
        for note in (f"no row of {WHO} fits", "nothing to say"):
            state.execute(
                "UPDATE documents SET data = json_set(data, '$.status.notes[0]', ?) WHERE path = ?",
                (note, path),
            )


def _log(tally: Tally, home: Path) -> None:
    for log in home.glob("jobs/*/log.txt"):
        with log.open("a") as file:
            file.write(f"could not read the row of {WHO}\n")
        tally.tried()


def _forget(home: Path, *options: str) -> dict[str, Any]:
    """As a user does it; what is left to say is asked of the API beside it."""
    command = [sys.executable, "-c", "from local.cli import app; app()", "forget", WHO]
    done = subprocess.run(
        [*command, "--yes", "--home", str(home), *options], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout + done.stderr
    system = embedded(home)
    with system.runtime:
        return editing.erasure_plan(system.ports, WHO).model_dump(mode="json")


def _holding(home: Path) -> list[str]:
    """Files that hold the id: as bytes, gzipped, zipped, or as a value of a Parquet file."""
    needle = WHO.encode()
    found = []
    for path in sorted(home.rglob("*")):
        if path.is_symlink() or not path.is_file():
            continue
        if any(needle in content for content in _contents(path)):
            found.append(path.relative_to(home).as_posix())
    return found


def _contents(path: Path) -> Iterator[bytes]:
    content = path.read_bytes()
    yield content
    if content[:2] == b"\x1f\x8b":
        yield gzip.decompress(content)
    if content[:1] == b"\x78":
        with suppress(zlib.error):
            yield zlib.decompress(content)
    if content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(path) as archive:
            yield from map(archive.read, archive.namelist())
    if content[:4] == b"PAR1":
        with duckdb.connect() as connection:
            rows = connection.execute("SELECT * FROM read_parquet(?)", [str(path)]).fetchall()
        yield repr(rows).encode()
