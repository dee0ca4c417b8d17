"""Files as datasets: what is found in them, and what is said of those that are none."""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local import demo_data
from local.data import DuckDBDataSource
from local.limits import Limits
from shared.columns import Column, ColumnType
from shared.documents.dataset import BigQuerySource, DatasetSpec, FileSource
from shared.examples import MISSING_TIMESTAMP, RawType
from shared.ports import Profile
from shared.problems import Invalid
from shared.rules.dataset import check_dataset
from shared.source_files import source_files
from shared.sources import lockdown, raw_value, relation

Kind = Literal["parquet", "csv"]


@pytest.fixture
def data(tmp_path: Path) -> DuckDBDataSource:
    return DuckDBDataSource(tmp_path / "home")


def _source(path: Path | str, kind: Kind = "csv") -> FileSource:
    return FileSource(kind=kind, uri=str(path))


def _csv(folder: Path, text: str, name: str = "data.csv") -> FileSource:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return _source(path)


def _columns(profile: Profile) -> dict[str, Column]:
    return {column.name: column for column in profile.columns}


def _types(columns: list[Column]) -> dict[str, ColumnType]:
    return {column.name: column.type for column in columns}


def _refusal(data: DuckDBDataSource, source: FileSource) -> tuple[str, str]:
    """Code and message, which inspecting and profiling agree on."""
    found = []
    for look in (data.inspect, data.profile):
        with pytest.raises(Invalid) as caught:
            look(source)
        (problem,) = caught.value.problems
        assert problem.path == "spec.source.uri"
        found.append((problem.code, problem.message))
    assert found[0] == found[1]
    return found[0]


def test_statistics_are_those_of_pandas(data: DuckDBDataSource, tmp_path: Path) -> None:
    random = np.random.default_rng(7)
    table = pd.DataFrame(
        {
            "price": random.lognormal(1.0, 1.5, 5000),
            "id": random.integers(10_000_000_000, 10_000_000_400, 5000),
            "brand": random.choice(["a", "b", "c"], 5000, p=[0.7, 0.2, 0.1]),
        }
    )
    table.loc[::10, "price"] = None
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "t.parquet")
    profile = data.profile(_source(tmp_path / "t.parquet", "parquet"))
    assert profile.row_count == 5000
    for name in ("price", "id"):
        found, values = _columns(profile)[name].statistics, table[name]
        assert found is not None
        assert found.unique_count == values.nunique()
        assert found.null_count == values.isna().sum()
        expected = (values.min(), values.max(), values.mean(), values.median(), values.std())
        assert (found.min, found.max, found.mean, found.median, found.std) == pytest.approx(
            expected, rel=1e-9
        )
        assert found.skewness == pytest.approx(values.skew(), rel=1e-6, abs=1e-6)
    brand = _columns(profile)["brand"].statistics
    assert brand is not None
    assert (brand.unique_count, brand.samples) == (3, ["a", "b", "c"])
    assert brand.mean is None


def test_how_values_are_spread_is_counted(data: DuckDBDataSource, tmp_path: Path) -> None:
    random = np.random.default_rng(11)
    table = pd.DataFrame(
        {
            "price": random.normal(20.0, 5.0, 3000),
            "when": pd.to_datetime(random.integers(-(10**9), 10**9, 3000), unit="s"),
            "brand": random.choice(["x'y", "b", "c"], 3000, p=[0.1, 0.2, 0.7]),
            "gift": random.choice([True, False], 3000, p=[0.2, 0.8]),
            "constant": 1,
        }
    )
    table.loc[::7, ["price", "brand"]] = None
    pq.write_table(pa.Table.from_pandas(table), tmp_path / "t.parquet")
    columns = _columns(data.profile(_source(tmp_path / "t.parquet", "parquet")))
    found = {name: column.statistics for name, column in columns.items()}
    assert all(found.values())
    seconds = table["when"].astype("datetime64[ns]").astype("int64") / 1e9
    for name, values in (("price", table["price"].dropna()), ("when", seconds)):
        expected, _ = np.histogram(values, 20)
        assert found[name].histogram == expected.tolist()
        assert found[name].top_values == []
    for name in ("brand", "gift"):
        counts = table[name].value_counts()
        expected = [(str(value).lower(), count) for value, count in counts.items()]
        assert [(top.value, top.count) for top in found[name].top_values] == expected
        assert found[name].histogram == []
    assert found["constant"].histogram == []


