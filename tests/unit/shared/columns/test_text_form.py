"""An id has one text, whoever asks: DuckDB, BigQuery or Python."""

from __future__ import annotations

from typing import Any

import duckdb
import pytest
import sqlglot

from shared.columns import Column, ColumnStatistics, ColumnType, ValueCount
from shared.columns.text_form import TextForm, bigquery_text, duckdb_text, python_text

WRITTEN, CODE, INTEGER, BOOLEAN = TextForm

TEXTS: list[tuple[str, TextForm, str]] = [
    ("c1", WRITTEN, "c1"),
    ("+490001", WRITTEN, "+490001"),
    ("007", WRITTEN, "007"),
    ("1003.0", WRITTEN, "1003.0"),
    (" 7 ", WRITTEN, " 7 "),
    ("", WRITTEN, ""),
    (" \t", WRITTEN, ""),
    ("\u00a0", WRITTEN, ""),
    ("NULL", WRITTEN, ""),
    (" \\N ", WRITTEN, ""),
    ("n/a", WRITTEN, ""),
    ("NA", WRITTEN, "NA"),
    ("Null", WRITTEN, "Null"),
    ("NA", CODE, ""),
    ("None", CODE, ""),
    ("NAB", CODE, "NAB"),
    ("it's", CODE, "it's"),
    ("1003", INTEGER, "1003"),
    ("1003.0", INTEGER, "1003"),
    ("1003.00", INTEGER, "1003"),
    ("-0", INTEGER, "0"),
    ("-12.0", INTEGER, "-12"),
    (str(2**100), INTEGER, str(2**100)),
    ("007", INTEGER, "007"),
    ("v1.0", INTEGER, "v1.0"),
    ("?", INTEGER, ""),
    ("TRUE", BOOLEAN, "true"),
    ("NA", BOOLEAN, ""),
]


@pytest.mark.parametrize(("text", "form", "expected"), TEXTS)
def test_a_text_has_one_form(text: str, form: TextForm, expected: str) -> None:
    assert python_text(text, form) == expected
    query = f"SELECT coalesce({duckdb_text('v', 'VARCHAR', form)}, '') FROM (SELECT ? AS v)"
    assert duckdb.execute(query, [text]).fetchall() == [(expected,)]
    if form in (WRITTEN, CODE):  # a table's numbers and booleans are stored as such
        assert _bigquery("STRING", form, "?", text) == expected


NUMBERS: list[tuple[float, str]] = [
    (1003.0, "1003"),
    (-0.0, "0"),
    (1e16, "10000000000000000"),
    (float("nan"), ""),
    (7.5, "7.5"),
    (-3.0, "-3"),
]


@pytest.mark.parametrize(("number", "expected"), NUMBERS)
def test_a_whole_number_is_written_without_a_point(number: float, expected: str) -> None:
    assert python_text(number, INTEGER) == expected
    query = f"SELECT coalesce({duckdb_text('v', 'DOUBLE')}, '') FROM (SELECT ?::DOUBLE AS v)"
    assert duckdb.execute(query, [number]).fetchall() == [(expected,)]
    assert _bigquery("FLOAT64", WRITTEN, "?::DOUBLE", number) == expected


def _bigquery(stored: str, form: TextForm, parameter: str, value: Any) -> str:
    text = bigquery_text("`v`", stored, form)
    translated = sqlglot.transpile(f"SELECT COALESCE({text}, '')", "bigquery", "duckdb")[0]
    ((found,),) = duckdb.execute(f"{translated} FROM (SELECT {parameter} AS v)", [value]).fetchall()
    return str(found)


def test_values_of_json_are_written_as_the_data_is() -> None:
    assert python_text(1003, INTEGER) == "1003"
    assert python_text(True, BOOLEAN) == "true"


@pytest.mark.parametrize(
    ("kind", "missing", "form"),
    [
        ("INTEGER", [], INTEGER),
        ("BOOLEAN", [], BOOLEAN),
        ("STRING", [], WRITTEN),
        ("STRING", ["NULL"], WRITTEN),
        ("STRING", ["NULL", "NA"], CODE),
    ],
)
def test_the_profile_says_how_a_column_is_written(
    kind: str, missing: list[str], form: TextForm
) -> None:
    counts = [ValueCount(value=value, count=1) for value in missing]
    found = ColumnStatistics(unique_count=1, null_count=0, missing=counts)
    assert Column(name="c", type=ColumnType(kind), statistics=found).text_form is form
