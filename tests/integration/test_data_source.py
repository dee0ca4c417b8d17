"""Files that are read, refused and told apart."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import duckdb
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.data.limits import Limits
from local.data.source import DuckDBDataSource
from shared.documents.dataset import BigQuerySource
from shared.examples import MISSING_TIMESTAMP, RawType
from shared.problems import InvalidError
from shared.tables.files import find_files, source_files
from shared.tables.reading import read_files
from shared.tables.sql import lockdown, raw_value
from tests.integration.profiling import csv_source, file_source, refusal


@pytest.fixture
def data(tmp_path: Path) -> DuckDBDataSource:
    return DuckDBDataSource(tmp_path / "home")


def test_names_may_hold_anything(data: DuckDBDataSource, tmp_path: Path) -> None:
    names = ['a"b', "it's; DROP TABLE x --", "naïve\nline", "{}", "SELECT", "x * y"]
    path = tmp_path / "we[i]rd * 'n\" ?.parquet"
    pq.write_table(pa.table({name: [1, 2] for name in names}), path)
    assert [column.name for column in data.profile(file_source(path, "parquet")).columns] == names


def test_a_folder_and_a_pattern_are_many_files(data: DuckDBDataSource, tmp_path: Path) -> None:
    for number in range(3):
        csv_source(tmp_path, f"id,v\n{number},a\n", f"in/deep{number}/part.csv")
    csv_source(tmp_path, "id,v\n9,b\n", "in/_temporary/part.csv")
    (tmp_path / "in/readme.txt").write_text("no data")
    assert data.profile(file_source(tmp_path / "in")).row_count == 3
    assert data.profile(file_source(tmp_path / "in" / "deep[01]" / "*.csv")).row_count == 2
    assert (
        data.profile(file_source((tmp_path / "in" / "deep0" / "part.csv").as_uri())).row_count == 1
    )


def test_what_cannot_be_read_is_refused(data: DuckDBDataSource, tmp_path: Path) -> None:
    parquet = tmp_path / "good.parquet"
    pq.write_table(pa.table({"id": [1]}), parquet)
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary.csv").write_bytes(bytes(range(128, 256)) * 20)
    (tmp_path / "cut.parquet").write_bytes(parquet.read_bytes()[:-20])
    expected = {
        "not_found": [file_source(tmp_path / "missing.csv")],
        "no_files": [
            file_source(tmp_path / "folder"),
            file_source(tmp_path / "*.tsv"),
        ],
        "empty": [
            csv_source(tmp_path, "", "nothing.csv"),
            csv_source(tmp_path, "id,v\n", "header.csv"),
        ],
        "wrong_format": [
            file_source(parquet),
            file_source(csv_source(tmp_path, "a\n1\n", "t.csv").uri, "parquet"),
        ],
        "unknown_encoding": [file_source(tmp_path / "binary.csv")],
        "unreadable": [
            file_source(tmp_path / "cut.parquet", "parquet"),
            csv_source(tmp_path, "a,b\n1,2\n3\n" * 3, "ragged.csv"),
        ],
        "relative_path": [file_source("good.parquet", "parquet")],
        "unsupported_uri": [
            file_source("https://example.com/a.csv"),
            file_source("s3://bucket/a.csv"),
            file_source("GS://bucket/a.csv"),
        ],
    }
    for code, sources in expected.items():
        for source in sources:
            assert refusal(data, source)[0] == code, source.uri


def test_duplicate_parquet_columns_are_named(data: DuckDBDataSource, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    columns = [pa.array([[1]]), pa.array([{"v": 1}]), pa.array([2]), pa.array([3])]
    pq.write_table(pa.table(columns, names=["list", "struct", "v", "V"]), path)
    code, message = refusal(data, file_source(path, "parquet"))
    assert code == "duplicate_column"
    assert "'v' and 'V'" in message


def test_bigquery_is_not_read_here(data: DuckDBDataSource) -> None:
    with pytest.raises(InvalidError) as caught:
        data.inspect(BigQuerySource(kind="bigquery", table="p.d.t"))
    assert caught.value.problems[0].path == "spec.source.kind"


def test_the_fingerprint_changes_with_the_data_only(data: DuckDBDataSource, tmp_path: Path) -> None:
    source = csv_source(tmp_path, "id,v\n1,2\n")
    first = data.profile(source).fingerprint
    assert data.profile(source).fingerprint == first
    csv_source(tmp_path, "id,v\n1,3\n")
    os.utime(tmp_path / "data.csv", ns=(1, 1))
    assert data.profile(source).fingerprint != first


def test_a_change_of_the_files_is_known_without_reading_them(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    csv_source(tmp_path, "id,v\n1,2\n", "in/a.csv")
    source = file_source(tmp_path / "in")
    profiled = data.profile(source).source_fingerprint
    assert data.source_fingerprint(source) == profiled
    csv_source(tmp_path, "id,v\n1,3\n", "in/b.csv")
    added = data.source_fingerprint(source)
    assert added != profiled
    (tmp_path / "in" / "b.csv").rename(tmp_path / "in" / "c.csv")
    assert data.source_fingerprint(source) not in (profiled, added)
    (tmp_path / "in" / "c.csv").unlink()
    assert data.source_fingerprint(source) == profiled
    os.utime(tmp_path / "in" / "a.csv", ns=(1, 1))
    assert data.source_fingerprint(source) != profiled
    (tmp_path / "in" / "a.csv").unlink()
    with pytest.raises(InvalidError):
        data.source_fingerprint(source)


def test_first_rows_are_numbers_and_text(data: DuckDBDataSource, tmp_path: Path) -> None:
    source = csv_source(tmp_path, "id,v,at,ok\n007,2.5,2024-01-02,true\n008,,,\n")
    assert data.first_rows(source, ["at", "id", "v"]) == {
        "id": ["007", "008"],
        "v": [2.5, None],
        "at": ["2024-01-02", None],
    }
    assert data.first_rows(source, []) == {}
    frame = pd.DataFrame(
        {"n": [1, 2], "at": pd.to_datetime(["2024-01-02 00:00", "2024-01-03 12:00"])}
    )
    frame.to_parquet(tmp_path / "some.parquet")
    found = data.first_rows(file_source(tmp_path / "some.parquet", "parquet"), ["n", "at"])
    assert found == {"n": [1, 2], "at": ["2024-01-02 00:00:00", "2024-01-03 12:00:00"]}


def test_two_profiles_at_once_leave_nothing_behind(data: DuckDBDataSource, tmp_path: Path) -> None:
    sources = [csv_source(tmp_path, "id,v\n" + f"{i},x\n" * (i + 1), f"{i}.csv") for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = [profile.row_count for profile in pool.map(data.profile, sources)]
    assert counts == [1, 2, 3, 4]
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


def test_a_locked_connection_reads_its_files_only(tmp_path: Path) -> None:
    source = csv_source(tmp_path, "id\n1\n", "in/a.csv")
    other = csv_source(tmp_path, "id\n2\n", "out/b.csv")
    with duckdb.connect() as connection:
        for statement in lockdown(source_files(source)):
            connection.execute(statement)
        read = read_files(source, find_files(source), tmp_path, connection)
        assert connection.execute(f"FROM {read.table}").fetchall() == [("1",)]
        for forbidden in (
            f"FROM read_csv('{other.uri}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "ATTACH '/tmp/other.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(forbidden)


def test_raw_values_are_never_null(tmp_path: Path) -> None:
    source = csv_source(tmp_path, "id,x,when\n007,1.5,1960-01-01T00:00:01.9Z\n,word,never\n")
    files = find_files(source)
    values = ", ".join(
        [
            raw_value("id", "VARCHAR", RawType.TEXT),
            raw_value("x", "VARCHAR", RawType.NUMBER),
            raw_value("when", "VARCHAR", RawType.TIMESTAMP),
        ]
    )
    with duckdb.connect() as connection:
        for statement in lockdown(files.files):
            connection.execute(statement)
        table = read_files(source, files, tmp_path, connection).table
        first, second = connection.execute(f"SELECT {values} FROM {table}").fetchall()
    assert first == ("007", 1.5, -315619199)
    assert (second[0], second[2]) == ("", MISSING_TIMESTAMP)
    assert math.isnan(second[1])


def test_what_takes_too_much_is_refused_and_not_tried_again(tmp_path: Path) -> None:
    """Beyond the limits is no passing fault: the dataset would wait for ever."""
    duckdb.connect().execute(
        f"COPY (SELECT repeat('x', 300_000_000) AS id) TO '{tmp_path / 'long.parquet'}'"
    )
    duckdb.connect().execute(
        f"COPY (SELECT i // 9 AS id FROM range(30_000_000) t(i)) TO '{tmp_path / 'rows.parquet'}'"
    )
    limits = Limits(memory="128MB", spill="128MB", seconds=0.3, inspect_seconds=5)
    for name, why in (("long", "128MB of memory"), ("rows", "longer than 0.3 seconds")):
        source = file_source(tmp_path / f"{name}.parquet", "parquet")
        with pytest.raises(InvalidError) as caught:
            DuckDBDataSource(tmp_path / "home", limits).profile(source)
        (problem,) = caught.value.problems
        assert problem.code == "too_large"
        assert why in problem.message


def test_columns_are_as_many_and_named_as_a_document_can_hold(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    many = csv_source(tmp_path, ",".join(f"c{n}" for n in range(1001)) + "\n" + "1," * 1000 + "1\n")
    assert refusal(data, many)[0] == "too_many_columns"
    long = csv_source(tmp_path, f"id,{'x' * 301}\n1,2\n", "long.csv")
    assert refusal(data, long)[0] == "long_column_name"


def test_a_type_is_told_in_few_words(data: DuckDBDataSource, tmp_path: Path) -> None:
    wide = pa.array([{f"field {n}": 1 for n in range(500)}])
    pq.write_table(pa.table({"id": [1], "wide": wide}), tmp_path / "t.parquet")
    (note,) = data.profile(file_source(tmp_path / "t.parquet", "parquet")).notes
    assert len(note) < 500
