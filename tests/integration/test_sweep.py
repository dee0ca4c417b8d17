"""A sweep of six over the embedded adapters. Only training is stood in for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.tracking import SETTING
from local.wiring import System, embedded
from shared import editing
from shared.documents.base import Collection
from shared.documents.sweep import SweepStatus
from tests.integration.stand_in import stand_in
from tests.waiting import eventually

LAYERS = [{"type": "dense", "units": 32, "activation": None}]
CSV = "customer,product,bought_at\n" + "".join(
    f"c{n % 50},p{n % 17},2024-01-{n % 28 + 1:02}\n" for n in range(1000)
)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(SETTING, "off")  # MLflow takes seconds to be imported
    (tmp_path / "purchases.csv").write_text(CSV)
    stand_in(tmp_path)
    return tmp_path / "home"


def system(home: Path) -> System:
    command = [str(home.parent / "python"), "-m", "trainer_image.run"]
    return embedded(home, trainer_command=command, reconcile_seconds=1.0)


def start(running: System, **spec: Any) -> str:
    """The id of a sweep of two feature configs and three seeds."""
    ports = running.ports
    source = {"kind": "csv", "uri": str(running.home.parent / "purchases.csv")}
    mapping = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}
    dataset = editing.create(
        ports, Collection.DATASETS, name="Shop", spec={"source": source, "column_mapping": mapping}
    )
    features = [
        editing.create(
            ports,
            Collection.FEATURE_CONFIGS,
            name=f"{width} wide",
            spec={
                "dataset_id": dataset.id,
                "buyer_model_features": [
                    {"column": "customer", "type": "string_embedding", "embedding_dim": width}
                ],
                "product_model_features": [{"column": "product", "type": "string_embedding"}],
            },
        ).id
        for width in (8, 16)
    ]
    model = editing.create(
        ports,
        Collection.MODEL_CONFIGS,
        name="Small",
        spec={"buyer_tower_layers": LAYERS, "product_tower_layers": LAYERS, "batch_size": 64},
    )
    whole = {
        "feature_config_ids": features,
        "model_config_ids": [model.id],
        "overrides": [{"training_seed": seed} for seed in (1, 2, 3)],
        "data_sample_percent": 100,
        **spec,
    }
    return editing.create(ports, Collection.SWEEPS, name="Six", spec=whole).id


def status(running: System, sweep_id: str) -> SweepStatus:
    snapshot = running.ports.documents.get(f"sweeps/{sweep_id}")
    assert snapshot is not None
    return SweepStatus.model_validate(snapshot.data.get("status", {}))


def test_six_tests_run_once_each_although_the_system_is_stopped_in_between(home: Path) -> None:
    first = system(home)
    with first.runtime:
        sweep_id = start(first)
        eventually(lambda: any(t.state == "completed" for t in status(first, sweep_id).tests))
        (home / "slow").touch()
        first.runtime.stop(keep_jobs=True)
    assert not status(first, sweep_id).state.ended
    (home / "slow").unlink()
    second = system(home)
    with second.runtime:
        eventually(lambda: status(second, sweep_id).state.ended)
        ended = status(second, sweep_id)
    assert (ended.state, ended.progress) == ("completed", 100)
    assert {test.state for test in ended.tests} == {"completed"}
    starts = (home / "starts.txt").read_text().split()
    assert sorted(starts) == [f"quick-test-{test.quick_test_id}-1" for test in ended.tests]
    assert ended.estimate is not None
    labels = [test.label for test in ended.tests]
    assert labels == [f"{width} wide, seed {seed}" for width in (8, 16) for seed in (1, 2, 3)]


def test_a_spent_budget_ends_a_sweep_early(home: Path) -> None:
    running = system(home)
    with running.runtime:
        sweep_id = start(running, budget_minutes=0.0001, in_flight=1)
        eventually(lambda: status(running, sweep_id).state.ended)
        ended = status(running, sweep_id)
    assert (ended.state, ended.budget_spent) == ("completed", True)
    states = [test.state.value for test in ended.tests]
    assert 1 <= states.count("completed") < 6
    assert states.count("completed") + states.count("cancelled") == 6
