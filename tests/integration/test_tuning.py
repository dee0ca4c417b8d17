"""A tuning over the embedded adapters. Only training is stood in for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from local.tracking import SETTING
from local.wiring import System, embedded
from shared import editing
from shared.documents.base import Collection
from shared.documents.tuning import TuningStatus
from shared.services import stop_tuning
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
    ports = running.ports
    source = {"kind": "csv", "uri": str(running.home.parent / "purchases.csv")}
    mapping = {"customer": "customer_id", "product": "product_id", "bought_at": "transaction_date"}
    dataset = editing.create(
        ports, Collection.DATASETS, name="Shop", spec={"source": source, "column_mapping": mapping}
    )
    embedded_ids = {"type": "string_embedding", "embedding_dim": 16}
    features = editing.create(
        ports,
        Collection.FEATURE_CONFIGS,
        name="Ids",
        spec={
            "dataset_id": dataset.id,
            "buyer_model_features": [{"column": "customer", **embedded_ids}],
            "product_model_features": [{"column": "product", **embedded_ids}],
        },
    )
    model = editing.create(
        ports,
        Collection.MODEL_CONFIGS,
        name="Small",
        spec={"buyer_tower_layers": LAYERS, "product_tower_layers": LAYERS, "batch_size": 64},
    )
    whole = {
        "feature_config_id": features.id,
        "model_config_id": model.id,
        "data_sample_percent": 100,
        **spec,
    }
    return editing.create(ports, Collection.TUNINGS, name="Try", spec=whole).id


def status(running: System, tuning_id: str) -> TuningStatus:
    snapshot = running.ports.documents.get(f"tunings/{tuning_id}")
    assert snapshot is not None
    return TuningStatus.model_validate(snapshot.data.get("status", {}))


def test_each_trial_runs_once_although_the_system_is_stopped_in_between(home: Path) -> None:
    first = system(home)
    with first.runtime:
        tuning_id = start(first, trials=4)
        eventually(lambda: any(t.state == "completed" for t in status(first, tuning_id).trials))
        (home / "slow").touch()
        first.runtime.stop(keep_jobs=True)
    assert not status(first, tuning_id).state.ended
    (home / "slow").unlink()
    second = system(home)
    with second.runtime:
        eventually(lambda: status(second, tuning_id).state.ended)
        ended = status(second, tuning_id)
    assert (ended.state, ended.progress, ended.error) == ("completed", 100, None)
    assert len(ended.trials) == 4
    assert ended.verdict is not None
    starts = (home / "starts.txt").read_text().split()
    made = [*ended.trials, *ended.confirming]
    assert sorted(starts) == sorted(f"quick-test-{test.quick_test_id}-1" for test in made)


def test_a_stop_comes_to_a_verdict_at_once(home: Path) -> None:
    running = system(home)
    with running.runtime:
        tuning_id = start(running, trials=50)
        eventually(
            lambda: sum(t.state == "completed" for t in status(running, tuning_id).trials) > 1
        )
        stop_tuning(tuning_id, running.ports)
        eventually(lambda: status(running, tuning_id).state.ended)
        ended = status(running, tuning_id)
    assert (ended.state, ended.why_no_more) == ("completed", "it was stopped")
    assert ended.verdict is not None
    assert len(ended.trials) < 50
