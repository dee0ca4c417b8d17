"""Files of a bucket, over TensorFlow's file system in memory: there is no bucket here."""

from __future__ import annotations

import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from shared.documents.dataset import FileSource
from tests.integration.trainer.support import probe
from trainer_image.job.remote import local_copy

pytestmark = pytest.mark.trainer


def test_a_file_a_folder_and_a_pattern_are_brought_here(tmp_path: Path) -> None:
    files = {
        "sales/b.csv": "b",
        "sales/a.csv": "a",
        "sales/2024/c.csv": "c",
        "sales/_temporary/d.csv": "d",
        "sales/.hidden.csv": "e",
        "sales/notes.txt": "f",
        "parts/year=2024/month=01/A.CSV": "g",
    }
    sources = {
        "folder": "sales/",
        "file": "sales/a.csv",
        "pattern": "sales/*.csv",
        "gone": "sales/gone.csv",
        "parts": "parts",
    }
    folder = probe(
        tmp_path,
        (
            "copies",
            {"bucket": "ram://bucket", "files": files, "sources": sources, "out": str(tmp_path)},
        ),
    )
    found = json.loads((folder / "copies.json").read_bytes())
    assert sorted(found["folder"]) == ["a", "b", "c"]
    assert found["file"] == ["a"]
    assert found["parts"] == ["g"]
    assert [path.relative_to(tmp_path) for path in tmp_path.glob("parts/*/*")] == [
        Path("parts/year=2024/month=01")
    ]
    assert {"a", "b"} <= set(found["pattern"]) <= {"a", "b", "e"}
    assert "no such file, folder or match in the bucket" in found["gone"]


def test_files_of_this_machine_are_read_where_they_are(tmp_path: Path) -> None:
    source = FileSource(kind="csv", uri=str(tmp_path))
    assert local_copy(source, tmp_path / "copy") is source
    assert not (tmp_path / "copy").exists()


def test_examples_are_kept_in_a_bucket_as_they_are(tmp_path: Path, source: Path) -> None:
    keys = {"household_id": "text", "product_id": "text", "sales_value": "number"}
    spec = {
        "source": {"kind": "parquet", "uri": str(source)},
        "features": [{"key": key, "column": key, "type": kind} for key, kind in keys.items()],
        "query_keys": ["household_id"],
        "candidate_keys": ["product_id"],
        "customer_key": "household_id",
        "product_key": "product_id",
        "timestamp_column": "purchased_at",
        "sample_percent": 50,
    }
    arguments = {"spec": spec, "bucket": "ram://bucket", "out": str(tmp_path)}
    folder = probe(tmp_path, ("stored_remotely", arguments))
    for split in ("train", "eval", "candidates"):
        before, after = (
            pq.read_table(folder / f"{name}-{split}.parquet") for name in ("before", "after")
        )
        assert len(before) > 1
        assert after.schema == before.schema
        assert repr(after.to_pylist()) == repr(before.to_pylist())  # NaN equals nothing
    files = json.loads((folder / "files.json").read_bytes())
    assert not any("/./" in path for path in files)
    assert any(path.endswith("candidates.parquet") for path in files)
