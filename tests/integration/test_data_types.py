"""The types of columns, from what files store and from the form of values."""

from __future__ import annotations

from datetime import UTC, datetime, time
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.data.source import DuckDBDataSource
from tests.integration.profiling import columns_of, csv_source, file_source, refusal, types_of


@pytest.fixture
def data(tmp_path: Path) -> DuckDBDataSource:
    return DuckDBDataSource(tmp_path / "home")


def test_parquet_types_become_five(data: DuckDBDataSource, tmp_path: Path) -> None:
    target = tmp_path / "t.parquet"
    duckdb.connect().execute(
        "COPY (SELECT 'x' AS text, uuid() AS uuid, 1::TINYINT AS tiny, 2::UBIGINT AS large, "
        "1.5::DECIMAL(9, 2) AS money, 1.5::FLOAT AS real, true AS flag, DATE '1960-05-01' AS day, "
        "TIMESTAMP '1960-05-01 12:00:00' AS moment, "
        f"TIMESTAMPTZ '1960-05-01 12:00:00+02' AS zoned) TO '{target}'"
    )
    profile = data.profile(file_source(target, "parquet"))
    assert types_of(profile.columns) == {
        "text": "STRING",
        "uuid": "STRING",
        "tiny": "INTEGER",
        "large": "INTEGER",
        "money": "FLOAT",
        "real": "FLOAT",
        "flag": "BOOLEAN",
        "day": "TIMESTAMP",
        "moment": "TIMESTAMP",
        "zoned": "TIMESTAMP",
    }
    seconds = {c.name: c.statistics.min for c in profile.columns[-3:] if c.statistics}
    noon = datetime(1960, 5, 1, 12, tzinfo=UTC).timestamp()
    assert seconds == {"day": noon - 43200, "moment": noon, "zoned": noon - 7200}


