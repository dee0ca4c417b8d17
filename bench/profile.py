"""Profiling a dataset of ten million rows, against DuckDB's own SUMMARIZE: `make bench
ONLY=profile`."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import duckdb

from bench.purchases import write_purchases
from bench.report import Report, Row
from bench.report import main as report_main
from local.data.source import DuckDBDataSource
from shared.documents.dataset import FileSource

_ROWS = 10_000_000
_RUNS = 2
_ROOT = Path(__file__).resolve().parents[1]


def _profile(path: str, folder: str) -> None:
    found = DuckDBDataSource(Path(folder)).profile(FileSource(kind="parquet", uri=path))
    assert found.row_count == _ROWS


def _summarize(path: str, folder: str) -> None:
    config = {"memory_limit": "2GB", "temp_directory": folder}
    with duckdb.connect(config=config) as connection:
        found = connection.execute(f"SUMMARIZE FROM read_parquet('{path}')").fetchall()
    assert len(found) == 6


_WAYS: dict[str, Callable[[str, str], None]] = {"ours": _profile, "SUMMARIZE": _summarize}


def measure() -> Report:
    """Profiling a dataset of ten million rows."""
    report = Report("Profiling ten million rows")
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        path = Path(folder) / "purchases.parquet"
        write_purchases(path, _ROWS)
        best = {}
        for way in _WAYS:
            runs = [_run(way, path, folder) for _ in range(_RUNS)]
            best[way] = min(runs, key=lambda run: float(run["cpu"]))
        size = path.stat().st_size / 2**20
    ours, theirs = best["ours"], best["SUMMARIZE"]
    ratio = ours["cpu"] / theirs["cpu"]
    report.rows.append(
        Row(
            f"profiling {_ROWS:,} rows, six columns",
            f"{ours['cpu']:.1f} s of the processor, {ours['mib']:.0f} MiB",
            f"DuckDB's SUMMARIZE {theirs['cpu']:.1f} s, {theirs['mib']:.0f} MiB",
            f"{ratio:.2f}×",
            "≤ 1.5×",
            ratio <= 1.5,
        )
    )
    report.table(
        ["", "processor, s", "clock, s", "MiB at the most"],
        [
            [way, f"{run['cpu']:.1f}", f"{run['wall']:.1f}", f"{run['mib']:.0f}"]
            for way, run in best.items()
        ],
    )
    report.details.append(f"A Parquet file of {size:.0f} MiB; the better of {_RUNS} runs each.")
    return report


def _run(way: str, path: Path, folder: str) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-m", "bench.profile", "--one", way, str(path), folder],
        capture_output=True,
        text=True,
        check=True,
        cwd=_ROOT,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    return dict(json.loads(ended.stdout))


def _one(way: str, path: str, folder: str) -> None:
    """Runs one way in this process, and tells what it took."""
    before, began = time.process_time(), time.monotonic()
    _WAYS[way](path, folder)
    told = {"cpu": time.process_time() - before, "wall": time.monotonic() - began}
    kibibytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps({**told, "mib": kibibytes / 1024}))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--one"]:
        _one(*sys.argv[2:])
    else:
        report_main(measure)
