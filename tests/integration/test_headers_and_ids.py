"""Headers that are none, marks of missing values, and ids: the same in profile and training."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from shared.columns import Column, ColumnType
from tests.integration.source_folder import ROWS, Data, Kind, Line, ids, named, types


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


HEADERLESS: dict[str, Line] = {
    "numbers, times and prices": lambda c, p, t, x: f"{c},{p},{t},{x}",
    "text, numbers and times": lambda c, p, t, x: f"c{c},{p},{t},{x}",
    "numbers only": lambda c, p, t, x: f"{c + 100},{p}",
    "texts only": lambda c, p, t, x: f"c{c},p{p},{'web' if c % 2 else 'shop'}",
    "text and numbers": lambda c, p, t, x: f"c{c},{p + 50},{c % 4}",
}


@pytest.mark.parametrize("case", HEADERLESS)
def test_a_first_purchase_in_the_place_of_a_header_is_noticed(data: Data, case: str) -> None:
    data.text("a.csv", None, HEADERLESS[case])
    profile = data.profile("a.csv")
    assert profile.row_count == len(ROWS)
    assert [column.name for column in profile.columns][:2] == ["column1", "column2"]
    assert profile.read_as is not None
    assert profile.read_as.header == 0
    assert profile.notes[0].startswith("The first line of a.csv looks like data")


HEADERS = [
    ("customer,2019,2020,2021", lambda c, p, t, x: f"c{c},{p},{c},{p}"),
    ("2019,2020", lambda c, p, t, x: f"{c},{p}"),
    ("0,1,2", lambda c, p, t, x: f"{c},{p},{x}"),
    ("customer,product,2024-01-01", lambda c, p, t, x: f"{c},{p},{x}"),
    ("customer,product,true", lambda c, p, t, x: f"{c},{p},true"),
    ("a,b", lambda c, p, t, x: f"{'b' if c else 'a'},{p}"),
    ("kind,sale", lambda c, p, t, x: f"{'kind' if c else 'a'},b"),
    ("id", lambda c, p, t, x: f"{c}"),
]


@pytest.mark.parametrize(("header", "line"), HEADERS, ids=[header for header, _ in HEADERS])
def test_numbers_and_dates_may_be_names(data: Data, header: str, line: Line) -> None:
    data.text("a.csv", header, line)
    profile = data.profile("a.csv")
    assert [column.name for column in profile.columns] == header.split(",")
    assert profile.row_count == len(ROWS)


def test_a_header_that_occurs_again_is_no_purchase(data: Data) -> None:
    lines = ["customer,product", *(f"c{c},p{p}" for c, p, _, _ in ROWS)]
    data.write("a.csv", "\n".join(lines * 2) + "\n")
    assert data.refusal("a.csv").startswith("The header occurs again, 1 times")


# --- Missing values ------------------------------------------------------------------------------


def test_markers_are_missing_in_ids_numbers_and_times_and_it_is_said(data: Data) -> None:
    marks = ["NULL", "NA", "N/A", "\\N", "nan", "None", " ", '""']
    data.write(
        "a.csv",
        "customer,product,age,at,gift\n"
        + "".join(f"{m},{m},{m},{m},{m}\n" for m in marks)
        + "".join(f"{c},p{c},{c}.5,2024-01-01,true\n" for c in range(40)),
    )
    profile = data.profile("a.csv")
    assert types(profile) == {
        "customer": "INTEGER",
        "product": "STRING",
        "age": "FLOAT",
        "at": "TIMESTAMP",
        "gift": "BOOLEAN",
    }
    for column in profile.columns:
        assert column.statistics is not None
        assert column.statistics.null_count == 8
        found = {one.value: one.count for one in column.statistics.missing}
        assert {name: found[name] for name in ("NULL", "NA", "N/A", "\\N", "nan", "None")} == (
            dict.fromkeys(("NULL", "NA", "N/A", "\\N", "nan", "None"), 1)
        )
        assert any(
            repr(column.name) in note and "'NULL' (1 rows)" in note for note in profile.notes
        )
    assert len(data.trained(profile.columns, "a.csv")) == 40


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_words_that_may_be_values_stay_in_columns_of_words(data: Data, ending: Kind) -> None:
    countries = ["NA", "DE", "FR", "NULL", "IT"] * 20
    surnames = ["Null", "Nan", "None", "Smith", "\\N"] * 20
    customers = [f"c{n % 7}" if n % 10 else "NA" for n in range(100)]
    if ending == "csv":
        lines = zip(customers, countries, surnames, strict=True)
        text = "customer,country,surname\n" + "".join(",".join(line) + "\n" for line in lines)
        data.write("a.csv", text)
    else:
        data.table("a.parquet", customer=customers, country=countries, surname=surnames)
    profile = data.profile(f"a.{ending}", ending)
    country, surname = named(profile)["country"], named(profile)["surname"]
    assert ids(country) == {"NA", "DE", "FR", "IT"}
    assert ids(surname) == {"Null", "Nan", "None", "Smith"}
    customer = named(profile)["customer"]
    assert customer.statistics is not None
    assert customer.statistics.null_count == 10
    trained = data.trained(profile.columns, f"a.{ending}", ending)
    assert len(trained) == 90 - sum(
        1 for c, k in zip(customers, countries, strict=True) if c != "NA" and k == "NULL"
    )
    assert {row[0] for row in trained} == {f"c{n}" for n in range(7)}


# --- Ids -----------------------------------------------------------------------------------------

# As written in a CSV: the values, the type, and the ids that everybody knows.
IDS: dict[str, tuple[list[str], str, set[str]]] = {
    "a plus sign": (["+490001", "+490002"], "STRING", {"+490001", "+490002"}),
    "a negative nought": (["-0", "0", "12"], "INTEGER", {"0", "12"}),
    "a number and a letter": (["1003E1", "1004E2"], "STRING", {"1003E1", "1004E2"}),
    "a digit, a letter, a digit": (["1E2", "5E1"], "STRING", {"1E2", "5E1"}),
    "whole floats": (["1003.0", "1004.0", ""], "INTEGER", {"1003", "1004"}),
    "whole floats and integers": (["1003.0", "1004"], "INTEGER", {"1003", "1004"}),
    "leading zeros": (["007", "7"], "STRING", {"007", "7"}),
    "spaces": ([" 7", "8 "], "STRING", {" 7", "8 "}),
    "long": ([str(2**63 + 5), "1"], "INTEGER", {str(2**63 + 5), "1"}),
    "longer": (["9" * 40, "1"], "STRING", {"9" * 40, "1"}),
    "booleans": (["TRUE", "false", "True"], "BOOLEAN", {"true", "false"}),
}


@pytest.mark.parametrize("case", IDS)
def test_profile_and_training_know_the_same_ids(data: Data, case: str) -> None:
    written, kind, known = IDS[case]
    data.write("a.csv", "id,v\n" + "".join(f"{value},x\n" for value in written * 3))
    column = named(data.profile("a.csv"))["id"]
    assert column.type == kind
    assert ids(column) == known
    assert column.statistics is not None
    assert column.statistics.unique_count == len(known)
    v = Column(name="v", type=ColumnType.STRING)
    assert {row[0] for row in data.trained([column, v], "a.csv")} == known


STORED: dict[str, tuple[pa.Array, set[str]]] = {
    "floats with missing": (pa.array([1003.0, 1e16, None]), {"1003", "10000000000000000"}),
    "single precision": (pa.array([1003.0, 16777216.0], pa.float32()), {"1003", "16777216"}),
    "decimals": (pa.array([Decimal(10) ** 37, Decimal(5)]), {"1" + "0" * 37, "5"}),
    "decimals with a scale": (pa.array([Decimal("12.00"), Decimal("120.00")]), {"12", "120"}),
    "not a number": (pa.array([5.0, float("nan"), -0.0]), {"5", "0"}),
}


@pytest.mark.parametrize("case", STORED)
def test_stored_numbers_are_the_ids_that_people_write(data: Data, case: str) -> None:
    array, known = STORED[case]
    data.table("a.parquet", id=array, v=["x"] * len(array))
    column = named(data.profile("a.parquet", "parquet"))["id"]
    assert column.type == "INTEGER"
    assert ids(column) == known
    v = Column(name="v", type=ColumnType.STRING)
    assert {row[0] for row in data.trained([column, v], "a.parquet", "parquet")} == known
