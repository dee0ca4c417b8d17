"""The command, as a user runs it: in a process of its own. Only training is stood in for."""

from __future__ import annotations

import json
import os
import re
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command
from typer.testing import CliRunner

from local.cli import app
from local.pipelines import REPOSITORY
from tests.integration.stand_in import stand_in

RECSMITH = [sys.executable, "-c", "from local.cli import app; app()"]

CSV = "CustomerId,sku,bought_on,city,Mood\n" + "".join(
    f"c{n % 50:03},p{n % 17},2024-01-{n % 28 + 1:02}T10:00:00Z,Ulm,ok\n" for n in range(2000)
)


class Laptop:
    """A home folder, a file of purchases, and the command."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.home = folder, folder / "home"
        self.csv = folder / "purchases.csv"
        self.csv.write_text(CSV)
        self.environment = {
            **{key: value for key, value in os.environ.items() if key != "RECSMITH_HOME"},
            "RECSMITH_HOME": str(self.home),
            "RECSMITH_TRAINER_PYTHON": str(stand_in(folder)),
            "RECSMITH_MLFLOW_TRACKING_URI": "off",  # it takes seconds to be imported
            "PYTHONPATH": str(REPOSITORY),
            "PYTHONUNBUFFERED": "1",  # what is said can be read at once
        }

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [*RECSMITH, *arguments],
            cwd=self.folder,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, status: int = 0) -> str:
        """Everything that the command said."""
        process = self.start(*arguments)
        said, complained = process.communicate(timeout=60)
        assert process.returncode == status, said + complained
        assert "Traceback" not in complained
        return said + complained

    @contextmanager
    def up(self) -> Iterator[str]:
        """A running system's URL. It must have ended of itself by the end."""
        process = self.start("up", "--port", "0")
        note = self.home / "server.json"
        try:
            deadline = time.monotonic() + 30
            while not note.exists():
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < deadline
                time.sleep(0.05)
            yield json.loads(note.read_text())["url"]
            process.send_signal(signal.SIGINT)
            process.wait(timeout=20)
        finally:
            process.kill()
            process.communicate()
        assert not note.exists()


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def _configs(url: str) -> None:
    """A feature config `Features` and a model config `Model` over the only dataset."""
    dataset = httpx.get(f"{url}/api/datasets/").json()["items"][0]
    defaults = httpx.get(f"{url}/api/datasets/{dataset['id']}/smart-defaults/").json()
    preset = httpx.get(f"{url}/api/model-configs/presets/minimal/").json()
    for path, name, spec in (
        ("feature-configs", "Features", defaults),
        ("model-configs", "Model", preset["spec"]),
    ):
        made = httpx.post(f"{url}/api/{path}/", json={"name": name, "spec": spec})
        assert made.status_code == 201, made.text


