"""Large datasets: profiled and sampled in bounded memory."""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import duckdb

from bench.purchases import write_purchases
from tests.torture.trial import Tally, trial

_ROOT = Path(__file__).resolve().parents[2]
# DuckDB keeps to 2 GB while it profiles, whatever the rows; the rest is Python and what it reads.
_PROFILE_MEBIBYTES = 2500.0
_SAMPLE_MEBIBYTES = 2500.0
_PROFILE = """
import sys
from pathlib import Path
from local.data.source import DuckDBDataSource
from shared.documents.dataset import FileSource
found = DuckDBDataSource(Path(sys.argv[2])).profile(FileSource(kind="parquet", uri=sys.argv[1]))
customers = next(one.statistics for one in found.columns if one.name == "customer")
told = {"rows": found.row_count, "customers": customers.unique_count}
"""
_SAMPLE = """
import sys
from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature, RawType
from trainer_image.examples.read import read_examples
text = [RawFeature(key=name, column=name, type=RawType.TEXT) for name in ("customer", "product")]
price = RawFeature(key="price", column="price", type=RawType.NUMBER)
found = read_examples(ExamplesSpec(
    source=FileSource(kind="parquet", uri=sys.argv[1]), features=[*text, price],
    query_keys=["customer"], candidate_keys=["product", "price"], customer_key="customer",
    product_key="product", timestamp_column="bought_at", split="temporal",
    sample_percent=float(sys.argv[2]), seed=1,
))
told = {"rows": len(found.train) + len(found.eval), "products": len(found.candidates)}
"""
_TELL = """
import json, resource
print(json.dumps({**told, "KiB": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss}))
"""


@trial("load", "a large dataset profiled and sampled", seconds=240)
def large_dataset(tally: Tally) -> None:
    """All rows are counted and the sample is a tenth of them, in memory that is bounded."""
    rows = tally.of(10_000_000, 500_000)
    path = tally.folder / "purchases.parquet"
    customers = write_purchases(path, rows)
    tally.figure(f"{rows:,} rows, {path.stat().st_size / 2**20:.0f} MiB")
    profiled = _run(_PROFILE, path, tally.folder / "home")
    tally.figure(f"profiled in {profiled['s']:.0f} s, {profiled['MiB']:.0f} MiB")
    if profiled["rows"] != rows or abs(profiled["customers"] / customers - 1) > 0.05:
        tally.loses(f"{rows:,} rows of {customers:,} customers were profiled as {profiled}")
    sampled = _run(_SAMPLE, path, "10")
    tally.figure(f"a tenth sampled in {sampled['s']:.0f} s, {sampled['MiB']:.0f} MiB")
    if not 0.09 < sampled["rows"] / rows < 0.11:
        tally.loses(f"a tenth of {rows:,} rows is not {sampled['rows']:,}")
    for what, bound in ((profiled, _PROFILE_MEBIBYTES), (sampled, _SAMPLE_MEBIBYTES)):
        if what["MiB"] > bound:
            tally.loses(f"{what['MiB']:.0f} MiB held; at most {bound:.0f} expected")
    tally.tried(2)


_AT_ONCE = """
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from local.data.limits import Limits
from local.data.source import DuckDBDataSource
from shared.documents.dataset import FileSource
data = DuckDBDataSource(Path(sys.argv[2]), Limits(memory="300MB", spill="4GB"))
source = FileSource(kind="parquet", uri=sys.argv[1])
with ThreadPoolExecutor(4) as pool:
    told = {"rows": list(pool.map(lambda _: data.profile(source).row_count, range(4)))}
"""
_AT_ONCE_MEBIBYTES = 700.0


@trial("load", "four datasets of long texts profiled at once", seconds=240, small=False)
def four_at_once(tally: Tally) -> None:
    """They share one budget, which each of them needs whole: none is refused, and together they
    hold no more than one does."""
    rows = 80_000
    path = tally.folder / "texts.parquet"
    text, customer = "repeat(md5(n::VARCHAR), 30)", "md5(n::VARCHAR)"
    duckdb.execute(
        f"COPY (SELECT {text} AS text, {customer} AS customer, n FROM range({rows}) AS rows(n))"
        f" TO '{path}' (FORMAT parquet)"
    )
    profiled = _run(_AT_ONCE, path, tally.folder / "home")
    tally.tried(4)
    tally.figure(f"4 of {rows:,} rows in {profiled['s']:.0f} s, {profiled['MiB']:.0f} MiB")
    if profiled["rows"] != [rows] * 4:
        tally.loses(f"four times {rows:,} rows were profiled as {profiled}")
    if profiled["MiB"] > _AT_ONCE_MEBIBYTES:
        tally.loses(f"{profiled['MiB']:.0f} MiB held; at most {_AT_ONCE_MEBIBYTES:.0f} expected")


def _run(program: str, *arguments: object) -> dict[str, Any]:
    """What a program in a process of its own tells, its memory and its time."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    ended = subprocess.run(
        [sys.executable, "-c", program + _TELL, *map(str, arguments)],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT)},
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    told = dict(json.loads(ended.stdout.splitlines()[-1]))
    return {**told, "MiB": told["KiB"] / 1024, "s": after.ru_utime - before.ru_utime}
