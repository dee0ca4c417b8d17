"""A shop in an embedded system of its own, whose quick tests are timed from request to result."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from local.jobs.pipelines import SubprocessPipelines
from local.wiring import System, embedded
from shared import editing
from shared.documents.base import Collection, ValidationState
from shared.documents.quick_test import QuickTest, TestState
from shared.rules.defaults import smart_defaults
from shared.services.store import DATASET, QUICK_TEST

_POLL_SECONDS = 0.05
_LONGEST_SECONDS = 4 * 3600.0
_CONSEQUENCES_SECONDS = 20.0
# A spare that has used so much of the processor, and none over so many looks, is ready.
_LEAST_IMPORT_SECONDS, _STILL_FOR = 3.0, 60
# As the tutorials of TensorFlow Recommenders train, with plain dot products; their Adagrad learns
# too little in two epochs to compare recalls by.
MODEL: dict[str, Any] = {
    "model_type": "retrieval",
    "optimizer": "adam",
    "learning_rate": 0.01,
    "batch_size": 4096,
    "normalize_embeddings": False,
    "temperature": 1.0,
    "logq_correction": False,
    "remove_accidental_hits": False,
    **{
        f"{tower}_tower_layers": [
            {"type": "dense", "units": 128, "activation": "relu"},
            {"type": "dense", "units": 64, "activation": "relu"},
            {"type": "dense", "units": 32},
        ]
        for tower in ("buyer", "product")
    },
}


@dataclass(frozen=True)
class Timed:
    """A completed test, its seconds from request to completed, and where its job's files lie."""

    test: QuickTest
    seconds: float
    output: Path

    @property
    def stages(self) -> dict[str, float]:
        """Seconds by stage; `before` is all that came before the first one."""
        times = {
            task.name.value: (task.ended_at - task.started_at).total_seconds()
            for task in self.test.status.stages
            if task.started_at and task.ended_at
        }
        return {**times, "else": self.seconds - sum(times.values())}

    def metric(self, name: str) -> float:
        results = self.test.status.results
        assert results is not None
        return results.metrics[name]


@dataclass(frozen=True)
class Shop:
    system: System
    features: str

    def model(self, **changes: Any) -> str:
        """The id of a new model config."""
        ports = self.system.ports
        made = editing.create(
            ports,
            Collection.MODEL_CONFIGS,
            name=f"Model {time.time_ns()}",
            spec={**MODEL, **changes},
        )
        _until_valid(ports, Collection.MODEL_CONFIGS, made.id)
        return made.id

    def wait_for_spare(self) -> None:
        """Returns once the spare trainer has imported what it does, and waits."""
        pipelines = self.system.ports.pipelines
        assert isinstance(pipelines, SubprocessPipelines)
        used: list[float] = []

        def waits() -> bool:
            used.append(processor_seconds(pipelines.spare_pid) if pipelines.spare_pid else 0.0)
            return used[-1] > _LEAST_IMPORT_SECONDS and used[-1] == used[-_STILL_FOR:][0]

        until(waits)

    def quick_test(self, model: str, **changes: Any) -> Timed:
        """Two epochs over all rows, but for `changes`; raises where the test does not complete."""
        ports = self.system.ports
        spec = {
            "feature_config_id": self.features,
            "model_config_id": model,
            "data_sample_percent": 100,
            "epochs": 2,
            **changes,
        }
        began = time.monotonic()
        made = editing.create(ports, Collection.QUICK_TESTS, name="Bench", spec=spec)

        def ended() -> QuickTest | None:
            test = QUICK_TEST.load(made.id, ports)
            return test if test.status.state.ended else None

        test = until(ended)
        seconds = time.monotonic() - began
        if test.status.state is not TestState.COMPLETED:
            raise RuntimeError(f"the quick test {test.status.state}: {test.status.error}")
        assert test.status.artifacts_uri is not None
        return Timed(test, seconds, Path(unquote(urlsplit(test.status.artifacts_uri).path)))


@contextmanager
def shop(
    home: Path,
    purchases: Path,
    mapping: dict[str, str],
    buyer: list[str] | None = None,
    product: list[str] | None = None,
    *,
    spare: bool = True,
) -> Iterator[Shop]:
    """
    Args:
        buyer, product: columns that are embedded in each tower; None takes the smart defaults.
        spare: the way of `recsmith up`, whose spare trainer is ready after some seconds.
    """
    system = embedded(home, spare_trainer=spare)
    with system.runtime:
        ports = system.ports
        dataset = editing.create(
            ports,
            Collection.DATASETS,
            name="Shop",
            spec={
                "source": {"kind": "parquet", "uri": str(purchases)},
                "column_mapping": mapping,
            },
        ).id
        _until_valid(ports, Collection.DATASETS, dataset)
        if buyer is None or product is None:
            spec = smart_defaults(DATASET.load(dataset, ports)).model_dump(mode="json")
        else:
            spec = {
                "dataset_id": dataset,
                "buyer_model_features": [*map(_embedding, buyer)],
                "product_model_features": [*map(_embedding, product)],
            }
        features = editing.create(ports, Collection.FEATURE_CONFIGS, name="Features", spec=spec).id
        _until_valid(ports, Collection.FEATURE_CONFIGS, features)
        yield Shop(system, features)
        with suppress(TimeoutError):
            system.runtime.wait_idle(_CONSEQUENCES_SECONDS)


def processor_seconds(pid: int) -> float:
    """What a process has used so far; `utime` and `stime` in proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def children(process: int) -> list[int]:
    """The processes that one has started and that are running."""
    named = [path for path in Path("/proc").iterdir() if path.name.isdecimal()]
    return [int(path.name) for path in named if _parent(path) == process]


def _parent(process: Path) -> int | None:
    try:
        return int((process / "stat").read_text().rpartition(")")[2].split()[1])
    except OSError:  # it has ended meanwhile
        return None


def _embedding(column: str) -> dict[str, Any]:
    return {
        "column": column,
        "type": "string_embedding",
        "vocab_settings": {"min_frequency": 1},
    }


def _until_valid(ports: Any, collection: Collection, document_id: str) -> None:
    def valid() -> bool:
        snapshot = ports.documents.get(collection.path(document_id))
        validation = snapshot.data["status"]["validation"]
        if validation["state"] == ValidationState.INVALID:
            raise RuntimeError(f"{collection} is not valid: {validation['problems']}")
        return bool(validation["state"] == ValidationState.VALID)

    until(valid)


def until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + _LONGEST_SECONDS
    while not (result := found()):
        if time.monotonic() > deadline:
            raise TimeoutError("it did not happen in time")
        time.sleep(_POLL_SECONDS)
    return result
