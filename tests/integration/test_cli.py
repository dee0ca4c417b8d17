"""What people do with the `recsmith` command."""

from __future__ import annotations

import json
import re
import signal
import time
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from typer.main import get_command

from local.cli import app
from tests.integration.laptop import Laptop, configs, in_process
from tests.waiting import PATIENCE, eventually, signalled


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def _commands(group: Any, *path: str) -> Iterator[list[str]]:
    for name, command in group.commands.items():
        if command.hidden:  # another name of one that is not
            continue
        if hasattr(command, "commands"):
            yield from _commands(command, *path, name)
        else:
            yield [*path, name]


def test_every_command_explains_itself_with_examples() -> None:
    all_of_it = get_command(app)
    commands = list(_commands(all_of_it))
    assert ["quick-test", "run"] in commands
    for command in [[], *commands]:
        with redirect_stdout(StringIO()) as said:
            assert all_of_it.main([*command, "--help"], "recsmith", standalone_mode=False) == 0
        example = f"Examples?\\s+.*{' '.join(['recsmith', *command])}"
        assert re.search(example, said.getvalue(), re.S)


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
    (laptop.folder / "binary.csv").write_bytes(b"id,sku\n1,\x00\n")
    said = laptop.run("dataset", "add", "binary.csv", status=1)
    assert "the source's address: " in said
    assert "is not text" in said
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
    with laptop.up() as url, in_process(laptop) as run:
        configs(url)
        said = run("quick-test", "run", "Features", "Model", "--sample", "50")
        assert "epoch 2/2   loss 8.0000" in said
        assert "@100" in said
        assert "0.5000" in said
        assert "0.2500" in said  # popularity
        assert "25.00%" in said
        test = httpx.get(f"{url}/api/quick-tests/").json()["items"][0]
        assert test["spec"]["data_sample_percent"] == 50
        again = run("quick-test", "show", test["id"])
        assert "@100" in again

        said = run("recommend", test["id"], "--customer", "c007")
        assert re.search(r"\{\} +1\.500 +bought 3 days ago +Soap +3", said)
        said = run(
            *("recommend", test["id"], "--history", "p:21.5", "--history", "a:b", "--list", "all")
        )
        assert "bought 21 days ago" in said
        assert "left out of the history: a:b" in said
        said = run("recommend", test["id"], "--customer", "c007", "--explain")
        assert "-0.250" in said
        assert "3 times, last 3 days ago" in said
        assert "weighted sum" in said
        said = run("recommend", test["id"], "--customer", "c007", "--list", "discover")
        assert "There are no such products." in said
        said = run("recommend", test["id"], "--history", "p:-1", status=1)
        assert "greater than or equal to 0" in said
        said = run("recommend", test["id"], "--set", "CustomerId=c008")
        assert "no such customer" in said
        assert "{'CustomerId': 'c008'}" in said
        said = run("recommend", test["id"], "--set", "sku=1", status=1)
        assert "values, sku: No such column." in said
        assert "COLUMN=VALUE" in run("recommend", test["id"], "--set", "sku", status=1)

        run("quick-test", "run", "Features", "Model", "--runner", "tfx")
        jobs = [json.loads(path.read_text()) for path in laptop.home.glob("jobs/*/request.json")]
        assert sorted(job["runner"] for job in jobs) == ["direct", "tfx"]

        for option, field in (("--epochs", "epochs"), ("--runner", "runner")):
            said = run("quick-test", "run", "Features", "Model", option, "0", status=1)
            assert field in said
        run("generate", "Features", "Model", "--out", "code")
        plan = run("quick-test", "delete", test["id"], "--yes")
        assert "its model and everything else" in plan
        assert httpx.get(f"{url}/api/quick-tests/{test['id']}/").status_code == 404
        assert not list(laptop.home.glob(f"*/*{test['id']}*"))
        assert not list(laptop.home.glob(f"artifacts/*/*{test['id']}*"))
    assert "def run_fn(" in (laptop.folder / "code" / "trainer.py").read_text()
    assert "python run.py" in (laptop.folder / "code" / "run.py").read_text()
    printed = laptop.run("generate", "Features", "Model")
    assert (laptop.folder / "code" / "preprocessing.py").read_text() in printed


