"""Two versions of Recsmith over one folder: one after the other in the middle of work, and both."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from local.jobs.environment import REPOSITORY
from tests.integration.stand_in import stand_in
from tests.torture.load_shop import answering, features, model
from tests.torture.shop import dataset_spec
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_BACK = 100  # commits, where no version has a tag
# What the first version that reads documents of a later one has, and none before it.
_READS_LATER = ('unknown="passed over"', "shared/services/document_kind.py")
_COMMAND = "from local.cli import app; app()"


@trial("faults", "upgrade and downgrade in the middle of work", seconds=400)
def versions(tally: Tally) -> None:
    """This version and an earlier one take turns over a home, each ended or killed while a test
    trains. What any of them acknowledged is there and judged, every test ends, once, and both read
    it all. While one runs, the other is refused."""
    earlier = tally.folder / "earlier"
    name = _earlier(earlier)
    if name is None:
        tally.tried()
        tally.figure("not tried: there is no history of versions here")
        return
    tally.figure(f"this version and {name}")
    stand_in(tally.folder)
    slow, made = tally.folder / "home" / "slow", dict[str, str]()
    for turn in range(tally.of(20, 2)):
        # The earlier one first: it makes nothing of configs with settings that it does not know.
        code, other = (REPOSITORY, earlier) if turn % 2 else (earlier, REPOSITORY)
        tally.tried()
        with _up(tally, code) as (http, process):
            if not made:
                made = _configs(tally, http)
            slow.touch()  # the stand-in trains until this is gone
            body = {"name": f"Turn {turn}", "spec": {**_chosen(made), "data_sample_percent": 100}}
            test = _made(http, "quick-tests", body)
            made[f"quick-tests/{test}"] = test
            one = _made(http, "model-configs", model(turn))
            made[f"model-configs/{one}"] = one
            if turn < 2:
                _refused(tally, other)
            if turn % 3 != 2:  # else whenever that is
                _begun(http, test)
            # A kill leaves the training to the next version; SIGTERM takes it along.
            process.send_signal(signal.SIGTERM if turn % 4 == 3 else signal.SIGKILL)
            process.wait()
            slow.unlink()
    with _up(tally, REPOSITORY) as (http, _):
        tests = [one for path, one in made.items() if path.startswith("quick-tests/")]
        ended = {"completed", "failed"}
        happens(lambda: all(_state(http, one) in ended for one in tests))
        states = [_state(http, one) for one in tests]
        errors = [http.get(f"/api/quick-tests/{one}/").json()["status"]["error"] for one in tests]
        for one, state in zip(tests, states, strict=True):
            if state not in ended:
                tally.loses(f"the test {one} is {state}")
        happens(lambda: not _unjudged(http, made))
        for path in _unjudged(http, made):
            tally.loses(f"{path} was never judged")
    with _up(tally, earlier) as (http, _):
        for path in made:
            if "/" in path and (answer := http.get(f"/api/{path}/")).is_error:
                tally.loses(f"the earlier version says of {path}: {answer.text[:500]}")
        if (now := [_state(http, one) for one in tests]) != states:
            tally.loses(f"tests that had ended are now {now}")
    done = states.count("completed")
    tally.figure(f"{len(made) - 2} documents; {done} tests completed, {len(states) - done} failed")
    if not done:
        tally.loses(f"no test completed: {errors}")


def _earlier(folder: Path) -> str | None:
    """The code of the last tagged version, or of some commits ago; its name."""
    text, file = _READS_LATER
    first = _git("log", "--reverse", "--format=%H", f"-S{text}", "--", file).split()[:1]
    since = _git("rev-list", "--count", f"{first[0].decode()}..HEAD") if first else b""
    for wanted in (
        ["describe", "--tags", "--abbrev=0"],
        ["rev-list", "-n", "1", f"--skip={min(_BACK, int(since or 0))}", "HEAD"],
    ):
        name = _git(*wanted).decode().strip()[:12]
        if name and (packed := _git("archive", name)):
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(folder, filter="data")
            return name
    return None


def _git(*command: str) -> bytes:
    """What Git says; nothing where it says no, or is not there."""
    try:
        ended = subprocess.run(["git", "-C", REPOSITORY, *command], capture_output=True)
    except OSError:
        return b""
    return b"" if ended.returncode else ended.stdout


def _start(tally: Tally, code: Path, log: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-c", _COMMAND, "up", "--port", "0", "--home", tally.folder / "home"],
        cwd=tally.folder,
        env={
            **os.environ,
            "PYTHONPATH": str(code),
            "RECSMITH_TRAINER_PYTHON": str(tally.folder / "python"),
            "RECSMITH_MLFLOW_TRACKING_URI": "off",
            "RECSMITH_SPARE_TRAINER": "0",
        },
        stdout=log,
        stderr=subprocess.STDOUT,
    )


@contextmanager
def _up(tally: Tally, code: Path) -> Iterator[tuple[httpx.Client, subprocess.Popen[bytes]]]:
    """A version's `recsmith up`, and a client of it; ended with the block, if it still runs."""
    with (tally.folder / "recsmith.log").open("ab") as log:
        process = _start(tally, code, log)
    with answering(tally.folder / "home", process) as http:
        yield http, process


def _refused(tally: Tally, code: Path) -> None:
    """The other version over the same home says who holds it, and leaves it alone."""
    second = _start(tally, code, subprocess.PIPE)
    said = second.communicate(timeout=60)[0].decode()
    if second.returncode == 0 or "is in use by process" not in said:
        tally.lets_in(f"the other version beside one that runs: {said[-300:]}")


def _configs(tally: Tally, http: httpx.Client) -> dict[str, str]:
    body = {"name": "Shop", "spec": dataset_spec(tally.folder)}
    dataset = _made(http, "datasets", body)
    return {
        "feature_config_id": _made(http, "feature-configs", features(dataset, 1)),
        "model_config_id": _made(http, "model-configs", model(1000)),
    }


def _chosen(made: dict[str, str]) -> dict[str, str]:
    return {key: one for key, one in made.items() if key.endswith("_id")}


def _state(http: httpx.Client, test: str) -> str:
    found = http.get(f"/api/quick-tests/{test}/").raise_for_status().json()
    return str(found["status"]["state"])


def _begun(http: httpx.Client, test: str) -> bool:
    """Whether a test is under way, or soon is."""
    return happens(lambda: _state(http, test) != "pending", 30)


def _made(http: httpx.Client, path: str, body: dict[str, Any]) -> str:
    """The id of a document that a version made."""
    answer = http.post(f"/api/{path}/", json=body)
    if answer.is_error:
        raise RuntimeError(f"a document of {path} is refused: {answer.text[:1000]}")
    return str(answer.json()["id"])


def _unjudged(http: httpx.Client, made: dict[str, str]) -> list[str]:
    """Model configs whose present revision has no verdict."""
    found = []
    for path in made:
        if path.startswith("model-configs/"):
            document = http.get(f"/api/{path}/").raise_for_status().json()
            told = document["status"]["validation"]
            if told["state"] != "valid" or told["revision"] != document["revision"]:
                found.append(path)
    return found
