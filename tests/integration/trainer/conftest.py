"""The runs that several tests look at. They train for real, so each is made once, and as many at a
time as there are cores."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.integration.trainer import hostile, transforms
from tests.integration.trainer.support import (
    Documents,
    TrainerJob,
    finished,
    make_job,
    probe,
    purchases,
)

Runs = dict[str, Future[TrainerJob | Path]]


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


@pytest.fixture(scope="session")
def runs(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    documents: Documents,
    source: Path,
) -> Iterator[Runs]:
    """Everything that takes long and that a collected test needs, under way."""
    root = tmp_path_factory.mktemp("runs")

    def run(runner: str) -> TrainerJob:
        return finished(make_job(root / runner, documents, source, runner=runner))

    makers: dict[str, Callable[[], TrainerJob | Path]] = {
        "tfx_run": lambda: run("tfx"),
        "direct_run": lambda: run("direct"),
        "transformed": lambda: transforms.run(root / "transforms", documents),
        "hostile_run": lambda: finished(hostile.job(root / "hostile", documents)),
    }
    needed = {name for item in request.session.items for name in item.fixturenames}
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        yield {name: pool.submit(make) for name, make in makers.items() if name in needed}


@pytest.fixture(scope="session")
def direct_run(runs: Runs) -> TrainerJob:
    """A job over `source` by the direct runner, finished."""
    return runs["direct_run"].result()


@pytest.fixture(scope="session")
def tfx_run(runs: Runs) -> TrainerJob:
    """The same job by the TFX runner."""
    return runs["tfx_run"].result()


@pytest.fixture(scope="session")
def hostile_run(runs: Runs) -> TrainerJob:
    """A job whose every name is made to break out of a literal."""
    return runs["hostile_run"].result()


@pytest.fixture(scope="session")
def transformed(runs: Runs) -> Path:
    """Folder of the tables of `transforms.run`."""
    return runs["transformed"].result()


@pytest.fixture(scope="session")
def probed(tmp_path_factory: pytest.TempPathFactory, direct_run: TrainerJob) -> Path:
    """`embeddings.npz`: the model's embeddings of the held-out rows and of the candidates."""
    examples = direct_run.output / "examples"
    folder = tmp_path_factory.mktemp("probed")
    arguments = {
        "model": str(direct_run.output / "model"),
        "queries": str(examples / "eval" / "part-00000.parquet"),
        "candidates": str(examples / "candidates" / "part-00000.parquet"),
        "out": str(folder / "embeddings.npz"),
    }
    return probe(folder, ("embed", arguments))