def test_a_customer_is_forgotten_after_a_plan(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    with laptop.up() as url, in_process(laptop) as run:
        configs(url)
        run("quick-test", "run", "Features", "Model")
        (test,) = httpx.get(f"{url}/api/quick-tests/").json()["items"]
        asked = {"customer_id": "c007"}
        plan = httpx.post(f"{url}/api/customers/erasure-plan/", json=asked).json()
        assert [one["id"] for one in plan["knowing"]] == [test["id"]]
        assert httpx.post(f"{url}/api/customers/erasure/", json={"x": 1}).status_code == 422
        run("forget", "c007", status=1)  # nobody says yes
        said = run("forget", "c007", "--dataset", "purchases", "--yes")
        assert "Still know the customer" in said
        assert f"({test['id']}) (perhaps" in said
        assert "recsmith quick-test run fc-" in said
        assert str(laptop.csv) in said
        said = run("forget", "c007", "--models", "--yes")
        assert "Still know" not in said
        assert httpx.get(f"{url}/api/quick-tests/{test['id']}/").status_code == 404
    assert "There is no dataset" in laptop.run("forget", "c", "--dataset", "none", "-y", status=1)


def test_a_sweep_is_run_shown_and_listed(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    assert "no sweep yet" in laptop.run("sweep", "list")
    with laptop.up() as url, in_process(laptop) as run:
        configs(url)
        said = run(
            *("sweep", "run", "Features", "--model", "Model", "--sample", "50", "--name", "Six"),
            *("--learning-rate", "0.001", "--learning-rate", "0.01"),
            *("--seed", "1", "--seed", "2", "--seed", "3"),
        )
        assert "6 tests, about" in said
        assert said.count("Recall@100 0.5000") == 6
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

        again = run("sweep", "show", "Six")
        assert again.count("no clear difference") == 5  # all that the stand-in measures is alike
        assert "clearly the best" not in again
        assert all(test_id in again for test_id in ids)
        row = next(line for line in run("sweep", "list").splitlines() if "Six" in line)
        assert re.search(r"completed +6/6 +Recall@100 0\.5000", row)

        said = run(
            *("sweep", "run", "Features", "--model", "Model", "--max-tests", "3"),
            *("--seed", "1", "--seed", "2", "--seed", "3", "--seed", "4"),
            status=1,
        )
        assert "is 4 tests, more than max_tests, 3" in said
        assert "no sweep with the id or name" in run("sweep", "show", "Seven", status=1)


def test_a_column_is_worth_what_is_lost_without_it(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    (laptop.home / "varied").touch()
    with laptop.up() as url, in_process(laptop) as run:
        configs(url)
        config = httpx.get(f"{url}/api/feature-configs/").json()["items"][0]
        columns = {
            tower: [feature["column"] for feature in config["spec"][f"{tower}_model_features"]]
            for tower in ("buyer", "product")
        }
        said = run("sweep", "ablate", "Features", "Model", "--sample", "50")
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

        without = ("quick-test", "run", "Features", "Model", "--sample", "50", "--without")
        assert "such as product:brand" in run(*without, "CustomerId", status=1)
        assert "no column 'brand'" in run(*without, "product:brand", status=1)
        assert "0.0500" in run(*without, "buyer:CustomerId")


def test_a_sweep_is_cancelled(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    (laptop.home / "slow").touch()
    with laptop.up() as url, in_process(laptop) as run:
        configs(url)
        watcher = laptop.start(
            *("sweep", "run", "Features", "--model", "Model", "--name", "Long"),
            *("--seed", "1", "--seed", "2", "--seed", "3"),
        )
        eventually(lambda: list(laptop.home.glob("jobs/*/process.json")))
        assert "Long is cancelled" in run("sweep", "cancel", "Long")
        _, complained = watcher.communicate(timeout=PATIENCE)
        assert watcher.returncode == 1
        assert "The sweep is cancelled" in complained
        assert "– 3/3 seed 3" in complained
        sweep = httpx.get(f"{url}/api/sweeps/").json()["items"][0]
        assert {test["state"] for test in sweep["status"]["tests"]} == {"cancelled"}
        assert len(list(laptop.home.glob("jobs/*/request.json"))) <= 2
        assert "Long is cancelled" in run("sweep", "cancel", "Long")


def test_what_a_quick_test_tried_is_trained_in_full(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    with laptop.up() as url, in_process(laptop) as run:
        configs(url)
        run("quick-test", "run", "Features", "Model", "--sample", "50")
        test = httpx.get(f"{url}/api/quick-tests/").json()["items"][0]
        said = run("train", test["id"], "--epochs", "4")
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
        assert "1.500" in run("recommend", trained["id"], "--set", "CustomerId=c007")


@pytest.mark.parametrize(
    ("end", "before"),
    [
        pytest.param(signal.SIGINT, signalled(), id="Ctrl-C"),
        pytest.param(signal.SIGTERM, signalled(ignored=True), id="SIGTERM, SIGINT ignored"),
        pytest.param(signal.SIGHUP, signalled(), id="a closed terminal"),
    ],
)
def test_a_system_that_is_stopped_leaves_nothing_running(
    laptop: Laptop, end: signal.Signals, before: list[str]
) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    (laptop.home / "slow").touch()
    with laptop.up(end, before) as url:
        configs(url)
        ids = [
            httpx.get(f"{url}/api/{path}/").json()["items"][0]["id"]
            for path in ("feature-configs", "model-configs")
        ]
        spec = {"feature_config_id": ids[0], "model_config_id": ids[1]}
        test = httpx.post(f"{url}/api/quick-tests/", json={"spec": spec}).json()
        process = laptop.home / "jobs" / f"quick-test-{test['id']}-1" / "process.json"
        eventually(process.exists)
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


def test_a_dataset_is_reported_before_anything_is_trained(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv", "--name", "Shop")
    said = laptop.run("dataset", "report", "Shop")
    assert "50 customers: half of them have 40 purchases or fewer" in said
    assert "→" in said
    assert re.search(r"20 to 49 +50 +█", said)
    found = json.loads(laptop.run("dataset", "report", "Shop", "--json"))
    assert found["rows"] == 2000
    assert {one["kind"] for one in found["findings"]} >= {"repeats", "time_ties"}
    assert "no dataset with the id or name 'Other'" in laptop.run(
        "dataset", "report", "Other", status=1
    )
