"""The runs that several tests look at. They train for real, so each is made once, as many at a time
as there are cores, while tests that need none of them go first."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, get_args

import pytest

from shared.jobs import Purpose
from tests.integration.trainer import hostile, probes, transforms
from tests.integration.trainer.support import (
    Documents,
    TrainerJob,
    TrainerProcess,
    finished,
    in_shards,
    make_job,
    purchases,
)

# Fixtures that wait for a run, in the order in which the runs are started.
WAITING = (
    "tfx_run",
    "direct_run",
    "looking_back",
    "hostile_run",
    "transformed",
    "probed",
    "compared",
)

IMAGE = "europe-docker.pkg.dev/project/recsmith/trainer@sha256:" + "0" * 64


class Runs:
    """Runs by name, each started once: all that will be asked for when the first one is, or
    before."""

    def __init__(
        self,
        pool: ThreadPoolExecutor,
        makers: dict[str, Callable[[], Any]],
        needed: Collection[str],
    ) -> None:
        self._pool, self._makers = pool, makers
        self._needed = [name for name in WAITING if name in needed]
        self._started: dict[str, Future[Any]] = {}

    def start(self) -> None:
        for name in self._needed:
            self._start(name)

    def result(self, name: str) -> Any:
        if not self._started:
            self.start()
        return self._start(name).result()

    def _start(self, name: str) -> Future[Any]:
        if name not in self._started:
            self._started[name] = self._pool.submit(self._makers[name])
        return self._started[name]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not {"job", *WAITING}.isdisjoint(_fixtures(item)))


def _fixtures(item: pytest.Item) -> list[str]:
    return getattr(item, "fixturenames", [])


@pytest.fixture(scope="session")
def documents(everything: Documents) -> Documents:
    """The `everything` documents, for `purchases`."""
    dataset, features, model = everything
    dataset = dataset.model_copy(deep=True)
    dataset.spec.column_mapping["title"] = "product_name"
    return dataset, features, model


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Parquet file of `purchases`."""
    path = tmp_path_factory.mktemp("source") / "purchases.parquet"
    purchases().to_parquet(path)
    return path


@pytest.fixture(scope="session", autouse=True)
def runs(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    documents: Documents,
    recommended: Documents,
    source: Path,
) -> Iterator[Runs]:
    """The runs that the collected tests need: under way, but where the tests go to several
    processes, of which only one needs them."""
    root = tmp_path_factory.mktemp("runs")

    def run(runner: str) -> TrainerJob:
        return finished(make_job(root / runner, documents, source, runner=runner), fresh=True)

    # A maker may wait for runs that are started before it.
    makers: dict[str, Callable[[], Any]] = {
        "tfx_run": lambda: run("tfx"),
        "direct_run": lambda: run("direct"),
        "looking_back": lambda: [
            finished(
                in_shards(
                    make_job(root / f"{runner}-back", recommended, source, runner=runner, epochs=1)
                )
            )
            for runner in ("direct", "tfx")
        ],
        "hostile_run": lambda: finished(hostile.job(root / "hostile", documents)),
        "transformed": lambda: transforms.run(root / "transforms", documents),
        "probed": lambda: probes.embeddings(root / "probed", runs.result("direct_run")),
        "compared": lambda: probes.comparison(
            root / "compared", runs.result("direct_run"), runs.result("tfx_run")
        ),
    }
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        needed = {name for item in request.session.items for name in _fixtures(item)}
        if not needed.isdisjoint({"job", "probed", "compared"}):
            needed |= {"direct_run"}
        if not needed.isdisjoint({"job", "compared"}):
            needed |= {"tfx_run"}
        runs = Runs(pool, makers, needed)
        if "PYTEST_XDIST_WORKER" not in os.environ:
            runs.start()
        yield runs


@pytest.fixture(scope="session")
def direct_run(runs: Runs) -> TrainerJob:
    """A job over `source` by the direct runner, finished."""
    return runs.result("direct_run")


@pytest.fixture(scope="session")
def tfx_run(runs: Runs) -> TrainerJob:
    """The same job by the TFX runner."""
    return runs.result("tfx_run")


@pytest.fixture(scope="session")
def looking_back(runs: Runs) -> list[TrainerJob]:
    """A job with a history and a re-ranker over `source`, by the direct and by the TFX runner."""
    return runs.result("looking_back")


@pytest.fixture(scope="session")
def hostile_run(runs: Runs) -> TrainerJob:
    """A job whose every name is made to break out of a literal."""
    return runs.result("hostile_run")


@pytest.fixture(scope="session")
def transformed(runs: Runs) -> Path:
    """Folder of what `transforms.run` leaves."""
    return runs.result("transformed")


@pytest.fixture(scope="session")
def probed(runs: Runs) -> Path:
    """Folder of what `probes.embeddings` leaves."""
    return runs.result("probed")


@pytest.fixture(scope="session")
def compared(runs: Runs) -> Path:
    """Folder of what `probes.comparison` leaves."""
    return runs.result("compared")


@pytest.fixture(scope="session")
def compile_templates(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., dict[str, Any]]:
    """Compiles with further options, and gives the templates by purpose."""

    def compiled(*options: str, fresh: bool = False) -> dict[str, Any]:
        folder = tmp_path_factory.mktemp("compiled")
        arguments = ["--image", IMAGE, "--out", str(folder / "templates"), *options]
        ended = TrainerProcess(folder, "trainer_image.compile", *arguments, fresh=fresh).wait()
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout.split() == [
            str(folder / "templates" / f"{purpose}.json") for purpose in get_args(Purpose)
        ]
        return {
            purpose: json.loads((folder / "templates" / f"{purpose}.json").read_bytes())
            for purpose in get_args(Purpose)
        }

    return compiled


@pytest.fixture(scope="session")
def templates(compile_templates: Callable[..., dict[str, Any]]) -> dict[str, Any]:
    return compile_templates(fresh=True)
