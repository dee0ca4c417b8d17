"""What is looked at from inside the trainer's environment after the runs."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from tests.integration.trainer.support import TrainerJob, probe

QUERY = ("household_id", "purchased_at", "sales_value", "quantity")
KNOWN = 20  # customers of `raw_queries`; after them, one unknown and one empty row
SPLITS = ("train", "eval", "candidates")


def raw_queries(job: TrainerJob) -> pa.Table:
    """20 held-out purchases, one by a customer that nobody knows, and one of nothing at all."""
    path = job.output / "examples" / "eval" / "part-00000.parquet"
    held_out = pq.read_table(path, columns=list(QUERY)).slice(0, KNOWN)
    odd = pa.table(
        {
            "household_id": pa.array(["nobody", ""], pa.string()),
            "purchased_at": pa.array([-86_400, -(2**63)], pa.int64()),
            "sales_value": pa.array([1e30, math.nan], pa.float32()),
            "quantity": pa.array([-3, math.nan], pa.float32()),
        }
    )
    return pa.concat_tables([held_out.cast(odd.schema), odd]).combine_chunks()


def embeddings(folder: Path, job: TrainerJob) -> Path:
    """`held_out.npz` and `queries.npz`: the model's embeddings of the held-out rows and of
    `raw_queries`, each with those of the candidates."""
    folder.mkdir(parents=True)
    pq.write_table(raw_queries(job), folder / "queries.parquet")
    examples = job.output / "examples"
    tables = {
        "held_out": examples / "eval" / "part-00000.parquet",
        "queries": folder / "queries.parquet",
    }
    calls = [
        (
            "embed",
            {
                "model": str(job.output / "model"),
                "queries": str(path),
                "candidates": str(examples / "candidates" / "part-00000.parquet"),
                "out": str(folder / f"{name}.npz"),
            },
        )
        for name, path in tables.items()
    ]
    return probe(folder, *calls)


def comparison(folder: Path, direct: TrainerJob, tfx: TrainerJob) -> Path:
    """`<runner>-<split>.parquet`: transformed examples."""
    calls: list[tuple[str, dict[str, Any]]] = []
    for name, job in (("direct", direct), ("tfx", tfx)):
        for split in SPLITS:
            files = sorted(map(str, (job.output / "transformed" / split).iterdir()))
            graph = str(job.output / "transform_graph")
            out = str(folder / f"{name}-{split}.parquet")
            calls.append(("records", {"graph": graph, "files": files, "out": out}))
    return probe(folder, *calls)
