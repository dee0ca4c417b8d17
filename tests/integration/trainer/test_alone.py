"""The generated modules without Recsmith, by the script that `recsmith generate --out` writes."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from shared.codegen import (
    generate_preprocessing,
    generate_trainer,
    make_plan,
    standalone_script,
)
from shared.documents.quick_test import QuickTestSpec
from tests.integration.trainer.support import TRAINER_PYTHON, Documents


@pytest.mark.trainer
@pytest.mark.parametrize(("name", "epochs"), [("documents", 2), ("recommended", 3)])
def test_two_modules_and_a_folder_of_parquet_are_enough(
    tmp_path: Path, name: str, epochs: int, source: Path, request: pytest.FixtureRequest
) -> None:
    """With a fitting slice there is one epoch more."""
    documents: Documents = request.getfixturevalue(name)
    dataset, features, model = documents
    test = QuickTestSpec(
        feature_config_id=features.id,
        model_config_id=model.id,
        batch_size_override=128,
        learning_rate_override=0.1,
        seed=1,
    )
    plan = make_plan(features, model, dataset, test)
    written = {
        "preprocessing": generate_preprocessing(plan),
        "trainer": generate_trainer(plan),
        "run": standalone_script(),
    }
    for name, text in written.items():
        (tmp_path / f"{name}.py").write_text(text)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    ended = subprocess.run(
        [TRAINER_PYTHON, "run.py", str(source.parent), "--time", "household_id", "--out", "made"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert ended.returncode == 0, ended.stderr[-3000:]
    assert len(json.loads((tmp_path / "made" / "run" / "progress.json").read_text())) == epochs
    assert (tmp_path / "made" / "model" / "saved_model.pb").exists()
    best = [line.partition(": ") for line in ended.stdout.splitlines() if ": " in line][-10:]
    scores = [float(score) for _, _, score in best]
    assert len(scores) == 10
    assert scores == sorted(scores, reverse=True)