def test_moments_mean_the_same_with_a_zone_and_without(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    found = {}
    for stored in ("TIMESTAMP", "TIMESTAMPTZ", "TIMESTAMP_NS", "TIMESTAMP_S", "VARCHAR"):
        target = tmp_path / f"{stored}.parquet"
        with duckdb.connect() as connection:
            connection.execute("SET TimeZone = 'UTC'")
            moment = "TIMESTAMP '1960-05-01 12:00:00' + INTERVAL (n % 7) DAY"
            connection.sql(
                f"SELECT CASE WHEN n % 5 > 0 THEN ({moment})::TIMESTAMPTZ::{stored} END AS at"
                " FROM range(1000) AS numbers(n)"
            ).write_parquet(str(target))
        found[stored] = data.profile(file_source(target, "parquet")).columns[0].statistics
    text = found.pop("VARCHAR")
    assert (text.unique_count, text.null_count) == (7, 200)
    first, *others = found.values()
    assert (first.unique_count, first.null_count, len(first.samples)) == (7, 200, 5)
    assert first.min == datetime(1960, 5, 1, 12, tzinfo=UTC).timestamp()
    assert sum(first.histogram) == 800
    assert all(sample.endswith("T12:00:00Z") for sample in first.samples)
    for other in others:
        assert other.model_copy(update={"samples": first.samples}) == first


def test_csv_types_come_from_the_form_of_all_values(data: DuckDBDataSource, tmp_path: Path) -> None:
    rows = [
        "whole,number,zip,when,flag,text,late,empty",
        "1,1.5,01234,2024-02-29T10:00:00+02:00,true,a,1,",
        "-2,2e3,99999,2024-02-28 10:00:00,FALSE,,2,",
        ",NaN,00001,1960-01-01,true,ü,3,",
        *["3,1,12345,2024-01-01T00:00:00Z,false,b,4,"] * 20_000,
        "4,.5,12345,2024-01-01T00:00:00.123Z,false,b,not a number,",
    ]
    source = csv_source(tmp_path, "\n".join(rows))
    profile = data.profile(source)
    assert types_of(profile.columns) == {
        "whole": "INTEGER",
        "number": "FLOAT",
        "zip": "STRING",
        "when": "TIMESTAMP",
        "flag": "BOOLEAN",
        "text": "STRING",
        "late": "STRING",
        "empty": "STRING",
    }
    when = columns_of(profile)["when"].statistics
    assert when is not None
    assert when.max == datetime(2024, 2, 29, 8, tzinfo=UTC).timestamp()
    assert when.samples[0] == "2024-01-01T00:00:00Z"
    assert types_of(data.inspect(source))["late"] == "INTEGER"  # by its first rows
    whole, text = columns_of(profile)["whole"].statistics, columns_of(profile)["text"].statistics
    assert whole is not None
    assert text is not None
    assert (whole.null_count, text.null_count) == (1, 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_may_use_any_usual_delimiter(
    data: DuckDBDataSource, tmp_path: Path, delimiter: str
) -> None:
    lines = [["id", "a name", "x"], ["1", '"quoted ""it"""', "2.5"], ["2", "plain", "3"]]
    source = csv_source(tmp_path, "\n".join(delimiter.join(line) for line in lines))
    profile = data.profile(source)
    assert types_of(profile.columns) == {"id": "INTEGER", "a name": "STRING", "x": "FLOAT"}
    samples = columns_of(profile)["a name"].statistics
    assert samples is not None
    assert set(samples.samples) == {'quoted "it"', "plain"}


def test_columns_of_other_types_are_left_aside(data: DuckDBDataSource, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    table = {"id": [1], "of": [[["a"]]], "place": [{"x": 1}], "at": [time(9)], "raw": [b"x"]}
    pq.write_table(pa.table(table), path)
    source = file_source(path, "parquet")
    assert types_of(data.inspect(source)) == {"id": "INTEGER"}
    profile = data.profile(source)
    assert types_of(profile.columns) == {"id": "INTEGER"}
    (note,) = profile.notes
    assert note.startswith("4 columns are left aside")
    for named in ("'of' (VARCHAR[][])", "'place' (STRUCT", "'at' (TIME", "'raw' (BLOB)"):
        assert named in note


def test_a_file_of_other_types_only_is_refused(data: DuckDBDataSource, tmp_path: Path) -> None:
    pq.write_table(pa.table({"place": [{"x": 1}]}), tmp_path / "t.parquet")
    code, message = refusal(data, file_source(tmp_path / "t.parquet", "parquet"))
    assert code == "unsupported_type"
    assert "'place' (STRUCT" in message


def test_lists_are_text_that_lists_and_vectors_are_made_of(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    table = {
        "tags": [["a", "b c"], ["b c"], []],
        "image": pa.array([[0.5, -1.5e-7, 2.0]] * 2 + [None], pa.list_(pa.float32(), 3)),
        "long": [[float(number) / 7 for number in range(300)]] * 3,
        "sizes": [[1, 2], [3], None],
    }
    pq.write_table(pa.table(table), tmp_path / "t.parquet")
    source = file_source(tmp_path / "t.parquet", "parquet")
    profile = data.profile(source)
    assert set(types_of(profile.columns).values()) == {"STRING"}
    assert profile.notes == []
    found = {one.name: one.statistics for one in profile.columns}
    tags, image, long, sizes = (found[name] for name in table)
    assert tags is not None
    assert image is not None
    assert long is not None
    assert sizes is not None
    assert (set(tags.samples), tags.null_count, tags.numbers) == ({"a|b c", "b c"}, 1, 0)
    assert (image.numbers, image.null_count) == (3, 1)
    (sample,) = image.samples
    assert list(map(float, sample.split())) == pytest.approx([0.5, -1.5e-7, 2.0])
    assert long.numbers == 300, "though samples are cut"
    assert (set(sizes.samples), sizes.numbers) == ({"1 2", "3"}, 0)
