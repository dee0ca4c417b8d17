"""`kill -9` of a run that fills a table: at every other moment at which it touches a file, one
after the other, and between them at random."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shared.batches import MANIFEST, Manifest
from tests.integration import batch_program
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))

import batched

_PROGRAM = str(Path(batch_program.__file__))
_SHARDS = 4


@trial("faults", "kill -9 of a run that fills a table", seconds=300)
def batches(tally: Tally) -> None:
    model = batched.job(tally.folder / "model")
    options = ["--artifacts", model, "--k", "3", "--shards", str(_SHARDS)]
    _run([*options, "--out", str(tally.folder / "undisturbed")])
    expected = _content(tally.folder / "undisturbed")
    moments = tally.of(range(1, 200, 2), range(1, 200, 9))
    kills = 0
    for moment in moments:  # each in a folder of its own, then gone on with
        out = tally.folder / f"at-{moment}"
        if _run([*options, "--out", str(out)], moment) != -signal.SIGKILL:
            break  # it was over before
        kills += 1
        _go_on(tally, [*options, "--out", str(out)], out, expected)
    tally.figure(f"killed at {kills} moments of a run")
    if kills == 0:
        tally.loses("no run was killed")
    chance = random.Random(21)
    out = tally.folder / "again-and-again"
    for _ in range(tally.of(20, 3)):
        process = _begin([*options, "--out", str(out)])
        time.sleep(chance.uniform(0.0, 1.5))
        process.kill()
        process.wait()
        tally.tried()
        if out.exists():
            break
    if not out.exists():
        _go_on(tally, [*options, "--out", str(out)], out, expected)


def _go_on(tally: Tally, command: list[str], out: Path, expected: list[Any]) -> None:
    tally.tried()
    noted = Path(f"{out}.unfinished") / MANIFEST
    begun = Manifest.model_validate_json(noted.read_bytes()).run_id if noted.exists() else None
    if out.exists():
        tally.loses(f"{out.name} was shown before it was whole")
    if (status := _run(command)) != 0:
        tally.loses(f"{out.name} did not go on: exit status {status}")
        return
    manifest = Manifest.model_validate_json((out / MANIFEST).read_bytes())
    if begun not in (None, manifest.run_id):
        tally.loses(f"{out.name} began anew")
    if _content(out) != expected:
        tally.loses(f"{out.name} has other rows than an undisturbed run")
    if left := [path.name for path in out.rglob(".*")]:
        tally.loses(f"{out.name} has drafts: {left}")


def _begin(command: list[str], moment: int | None = None) -> subprocess.Popen[bytes]:
    told = {} if moment is None else {"RECSMITH_TEST_KILL_AT": str(moment)}
    return subprocess.Popen(
        [sys.executable, _PROGRAM, *command],
        env={**os.environ, **told},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def _run(command: list[str], moment: int | None = None) -> int:
    return _begin(command, moment).wait(PATIENCE)


def _content(out: Path) -> list[Any]:
    tables = [pq.read_table(path) for path in sorted((out / "data").iterdir())]
    rows: list[dict[str, Any]] = pa.concat_tables(tables).drop(["run_id", "made_at"]).to_pylist()
    return sorted(rows, key=lambda row: (row["customer_id"], row["rank"]))
