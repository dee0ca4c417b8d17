"""A column that results are split by is read with the examples, whoever uses it."""

from __future__ import annotations

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.examples import ExamplesSpec
from trainer_image.examples.read import read_examples
from trainer_image.job.status import JobFailedError

ROWS = 400


def spec(folder: Path, regions: list[str | None], **fields) -> ExamplesSpec:
    uri = str(folder / "purchases.parquet")
    table = {
        "who": [f"c{number % 40}" for number in range(ROWS)],
        "what": [f"p{number % 7}" for number in range(ROWS)],
        "Region": regions,
    }
    pq.write_table(pa.table(table), uri)
    names = (("who", "who"), ("what", "what"), ("region", "Region"))
    return ExamplesSpec(
        source={"kind": "parquet", "uri": uri},
        features=[{"key": key, "column": column, "type": "text"} for key, column in names],
        query_keys=["who"],
        candidate_keys=["what"],
        customer_key="who",
        product_key="what",
        split="random",
        sample_percent=100,
        holdout_fraction=0.3,
        **fields,
    )


def test_its_values_come_with_the_held_out_rows(tmp_path) -> None:
    regions = [("north", "south", None)[number % 3] for number in range(ROWS)]
    found = read_examples(spec(tmp_path, regions, segment_keys=["region"]))
    assert set(found.eval["region"].to_pylist()) == {"north", "south", ""}


def test_one_without_values_or_with_too_many_ends_the_job_before_it_trains(tmp_path) -> None:
    with pytest.raises(JobFailedError, match=r"segment_columns\[0\]: column 'Region' has no value"):
        read_examples(spec(tmp_path, [None] * ROWS, segment_keys=["region"]))
    many = [f"r{number}" for number in range(ROWS)]
    with pytest.raises(JobFailedError, match=r"'Region' has \d+ values among the held-out rows"):
        read_examples(spec(tmp_path, many, segment_keys=["region"]))
    assert len(read_examples(spec(tmp_path, many)).eval) > 0  # which nobody marks
