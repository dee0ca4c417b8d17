"""The generated modules without Recsmith, as `docs/generated-code.md` says."""

from __future__ import annotations

import json
import os
import re
import subprocess
from pathlib import Path

import pytest

from shared.codegen import generate_preprocessing, generate_trainer
from tests.integration.trainer.support import TRAINER_PYTHON, Documents

PAGE = Path(__file__).parents[3] / "docs" / "generated-code.md"


@pytest.mark.trainer
def test_two_modules_and_a_folder_of_parquet_are_enough(
    tmp_path: Path, documents: Documents, source: Path
) -> None:
    dataset, features, model = documents
    modules = {
        "preprocessing": generate_preprocessing(features, dataset),
        "trainer": generate_trainer(
            features, model, dataset, epochs=2, batch_size=128, learning_rate=0.1, seed=1
        ),
    }
    for name, text in modules.items():
        (tmp_path / f"{name}.py").write_text(text)
    (script,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    (tmp_path / "run.py").write_text(script)
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}

    ended = subprocess.run(
        [TRAINER_PYTHON, "run.py", str(source.parent), "product_id", "household_id"],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )

    assert ended.returncode == 0, ended.stderr[-3000:]
    assert len(json.loads((tmp_path / "run" / "progress.json").read_text())) == 2
    assert (tmp_path / "model" / "saved_model.pb").exists()
