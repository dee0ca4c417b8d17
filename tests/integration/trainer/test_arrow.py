"""The trainer's Arrow is an old one, which runs code that it finds in a Parquet file."""

from __future__ import annotations

import pickle
import subprocess
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.integration.trainer.support import TRAINER_PYTHON


class _Bomb:
    def __init__(self, file: Path) -> None:
        self._file = file

    def __reduce__(self) -> tuple[object, ...]:
        return (open, (str(self._file), "w"))


@pytest.mark.trainer
@pytest.mark.parametrize(
    ("reading", "runs"),
    [
        ("from pyarrow.parquet import read_table", True),
        ("from trainer_image.examples.tables import read_parquet as read_table", False),
        ("import trainer_image.serving.predictor; from pyarrow.parquet import read_table", False),
    ],
)
def test_no_code_in_a_file_is_run(tmp_path: Path, reading: str, runs: bool) -> None:
    kind = {
        "ARROW:extension:name": "arrow.py_extension_type",
        "ARROW:extension:metadata": pickle.dumps(_Bomb(tmp_path / "ran")),
    }
    schema = pa.schema([pa.field("a", pa.int64(), metadata=kind)])
    pq.write_table(pa.table({"a": [1]}, schema), tmp_path / "rows.parquet")
    subprocess.run(
        [TRAINER_PYTHON, "-c", f"{reading}; read_table({str(tmp_path / 'rows.parquet')!r})"],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        timeout=120,
    )
    assert (tmp_path / "ran").exists() is runs
