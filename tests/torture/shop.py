"""What the trials of faults break: a small shop over the embedded adapters, and what must hold of
it afterwards. Training is stood in for by `tests/integration/stand_in.py`."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import random
import sqlite3
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

from local.wiring import System, embedded
from shared import editing
from shared.documents import base
from shared.documents.base import spec_hash
from shared.documents.feature_config import FeatureConfigStatus
from shared.documents.quick_test import QuickTestStatus, TestState
from shared.ports import Ports
from tests.integration.stand_in import stand_in
from tests.torture.trial import Tally
from tests.waiting import PATIENCE, happens

LAYERS = [{"type": "dense", "units": 32, "activation": None}]
_CSV = "customer,product,bought_at\n" + "".join(
    f"c{n % 50},p{n % 17},2024-01-{n % 28 + 1:02}\n" for n in range(400)
)
_MAPPING = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}
DATASETS, FEATURES, MODELS, TESTS, *_ = base.Collection


def system(folder: Path, **options: Any) -> System:
    """The system over `folder/home`, with the stand-in for the trainer. Tracking is off."""
    os.environ["RECSMITH_MLFLOW_TRACKING_URI"] = "off"
    trainer = folder / "python"
    if not trainer.exists():  # a job may be about to read it
        stand_in(folder)
    command = [str(trainer), "-m", "trainer_image.run"]
    return embedded(folder / "home", trainer_command=command, **options)


def dataset_spec(folder: Path) -> dict[str, Any]:
    csv = folder / "purchases.csv"
    if not csv.exists():  # its time belongs to the dataset's fingerprint
        csv.write_text(_CSV)
    return {"source": {"kind": "csv", "uri": str(csv)}, "column_mapping": _MAPPING}


def dataset(folder: Path, ports: Ports) -> str:
    return editing.create(ports, DATASETS, name="Shop", spec=dataset_spec(folder)).id


def feature_spec(dataset_id: str, width: int) -> dict[str, Any]:
    return {
        "dataset_id": dataset_id,
        "buyer_model_features": [
            {"column": "customer", "type": "string_embedding", "embedding_dim": width}
        ],
        "product_model_features": [{"column": "product", "type": "string_embedding"}],
    }


def model_spec(batch_size: int) -> dict[str, Any]:
    return {
        "buyer_tower_layers": LAYERS,
        "product_tower_layers": LAYERS,
        "batch_size": batch_size,
    }


def configs(folder: Path, ports: Ports) -> dict[str, str]:
    """A feature config and a model config."""
    features = feature_spec(dataset(folder, ports), 8)
    return {
        "feature_config_id": editing.create(ports, FEATURES, name="Ids", spec=features).id,
        "model_config_id": editing.create(ports, MODELS, name="Small", spec=model_spec(64)).id,
    }


def quick_test(ports: Ports, chosen: dict[str, str], **spec: Any) -> str:
    whole = {**chosen, "data_sample_percent": 100, **spec}
    return editing.create(ports, TESTS, name="Try", spec=whole).id


def status_of(ports: Ports, test_id: str) -> QuickTestStatus:
    snapshot = ports.documents.get(TESTS.path(test_id))
    assert snapshot is not None, f"the quick test {test_id} is gone"
    return QuickTestStatus.model_validate(snapshot.data.get("status") or {})


def settle(running: System) -> list[str]:
    """Waits until every test has ended and nothing is left to be handled; says what has not."""

    def left() -> list[str]:
        found = running.ports.documents.query(TESTS)
        stuck = [one.id for one in found if not status_of(running.ports, one.id).state.ended]
        return [f"the test {test_id} is stuck" for test_id in stuck]

    happens(lambda: not left())
    try:
        running.runtime.wait_idle(PATIENCE)
    except TimeoutError as late:
        return [*left(), str(late)]
    return left()


@contextlib.contextmanager
def seeded(tally: Tally) -> Iterator[random.Random]:
    """Chance by a seed that is among the figures; TORTURE_SEED sets it."""
    seed = int(os.environ.get("TORTURE_SEED") or random.SystemRandom().randrange(10**6))
    tally.figure(f"seed {seed}")
    yield random.Random(seed)


def audit(
    home: Path, ports: Ports, tally: Tally, *, may_fail: Collection[str] = (), poison: int = 0
) -> Counter[str]:
    """Everything that must hold once all is settled. `may_fail`: tests whose training was killed,
    or that were failed on purpose. Returns how often each state is what a test ended in."""
    states: Counter[str] = Counter()
    starts = Counter(_lines(home / "starts.txt"))
    for snapshot in ports.documents.query(TESTS):
        status = status_of(ports, snapshot.id)
        states[status.state.value] += 1
        for fault in _of_test(home, snapshot.id, status, starts, may_fail):
            tally.loses(f"test {snapshot.id}: {fault}")
    for collection in (DATASETS, FEATURES, MODELS):
        for snapshot in ports.documents.query(collection):
            revision, status = snapshot.data["revision"], snapshot.data["status"]
            judged = status["validation"]
            if (judged["state"], judged["revision"]) != ("valid", revision):
                tally.loses(f"{snapshot.path} at revision {revision} is judged {judged}")
            if collection is FEATURES:
                _of_code(snapshot.path, FeatureConfigStatus.model_validate(status), ports, tally)
    for path in (home / "artifacts" / "code").glob("[!.]*"):
        if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem:
            tally.loses(f"{path.name} is not what its name says")
    for path in home.glob("artifacts/jobs/*/request.json"):
        json.loads(path.read_bytes())
    with contextlib.closing(sqlite3.connect(home / "state.db")) as state:
        if (found := state.execute("PRAGMA integrity_check").fetchone()[0]) != "ok":
            tally.loses(f"the state is damaged: {found}")
        letters = state.execute("SELECT subscription, reason FROM dead_letters").fetchall()
    if len(letters) != poison:
        tally.loses(f"{len(letters)} dead letters instead of {poison}: {letters[:5]}")
    return states


def _of_test(
    home: Path,
    test_id: str,
    status: QuickTestStatus,
    starts: Counter[str],
    may_fail: Collection[str],
) -> Iterator[str]:
    ends = [
        entry.what
        for entry in status.timeline
        if entry.what.split(":")[0].split(" ")[0] in (*("completed", "failed", "cancelled"),)
    ]
    launches = [entry.what for entry in status.timeline if entry.what.startswith("launched as")]
    if not status.state.ended:
        yield f"has not ended: {status.state.value}"
    if len(ends) != 1:
        yield f"ended {len(ends)} times: {ends}"
    if len(launches) > 1:
        yield f"was launched {len(launches)} times"
    if status.state is TestState.FAILED and test_id not in may_fail:
        yield f"failed: {status.error and status.error.message}"
    jobs = [path.name for path in (home / "jobs").glob(f"*{test_id}*")]
    # A process that was killed early may not have noted its start.
    most = {job: 1 + len([*(home / "jobs" / job).glob("process-*.json")]) for job in jobs}
    if status.state is TestState.COMPLETED:
        if len(jobs) != 1 or not 1 <= starts[jobs[0]] <= most[jobs[0]]:
            yield f"has the jobs {jobs}, started {[starts[job] for job in jobs]} times"
        if status.results is None or status.progress != 100:
            yield "completed without results"
        for name in ("metrics.json", "vocabulary.json"):
            json.loads((home / "artifacts" / "jobs" / jobs[0] / name).read_bytes())
    elif any(starts[job] > most[job] for job in jobs) or len(jobs) > 1:
        yield f"has the jobs {jobs}, started {[starts[job] for job in jobs]} times"


def _of_code(path: str, status: FeatureConfigStatus, ports: Ports, tally: Tally) -> None:
    code = status.preprocessing
    if code is None:
        tally.loses(f"{path} has no code")
    elif hashlib.sha256(ports.artifacts.read(code.uri)).hexdigest() != code.sha256:
        tally.loses(f"{path} has code of another hash")


def acknowledged(ports: Ports, writes: list[dict[str, Any]], tally: Tally) -> None:
    """Every write that was acknowledged is there: its revision, with its spec."""
    for write in writes:
        version = ports.documents.get(f"{write['path']}/versions/{write['revision']}")
        live = ports.documents.get(write["path"])
        spec = live.data["spec"] if live and live.data["revision"] == write["revision"] else None
        spec = version.data["spec"] if version else spec
        if live is None or live.data["revision"] < write["revision"]:
            tally.loses(f"the acknowledged write {write} is gone")
        elif spec is None or spec_hash(spec) != write["spec"]:
            tally.loses(f"revision {write['revision']} of {write['path']} is not what was written")


def orphans(folder: Path) -> list[str]:
    """Processes whose command line names the folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            if str(folder).encode() in path.read_bytes():
                found.append(f"{path.parent.name} {path.read_bytes()[:200]!r}")
    return found


def _lines(path: Path) -> list[str]:
    return path.read_text().splitlines() if path.exists() else []