def test_moments_are_over_finite_values_and_never_overflow(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    table = pa.table(
        {
            "holes": [1.0, math.nan, math.inf, 3.0, None],
            "huge": [1.7e308, -1.7e308, 1e308, 0.0, None],
            "constant": [5, 5, 5, 5, 5],
            "nothing": pa.array([None] * 5, pa.float64()),
            "infinite": [math.inf, -math.inf, math.nan, None, None],
        }
    )
    pq.write_table(table, tmp_path / "t.parquet")
    found = _columns(data.profile(_source(tmp_path / "t.parquet", "parquet")))
    holes, huge, constant, nothing, infinite = (
        found[name].statistics for name in table.schema.names
    )
    assert holes is not None
    assert (holes.min, holes.max, holes.mean, holes.median, holes.null_count) == (1, 3, 2, 2, 1)
    assert huge is not None
    assert huge.mean == pytest.approx(0.25e308)
    assert huge.std is not None
    assert math.isfinite(huge.std)
    assert constant is not None
    assert (constant.mean, constant.std, constant.skewness) == (5, 0, None)
    assert nothing is not None
    assert (nothing.null_count, nothing.unique_count, nothing.mean) == (5, 0, None)
    assert infinite is not None
    assert (infinite.min, infinite.mean, infinite.median) == (None, None, None)


def test_parquet_types_become_five(data: DuckDBDataSource, tmp_path: Path) -> None:
    target = tmp_path / "t.parquet"
    duckdb.connect().execute(
        "COPY (SELECT 'x' AS text, uuid() AS uuid, 1::TINYINT AS tiny, 2::UBIGINT AS large, "
        "1.5::DECIMAL(9, 2) AS money, 1.5::FLOAT AS real, true AS flag, DATE '1960-05-01' AS day, "
        "TIMESTAMP '1960-05-01 12:00:00' AS moment, "
        f"TIMESTAMPTZ '1960-05-01 12:00:00+02' AS zoned) TO '{target}'"
    )
    profile = data.profile(_source(target, "parquet"))
    assert _types(profile.columns) == {
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
        found[stored] = data.profile(_source(target, "parquet")).columns[0].statistics
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
    source = _csv(tmp_path, "\n".join(rows))
    profile = data.profile(source)
    assert _types(profile.columns) == {
        "whole": "INTEGER",
        "number": "FLOAT",
        "zip": "STRING",
        "when": "TIMESTAMP",
        "flag": "BOOLEAN",
        "text": "STRING",
        "late": "STRING",
        "empty": "STRING",
    }
    when = _columns(profile)["when"].statistics
    assert when is not None
    assert when.max == datetime(2024, 2, 29, 8, tzinfo=UTC).timestamp()
    assert when.samples[0] == "2024-01-01T00:00:00Z"
    assert _types(data.inspect(source))["late"] == "INTEGER"  # by its first rows
    whole, text = _columns(profile)["whole"].statistics, _columns(profile)["text"].statistics
    assert whole is not None
    assert text is not None
    assert (whole.null_count, text.null_count) == (1, 1)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_csv_may_use_any_usual_delimiter(
    data: DuckDBDataSource, tmp_path: Path, delimiter: str
) -> None:
    lines = [["id", "a name", "x"], ["1", '"quoted ""it"""', "2.5"], ["2", "plain", "3"]]
    source = _csv(tmp_path, "\n".join(delimiter.join(line) for line in lines))
    profile = data.profile(source)
    assert _types(profile.columns) == {"id": "INTEGER", "a name": "STRING", "x": "FLOAT"}
    samples = _columns(profile)["a name"].statistics
    assert samples is not None
    assert set(samples.samples) == {'quoted "it"', "plain"}


def test_names_may_hold_anything(data: DuckDBDataSource, tmp_path: Path) -> None:
    names = ['a"b', "it's; DROP TABLE x --", "naïve\nline", "{}", "SELECT", "x * y"]
    path = tmp_path / "we[i]rd * 'n\" ?.parquet"
    pq.write_table(pa.table({name: [1, 2] for name in names}), path)
    assert [column.name for column in data.profile(_source(path, "parquet")).columns] == names


def test_a_folder_and_a_pattern_are_many_files(data: DuckDBDataSource, tmp_path: Path) -> None:
    for number in range(3):
        _csv(tmp_path, f"id,v\n{number},a\n", f"in/deep{number}/part.csv")
    _csv(tmp_path, "id,v\n9,b\n", "in/_temporary/part.csv")
    (tmp_path / "in/readme.txt").write_text("no data")
    assert data.profile(_source(tmp_path / "in")).row_count == 3
    assert data.profile(_source(tmp_path / "in" / "deep[01]" / "*.csv")).row_count == 2
    assert data.profile(_source((tmp_path / "in" / "deep0" / "part.csv").as_uri())).row_count == 1


def test_what_cannot_be_read_is_refused(data: DuckDBDataSource, tmp_path: Path) -> None:
    parquet = tmp_path / "good.parquet"
    pq.write_table(pa.table({"id": [1]}), parquet)
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary.csv").write_bytes(bytes(range(128, 256)) * 20)
    (tmp_path / "cut.parquet").write_bytes(parquet.read_bytes()[:-20])
    expected = {
        "not_found": [_source(tmp_path / "missing.csv")],
        "no_files": [
            _source(tmp_path / "folder"),
            _source(tmp_path / "*.tsv"),
        ],
        "empty": [
            _csv(tmp_path, "", "nothing.csv"),
            _csv(tmp_path, "id,v\n", "header.csv"),
        ],
        "wrong_format": [
            _source(parquet),
            _source(_csv(tmp_path, "a\n1\n", "t.csv").uri, "parquet"),
        ],
        "unreadable": [
            _source(tmp_path / "binary.csv"),
            _source(tmp_path / "cut.parquet", "parquet"),
            _csv(tmp_path, "a,b\n1,2\n3\n" * 3, "ragged.csv"),
        ],
        "unnamed_column": [_csv(tmp_path, "id,,v\n1,2,3\n", "unnamed.csv")],
        "duplicate_column": [
            _csv(tmp_path, "id,v,v\n1,2,3\n", "twice.csv"),
            _csv(tmp_path, 'id;"Price";price\n1;2;3\n', "case.csv"),
        ],
        "relative_path": [_source("good.parquet", "parquet")],
        "unsupported_uri": [
            _source("https://example.com/a.csv"),
            _source("s3://bucket/a.csv"),
            _source("GS://bucket/a.csv"),
        ],
    }
    for code, sources in expected.items():
        for source in sources:
            assert _refusal(data, source)[0] == code, source.uri


def test_duplicate_parquet_columns_are_named(data: DuckDBDataSource, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    columns = [pa.array([[1]]), pa.array([{"v": 1}]), pa.array([2]), pa.array([3])]
    pq.write_table(pa.table(columns, names=["list", "struct", "v", "V"]), path)
    code, message = _refusal(data, _source(path, "parquet"))
    assert code == "duplicate_column"
    assert "'v' and 'V'" in message


def test_nested_columns_are_errors_of_their_own(data: DuckDBDataSource, tmp_path: Path) -> None:
    path = tmp_path / "t.parquet"
    pq.write_table(pa.table({"id": [1], "tags": [["a"]], "place": [{"x": 1}]}), path)
    with pytest.raises(Invalid) as caught:
        data.profile(_source(path, "parquet"))
    problems = caught.value.problems
    assert [problem.code for problem in problems] == ["unsupported_type"] * 2
    assert "'tags'" in problems[0].message
    assert "'place'" in problems[1].message


def test_files_of_unlike_columns_are_refused(data: DuckDBDataSource, tmp_path: Path) -> None:
    _csv(tmp_path, "id,v\n1,2\n", "in/a.csv")
    _csv(tmp_path, "id,w\n1,2\n", "in/b.csv")
    with pytest.raises(Invalid) as caught:
        data.profile(_source(tmp_path / "in"))
    assert caught.value.problems[0].code == "unreadable"


def test_bigquery_is_not_read_here(data: DuckDBDataSource) -> None:
    with pytest.raises(Invalid) as caught:
        data.inspect(BigQuerySource(kind="bigquery", table="p.d.t"))
    assert caught.value.problems[0].path == "spec.source.kind"


def test_the_fingerprint_changes_with_the_data_only(data: DuckDBDataSource, tmp_path: Path) -> None:
    source = _csv(tmp_path, "id,v\n1,2\n")
    first = data.profile(source).fingerprint
    assert data.profile(source).fingerprint == first
    _csv(tmp_path, "id,v\n1,3\n")
    os.utime(tmp_path / "data.csv", ns=(1, 1))
    assert data.profile(source).fingerprint != first


def test_two_profiles_at_once_leave_nothing_behind(data: DuckDBDataSource, tmp_path: Path) -> None:
    sources = [_csv(tmp_path, "id,v\n" + f"{i},x\n" * (i + 1), f"{i}.csv") for i in range(4)]
    with ThreadPoolExecutor(4) as pool:
        counts = [profile.row_count for profile in pool.map(data.profile, sources)]
    assert counts == [1, 2, 3, 4]
    assert list((tmp_path / "home" / "tmp").iterdir()) == []


def test_a_locked_connection_reads_its_files_only(tmp_path: Path) -> None:
    source = _csv(tmp_path, "id\n1\n", "in/a.csv")
    other = _csv(tmp_path, "id\n2\n", "out/b.csv")
    with duckdb.connect() as connection:
        for statement in lockdown(source_files(source)):
            connection.execute(statement)
        assert connection.execute(f"FROM {relation(source, source_files(source))}").fetchall()
        for forbidden in (
            f"FROM {relation(other, source_files(other))}",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            "INSTALL httpfs",
            "SET enable_external_access = true",
            "ATTACH '/tmp/other.db'",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(forbidden)


def test_raw_values_are_never_null(tmp_path: Path) -> None:
    source = _csv(tmp_path, "id,x,when\n007,1.5,1960-01-01T00:00:01.9Z\n,word,never\n")
    files = source_files(source)
    values = ", ".join(
        [
            raw_value("id", RawType.TEXT),
            raw_value("x", RawType.NUMBER),
            raw_value("when", RawType.TIMESTAMP),
        ]
    )
    with duckdb.connect() as connection:
        for statement in lockdown(files):
            connection.execute(statement)
        first, second = connection.execute(
            f"SELECT {values} FROM {relation(source, files)}"
        ).fetchall()
    assert first == ("007", 1.5, -315619199)
    assert (second[0], second[2]) == ("", MISSING_TIMESTAMP)
    assert math.isnan(second[1])


def test_the_demo_data_is_goods_that_many_bought(data: DuckDBDataSource, tmp_path: Path) -> None:
    path = demo_data.prepare(tmp_path / "home")
    written = path.stat().st_mtime_ns
    assert demo_data.prepare(tmp_path / "home") == path
    assert path.stat().st_mtime_ns == written
    assert list(path.parent.iterdir()) == [path]

    source = _source(path, "parquet")
    columns = data.inspect(source)
    assert [column.name for column in columns] == list(demo_data.MAPPING)
    assert (
        check_dataset(DatasetSpec(source=source, column_mapping=demo_data.MAPPING), columns) == []
    )
    with duckdb.connect() as connection:
        rows, fewest_buyers, worst, departments, nulls = connection.execute(
            "WITH bought AS (FROM read_parquet(?)), buyers AS (SELECT "
            "count(DISTINCT household_id) AS n FROM bought GROUP BY product_id) "
            "SELECT count(*), (SELECT min(n) FROM buyers), "
            "min(least(quantity, sales_value)), list(DISTINCT department), "
            "count(*) FILTER (category IS NULL OR product_name = '') FROM bought",
            [str(path)],
        ).fetchall()[0]
    assert rows > 1_000_000
    assert fewest_buyers >= 20
    assert worst > 0
    assert not {"Fuel", "Coupon", "Miscellaneous"} & set(departments)
    assert nulls == 0


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
        source = _source(tmp_path / f"{name}.parquet", "parquet")
        with pytest.raises(Invalid) as caught:
            DuckDBDataSource(tmp_path / "home", limits).profile(source)
        (problem,) = caught.value.problems
        assert problem.code == "too_large"
        assert why in problem.message


def test_columns_are_as_many_and_named_as_a_document_can_hold(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    many = _csv(tmp_path, ",".join(f"c{n}" for n in range(1001)) + "\n" + "1," * 1000 + "1\n")
    assert _refusal(data, many)[0] == "too_many_columns"
    long = _csv(tmp_path, f"id,{'x' * 301}\n1,2\n", "long.csv")
    assert _refusal(data, long)[0] == "long_column_name"


def test_a_type_is_told_in_few_words(data: DuckDBDataSource, tmp_path: Path) -> None:
    wide = pa.array([{f"field {n}": 1 for n in range(500)}])
    pq.write_table(pa.table({"id": [1], "wide": wide}), tmp_path / "t.parquet")
    code, message = _refusal(data, _source(tmp_path / "t.parquet", "parquet"))
    assert code == "unsupported_type"
    assert len(message) < 500


def test_every_one_of_many_columns_has_its_own_statistics(
    data: DuckDBDataSource, tmp_path: Path
) -> None:
    table = pa.table({f"c{n}": [n, n + 2] if n % 2 else [f"v{n}", "x"] for n in range(60)})
    pq.write_table(table, tmp_path / "t.parquet")
    columns = data.profile(_source(tmp_path / "t.parquet", "parquet")).columns
    for n, column in enumerate(columns):
        found = column.statistics
        assert found is not None
        if n % 2:
            assert (found.min, found.mean, found.max) == (n, n + 1, n + 2)
        else:
            assert set(found.samples) == {f"v{n}", "x"}
