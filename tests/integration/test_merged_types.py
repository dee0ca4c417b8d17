"""Files whose types or columns differ: merged without losing anything, or refused."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest

from tests.integration.source_folder import C, Data, Kind, P, X, ids, named, types


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


# --- Files whose types differ --------------------------------------------------------------------


def test_whole_numbers_beside_decimals_lose_nothing(data: Data) -> None:
    data.table("a.parquet", customer=C, product=P, price=[int(x) for x in X])
    data.table("b.parquet", customer=C, product=P, price=X)
    price = named(data.profile(kind="parquet"))["price"]
    assert price.type == "FLOAT"
    assert price.statistics is not None
    assert price.statistics.mean == pytest.approx(sum([*X, *map(int, X)]) / (2 * len(X)))


_DAY, _NOON = dt.date(2024, 5, 1), dt.datetime(2024, 5, 1, 12, 30)
_ZONED = _NOON.replace(tzinfo=dt.UTC)
MERGED: dict[str, tuple[list[pa.Array], str, set[str]]] = {
    "integers of other widths": (
        [pa.array([1], pa.int8()), pa.array([2**40]), pa.array([2**63], pa.uint64())],
        "INTEGER",
        {"1", str(2**40), str(2**63)},
    ),
    "integers beside text": ([pa.array([7]), pa.array(["00007"])], "STRING", {"7", "00007"}),
    "whole floats beside text": (
        [pa.array([7.0, None]), pa.array(["00007"])],
        "STRING",
        {"7", "00007"},
    ),
    "integers beside whole floats": (
        [pa.array([2**53]), pa.array([7.0, None])],
        "INTEGER",
        {str(2**53), "7"},
    ),
    "decimals of other scales": (
        [pa.array([Decimal("1.5")]), pa.array([Decimal("20.125")]), pa.array([3])],
        "FLOAT",
        {"1.5", "20.125", "3.0"},
    ),
    "a category beside text": (
        [pa.array(["a"]).dictionary_encode(), pa.array(["b"])],
        "STRING",
        {"a", "b"},
    ),
    "dates beside times": (
        [pa.array([_DAY]), pa.array([_NOON])],
        "TIMESTAMP",
        {"2024-05-01T00:00:00Z", "2024-05-01T12:30:00Z"},
    ),
    "times of other units and zones": (
        [
            pa.array([_NOON], pa.timestamp("ns")),
            pa.array([_NOON + dt.timedelta(hours=1)], pa.timestamp("ms")),
            pa.array([_ZONED + dt.timedelta(hours=2)], pa.timestamp("us", "Europe/Berlin")),
        ],
        "TIMESTAMP",
        {"2024-05-01T12:30:00Z", "2024-05-01T13:30:00Z", "2024-05-01T14:30:00Z"},
    ),
    "nulls of no type beside text": ([pa.nulls(2), pa.array(["a"])], "STRING", {"a"}),
    "a column of missing floats beside times": (
        [pa.array([None, None], pa.float64()), pa.array([_NOON])],
        "TIMESTAMP",
        {"2024-05-01T12:30:00Z"},
    ),
    "nulls of no type": ([pa.nulls(2), pa.nulls(1)], "STRING", set()),
}


@pytest.mark.parametrize("case", MERGED)
def test_a_column_has_the_type_that_holds_the_values_of_all_files(data: Data, case: str) -> None:
    arrays, kind, values = MERGED[case]
    for number, array in enumerate(arrays):
        data.table(f"{number}.parquet", id=[str(n) for n in range(len(array))], v=array)
    column = named(data.profile(kind="parquet"))["v"]
    assert column.type == kind
    assert ids(column) == values


REFUSED: dict[str, list[pa.Array]] = {
    "integers that no float holds": [pa.array([2**53 + 1]), pa.array([0.5])],
    "decimals that no float holds": [pa.array([Decimal("12345678901234567.89")]), pa.array([0.5])],
    "times beside text": [pa.array([_NOON]), pa.array(["yesterday"])],
    "booleans beside numbers": [pa.array([True]), pa.array([2])],
    "booleans beside text": [pa.array([True]), pa.array(["True"])],
}


@pytest.mark.parametrize("case", REFUSED)
def test_types_that_none_holds_are_refused_naming_column_files_and_types(
    data: Data, case: str
) -> None:
    for number, array in enumerate(REFUSED[case]):
        data.table(f"{number}.parquet", id=[1], v=array)
    message = data.refusal(kind="parquet")
    assert message.startswith("Column 'v' is ")
    assert "in 0.parquet" in message
    assert "in 1.parquet" in message


def test_ids_with_leading_zeros_in_some_files_stay_apart_and_it_is_said(data: Data) -> None:
    data.table("a.parquet", customer=[7, 8], product=["p", "q"])
    data.table("b.parquet", customer=["00007", "8"], product=["p", "q"])
    profile = data.profile(kind="parquet")
    customer = named(profile)["customer"]
    assert customer.statistics is not None
    assert customer.statistics.unique_count == 3
    assert "BIGINT in a.parquet" in profile.notes[0]
    trained = data.trained(profile.columns, kind="parquet")
    assert trained == [("00007", "p"), ("7", "p"), ("8", "q"), ("8", "q")]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_columns_are_matched_by_name_and_those_that_some_files_lack_are_missing(
    data: Data, ending: Kind
) -> None:
    if ending == "csv":
        data.write("a.csv", "id,v,w\n1,x,5\n2,y,6\n")
        data.write("b.csv", "w;id;V\n7;3;z\n")
        data.write("c.csv", '"v"\t"id"\nz\t4\n')
    else:
        data.table("a.parquet", id=[1, 2], v=["x", "y"], w=[5, 6])
        data.table("b.parquet", w=[7], id=[3], V=["z"])
        data.table("c.parquet", v=["z"], id=[4])
    profile = data.profile(kind=ending)
    assert types(profile) == {"id": "INTEGER", "v": "STRING", "w": "INTEGER"}
    assert profile.notes == [f"'w' is missing in the rows of c.{ending}."]
    rows = data.trained(profile.columns, kind=ending)
    assert rows == [("1", "x", "5"), ("2", "y", "6"), ("3", "z", "7"), ("4", "z", "")]


def test_files_of_unlike_columns_are_refused_naming_them(data: Data) -> None:
    data.write("customers.csv", "customer,city\n1,Rome\n")
    data.write("purchases.csv", "customer,product,price\n1,2,3\n")
    message = data.refusal()
    assert "customers.csv has a column 'city' that purchases.csv lacks" in message