def _commands(group: Any, *path: str) -> Iterator[list[str]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from _commands(command, *path, name)
        else:
            yield [*path, name]


def test_every_command_explains_itself_with_examples() -> None:
    commands = list(_commands(get_command(app)))
    assert ["quick-test", "run"] in commands
    for command in [[], *commands]:
        result = CliRunner().invoke(app, [*command, "--help"])
        assert result.exit_code == 0
        assert re.search(f"Examples?\\s+.*{' '.join(['recsmith', *command])}", result.output, re.S)


def test_a_dataset_is_added_by_guessing_and_listed(laptop: Laptop) -> None:
    said = laptop.run("dataset", "add", "purchases.csv", "--name", "Shop")
    assert "CustomerId is customer_id" in said
    assert "sku is product_id" in said
    assert "2,000 rows" in said
    listed = laptop.run("dataset", "list")
    assert "Shop" in listed
    assert "valid" in listed
    assert not (laptop.home / "server.json").exists()


def test_what_a_user_gets_wrong_is_one_message(laptop: Laptop) -> None:
    (laptop.folder / "twice.csv").write_text("id,sku,sku\n1,2,3\n")
    said = laptop.run("dataset", "add", "twice.csv", status=1)
    assert "spec.source.uri" in said
    assert "'sku', twice" in said
    said = laptop.run("dataset", "add", "missing.csv", status=1)
    assert str(laptop.folder / "missing.csv") in said
    (laptop.folder / "odd.csv").write_text("a,b\n1,2\n")
    assert "--customer" in laptop.run("dataset", "add", "odd.csv", status=1)
    said = laptop.run("dataset", "add", "odd.csv", "--customer", "c", "--product", "b", status=1)
    assert "'c'" in said
    said = laptop.run("dataset", "list", "--home", "odd.csv", status=1)
    assert "--home odd.csv cannot be made a folder" in said
    assert "COLUMN=ROLE" in laptop.run("dataset", "add", "odd.csv", "--role", "brand", status=1)
    assert "no quick test" in laptop.run("quick-test", "show", "qt-none", status=1)
    assert "--set" in laptop.run("recommend", "qt-none", status=1)
    said = laptop.run("quick-test", "run", "Nothing", "None", status=1)
    assert "no feature config with the id or name 'Nothing'" in said


def test_a_quick_test_is_run_shown_and_asked(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    with laptop.up() as url:
        _configs(url)
        said = laptop.run("quick-test", "run", "Features", "Model", "--sample", "50")
        assert "epoch 2/2   loss 8.0000" in said
        assert "@100" in said
        assert "0.5000" in said
        assert "0.2500" in said  # popularity
        assert "25.00%" in said
        test = httpx.get(f"{url}/api/quick-tests/").json()["items"][0]
        assert test["spec"]["data_sample_percent"] == 50
        again = laptop.run("quick-test", "show", test["id"])
        assert "@100" in again

        said = laptop.run("recommend", test["id"], "--customer", "c007")
        assert re.search(r"\{\} +1\.500 +bought +Soap +3", said)
        said = laptop.run("recommend", test["id"], "--set", "CustomerId=c008")
        assert "no such customer" in said
        assert "{'CustomerId': 'c008'}" in said
        said = laptop.run("recommend", test["id"], "--set", "sku=1", status=1)
        assert "values.sku: No such column." in said
        assert "COLUMN=VALUE" in laptop.run("recommend", test["id"], "--set", "sku", status=1)

        laptop.run("quick-test", "run", "Features", "Model", "--runner", "tfx")
        jobs = [json.loads(path.read_text()) for path in laptop.home.glob("jobs/*/request.json")]
        assert sorted(job["runner"] for job in jobs) == ["direct", "tfx"]

        for option, field in (("--epochs", "spec.epochs"), ("--runner", "spec.runner")):
            said = laptop.run("quick-test", "run", "Features", "Model", option, "0", status=1)
            assert field in said
        laptop.run("generate", "Features", "Model", "--out", "code")
    assert "def run_fn(" in (laptop.folder / "code" / "trainer.py").read_text()
    printed = laptop.run("generate", "Features", "Model")
    assert (laptop.folder / "code" / "preprocessing.py").read_text() in printed


def test_a_sweep_is_run_shown_and_listed(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    assert "no sweep yet" in laptop.run("sweep", "list")
    with laptop.up() as url:
        _configs(url)
        said = laptop.run(
            *("sweep", "run", "Features", "--model", "Model", "--sample", "50", "--name", "Six"),
            *("--learning-rate", "0.001", "--learning-rate", "0.01"),
            *("--seed", "1", "--seed", "2", "--seed", "3"),
        )
        assert "6 tests, about" in said
        assert said.count("recall_at_100 0.5000") == 6
        assert "✓ 1/6 rate 0.001, seed 1" in said
        assert "Recall@100: Seed of the training by Learning rate" in said
        sweep = httpx.get(f"{url}/api/sweeps/").json()["items"][0]
        assert sweep["status"]["state"] == "completed"
        ids = [test["quick_test_id"] for test in sweep["status"]["tests"]]
        listed = httpx.get(f"{url}/api/quick-tests/", params={"sweep_id": sweep["id"]}).json()
        assert sorted(test["id"] for test in listed["items"]) == ids
        assert {test["status"]["state"] for test in listed["items"]} == {"completed"}
        assert all(test["status"]["estimate"] for test in listed["items"])
        assert len(list(laptop.home.glob("jobs/*/request.json"))) == 6

        again = laptop.run("sweep", "show", "Six")
        assert again.count("no clear difference") == 5  # all that the stand-in measures is alike
        assert "clearly the best" not in again
        assert all(test_id in again for test_id in ids)
        row = next(line for line in laptop.run("sweep", "list").splitlines() if "Six" in line)
        assert re.search(r"completed +6/6 +recall_at_100 0\.5000", row)

        said = laptop.run(
            *("sweep", "run", "Features", "--model", "Model", "--max-tests", "3"),
            *("--seed", "1", "--seed", "2", "--seed", "3", "--seed", "4"),
            status=1,
        )
        assert "is 4 tests, more than max_tests, 3" in said
        assert "no sweep with the id or name" in laptop.run("sweep", "show", "Seven", status=1)


def test_a_column_is_worth_what_is_lost_without_it(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    (laptop.home / "varied").touch()
    with laptop.up() as url:
        _configs(url)
        config = httpx.get(f"{url}/api/feature-configs/").json()["items"][0]
        columns = {
            tower: [feature["column"] for feature in config["spec"][f"{tower}_model_features"]]
            for tower in ("buyer", "product")
        }
        said = laptop.run("sweep", "ablate", "Features", "Model", "--sample", "50")
        sweep = httpx.get(f"{url}/api/sweeps/").json()["items"][0]
        labels = [test["label"] for test in sweep["status"]["tests"]]
        assert labels == [
            "all columns",
            *(
                f"without {column} ({tower})"
                for tower, named in columns.items()
                for column in named
                if len(named) > 1
            ),
        ]
        assert "What each column is worth" in said
        found = re.search(
            r"CustomerId +buyer +0\.0500 +\+0\.0500 +(\S+), (\S+) to (\S+) points", said
        )
        assert found is not None, said
        word, low, high = found.groups()
        assert (word == "helps") == (float(high) < 0)
        assert float(low) <= -5.0 <= float(high)
        assert "lacks" not in said

        run = ("quick-test", "run", "Features", "Model", "--sample", "50", "--without")
        assert "such as product:brand" in laptop.run(*run, "CustomerId", status=1)
        assert "no column 'brand'" in laptop.run(*run, "product:brand", status=1)
        assert "0.0500" in laptop.run(*run, "buyer:CustomerId")


def test_a_sweep_is_cancelled(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    (laptop.home / "slow").touch()
    with laptop.up() as url:
        _configs(url)
        watcher = laptop.start(
            *("sweep", "run", "Features", "--model", "Model", "--name", "Long"),
            *("--seed", "1", "--seed", "2", "--seed", "3"),
        )
        deadline = time.monotonic() + 20
        while not list(laptop.home.glob("jobs/*/process.json")):
            assert time.monotonic() < deadline
            time.sleep(0.05)
        assert "Long is cancelled" in laptop.run("sweep", "cancel", "Long")
        said, complained = watcher.communicate(timeout=20)
        assert watcher.returncode == 1
        assert "The sweep is cancelled" in complained
        assert "– 3/3 seed 3" in said
        sweep = httpx.get(f"{url}/api/sweeps/").json()["items"][0]
        assert {test["state"] for test in sweep["status"]["tests"]} == {"cancelled"}
        assert len(list(laptop.home.glob("jobs/*/request.json"))) <= 2
        assert "Long is cancelled" in laptop.run("sweep", "cancel", "Long")


def test_what_a_quick_test_tried_is_trained_in_full(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    with laptop.up() as url:
        _configs(url)
        laptop.run("quick-test", "run", "Features", "Model", "--sample", "50")
        test = httpx.get(f"{url}/api/quick-tests/").json()["items"][0]
        said = laptop.run("train", test["id"], "--epochs", "4")
        assert "Expected: about" in said
        assert "by 1 earlier run on this system" in said
        assert "epoch 4/4" in said
        assert "home/artifacts/models/" in said
        found = httpx.get(f"{url}/api/quick-tests/", params={"purpose": "full_training"}).json()
        (trained,) = found["items"]
        assert trained["spec"]["source_test_id"] == test["id"]
        assert trained["spec"]["data_sample_percent"] == 100
        config = httpx.get(f"{url}/api/feature-configs/").json()["items"][0]
        assert config["status"]["lifecycle"] == "promoted"
        requests = [json.loads(p.read_text()) for p in laptop.home.glob("jobs/*/request.json")]
        assert sorted(request["purpose"] for request in requests) == ["full_training", "quick_test"]
        assert "1.500" in laptop.run("recommend", trained["id"], "--set", "CustomerId=c007")


def test_ctrl_c_leaves_nothing_running(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    (laptop.home / "slow").touch()
    with laptop.up() as url:
        _configs(url)
        ids = [
            httpx.get(f"{url}/api/{path}/").json()["items"][0]["id"]
            for path in ("feature-configs", "model-configs")
        ]
        spec = {"feature_config_id": ids[0], "model_config_id": ids[1]}
        test = httpx.post(f"{url}/api/quick-tests/", json={"spec": spec}).json()
        process = laptop.home / "jobs" / f"quick-test-{test['id']}-1" / "process.json"
        deadline = time.monotonic() + 20
        while not process.exists():
            assert time.monotonic() < deadline
            time.sleep(0.05)
        pid = json.loads(process.read_text())["pid"]
        assert Path(f"/proc/{pid}").exists()
        # A page that listens does not hold the system up.
        watcher = laptop.start("quick-test", "show", test["id"])
        assert watcher.stdout is not None
        while test["id"] not in watcher.stdout.readline():  # its heading: it has found the system
            assert watcher.poll() is None
        time.sleep(1.0)
        assert watcher.poll() is None
    stat = Path(f"/proc/{pid}/stat")
    assert not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"
    watcher.kill()
    watcher.communicate()


def test_a_second_system_over_the_same_home_is_refused(laptop: Laptop) -> None:
    with laptop.up() as url:
        said = laptop.run("up", "--port", "0", status=1)
        assert url in said
        assert "in use by process" in said


def test_a_taken_port_is_said(laptop: Laptop, tmp_path: Path) -> None:
    with laptop.up() as url:
        port = url.rsplit(":", 1)[1]
        said = laptop.run("up", "--port", port, "--home", str(tmp_path / "other"), status=1)
        assert "--port" in said


def test_a_note_of_a_dead_system_is_not_believed(laptop: Laptop) -> None:
    laptop.home.mkdir()
    dead = {"pid": 2**22 - 1, "url": "http://127.0.0.1:9"}
    (laptop.home / "server.json").write_text(json.dumps(dead))
    assert "no dataset yet" in laptop.run("dataset", "list")


def test_only_this_machine_is_answered(laptop: Laptop) -> None:
    body = {"name": "a", "spec": {}}
    with laptop.up() as url:
        port = url.rsplit(":", 1)[1]
        for host, status in (
            (f"127.0.0.1:{port}", 200),
            (f"localhost:{port}", 200),
            (f"[::1]:{port}", 200),
            ("evil.example", 421),
            (f"127.0.0.1.evil.example:{port}", 421),
            ("", 421),
        ):
            answer = httpx.get(f"{url}/api/health/", headers={"Host": host})
            assert answer.status_code == status, host
        for origin, status in (
            (url, 422),
            ("https://evil.example", 403),
            ("null", 403),
            ("http://127.0.0.1:1", 403),
        ):
            answer = httpx.post(f"{url}/api/datasets/", json=body, headers={"Origin": origin})
            assert answer.status_code == status, origin
        assert httpx.get(f"{url}/api/docs").status_code == 200


def test_functions_framework_serves_the_same_api(laptop: Laptop) -> None:
    environment = {**laptop.environment, "PORT": "0"}
    framework = (
        "import os, sys; sys.path.insert(0, sys.argv[1])\n"
        "from functions_framework.aio import create_asgi_app\n"
        "import asyncio, httpx\n"
        "app = create_asgi_app('api', sys.argv[1] + '/functions/main.py', 'http')\n"
        "async def main():\n"
        "    transport = httpx.ASGITransport(app)\n"
        "    async with httpx.AsyncClient(transport=transport, base_url='http://x') as client:\n"
        "        print((await client.get('/api/health')).text)\n"
        "        made = await client.post('/api/datasets/', json={'name': 'a'})\n"
        "        print(made.status_code, made.text)\n"
        "asyncio.run(main())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", framework, str(REPOSITORY)],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert '"status":"ok"' in said.stdout, said.stderr
    assert "422" in said.stdout


def test_answers_leave_at_once(laptop: Laptop) -> None:
    """A socket that gathers what it sends makes each answer wait 40 ms for an acknowledgement."""
    with laptop.up() as url, httpx.Client(base_url=url) as client:
        seconds = []
        for _ in range(21):
            began = time.perf_counter()
            assert client.get("/api/health/").is_success
            seconds.append(time.perf_counter() - began)
    assert sorted(seconds)[10] < 0.03


def test_dead_letters_are_listed_and_delivered_again(laptop: Laptop) -> None:
    assert "holds no system yet" in laptop.run("dead-letters", "list", status=1)
    with laptop.up():
        with sqlite3.connect(laptop.home / "state.db") as foreign:
            foreign.execute(
                "INSERT INTO messages (topic, subscription, document, body)"
                " VALUES ('config-changed', 'validate_config', 'datasets/x', '[poison]')"
            )
        foreign.close()
        deadline = time.monotonic() + 20
        while "validate_config" not in (listed := laptop.run("dead-letters", "list", "--full")):
            assert time.monotonic() < deadline, "it did not become a dead letter"
    assert "the message is no JSON" in listed
    assert "[poison]" in listed
    laptop.run("dead-letters", "retry", status=1)
    assert "There is no dead letter 7." in laptop.run("dead-letters", "retry", "7", status=1)
    assert "Nothing runs over this folder" in laptop.run("dead-letters", "retry", "1")
    assert "There are no dead letters" in laptop.run("dead-letters", "list")
    with laptop.up():
        deadline = time.monotonic() + 20
        while "validate_config" not in laptop.run("dead-letters", "list"):
            assert time.monotonic() < deadline, "it was not delivered again"
        assert "Nothing runs" not in laptop.run("dead-letters", "retry", "--all")


def test_a_folder_of_a_newer_program_is_refused_in_one_message(laptop: Laptop) -> None:
    laptop.home.mkdir()
    with sqlite3.connect(laptop.home / "state.db") as newer:
        newer.execute("PRAGMA user_version = 99")
    newer.close()
    assert "written by a newer Recsmith" in laptop.run("up", "--port", "0", status=1)
    assert "written by a newer Recsmith" in laptop.run("dead-letters", "list", status=1)
