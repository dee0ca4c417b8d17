"""Numbers and other values in their formats, as the database reads them."""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.documents.source import ColumnFormat, FileOptions, Mark
from shared.tables.formats import as_number, formatted


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        yield connection


def read(database: duckdb.DuckDBPyConnection, sql: str, value: str) -> object:
    (found,) = database.execute(f"SELECT {sql} FROM (SELECT ? AS v)", [value]).fetchone() or (None,)
    return found


@settings(max_examples=150, deadline=None)
@given(
    number=st.integers(-(10**12), 10**12),
    mark=st.sampled_from([".", ","]),
    apart=st.sampled_from(["", " ", "'", "\u00a0", "swapped"]),
    sign=st.sampled_from(["{}", "€{}", "{} €", "$ {}", "EUR {}", "{} CHF", "{}%"]),
    trailing=st.booleans(),
)
def test_a_number_comes_back_whatever_its_marks(
    database: duckdb.DuckDBPyConnection,
    number: int,
    mark: Mark,
    apart: str,
    sign: str,
    trailing: bool,
) -> None:
    thousands = {".": ",", ",": "."}[mark] if apart == "swapped" else apart
    bare = f"{abs(number) // 100:,}".replace(",", thousands) + mark + f"{abs(number) % 100:02d}"
    text = sign.format(bare)
    if number < 0:
        text = f"{bare}-" if trailing else f"-{bare}"
    assert read(database, as_number("v", "VARCHAR", mark), text) == number / 100


@pytest.mark.parametrize("text", ["1,2,3", "12-34", "1.2.3", "030 1234567", "abc", "--"])
@pytest.mark.parametrize("mark", [".", ","])
def test_what_is_no_number_is_missing(
    database: duckdb.DuckDBPyConnection, text: str, mark: Mark
) -> None:
    assert read(database, as_number("v", "VARCHAR", mark), text) is None


@pytest.mark.parametrize(
    ("form", "text", "expected"),
    [
        (ColumnFormat(type="INTEGER"), "12.0", 12),
        (ColumnFormat(type="INTEGER"), "12.5", None),
        (ColumnFormat(type="FLOAT"), "12.5", 12.5),
        (ColumnFormat(type="BOOLEAN"), "Ja", True),
        (ColumnFormat(type="BOOLEAN"), "0", False),
        (ColumnFormat(type="STRING"), "007", "007"),
        (ColumnFormat(decimal=",", type="INTEGER"), "1.234", 1234),
    ],
)
def test_a_column_is_what_was_said(
    database: duckdb.DuckDBPyConnection, form: ColumnFormat, text: str, expected: object
) -> None:
    options = FileOptions(columns={"v": form})
    value, _ = formatted("v", "VARCHAR", options, {"v": "VARCHAR"})
    assert read(database, value, text) == expected


@pytest.mark.parametrize(
    ("times", "text", "zone", "expected"),
    [
        (["seconds"], "1704067200", None, 1704067200),
        (["milliseconds"], "1704067200500", None, 1704067200.5),
        (["microseconds"], "1704067200000000", None, 1704067200),
        (["nanoseconds"], "1704067200000000000", None, 1704067200),
        (["seconds"], "1e30", None, None),
        (["iso_week"], "2024-W05", None, 1706486400),
        (["iso_week"], "2024W05-3", None, 1706659200),
        (["%d.%m.%Y %H:%M"], "01.07.2024 02:00", "Europe/Berlin", 1719792000),
        (["iso"], "2024-07-01 02:00", "Europe/Berlin", 1719792000),
        (["iso"], "2024-07-01T00:00:00Z", "Europe/Berlin", 1719792000),
        (["%d/%m/%Y %H:%M %z"], "01/07/2024 02:00 +0200", "Asia/Tokyo", 1719792000),
        (["%m/%d/%Y %I:%M %p"], "7/1/2024 1:30 p.m.", None, 1719840600),
    ],
)
def test_a_moment_is_read_in_its_form_and_zone(
    database: duckdb.DuckDBPyConnection,
    times: list[str],
    text: str,
    zone: str | None,
    expected: float | None,
) -> None:
    options = FileOptions(columns={"v": ColumnFormat(times=times)}, zone=zone)
    value, _ = formatted("v", "VARCHAR", options, {"v": "VARCHAR"})
    assert read(database, f"epoch({value})", text) == expected
