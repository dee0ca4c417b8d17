"""Which files of a folder are read, and what its folders' names say."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.integration.source_folder import ROWS, Data, Kind, Line, ids, named, types


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


# --- Files left out, partitions, headers ---------------------------------------------------------


def test_files_of_a_folder_are_read_whatever_the_case_of_their_names_and_compressed(
    data: Data,
) -> None:
    line: Line = lambda c, p, t, x: f"{c},{p}"  # noqa: E731
    data.text("jan.csv", "customer,product", line, ROWS[:200])
    data.text("FEB.CSV", "customer,product", line, ROWS[200:400])
    data.text("mar.csv", "customer,product", line, ROWS[400:])
    packed = gzip.compress((data.folder / "mar.csv").read_bytes())
    (data.folder / "mar.csv").unlink()
    data.write("mar.csv.gz", packed)
    data.write("readme.txt", "hello")
    data.write("_SUCCESS", "")
    profile = data.profile()
    assert profile.row_count == 600
    assert profile.notes == []
    assert len(data.trained(profile.columns)) == 600


def test_files_that_a_folder_would_lose_are_named(data: Data) -> None:
    data.write("jan.csv", "a,b\n1,2\n")
    data.write("feb.csv.zst", "?")
    data.write("mar.csv.7z", "?")
    message = data.refusal()
    assert "feb.csv.zst" in message
    assert "mar.csv.7z" in message
    (data.folder / "feb.csv.zst").unlink()
    (data.folder / "mar.csv.7z").unlink()
    data.write("other.json", "{}")
    assert data.profile().notes == ["Left out of the folder, because they are not CSV: other.json."]


def test_a_compressed_copy_of_a_file_does_not_count_twice(data: Data) -> None:
    data.write("a.csv", "a,b\n1,2\n")
    data.write("a.csv.gz", gzip.compress(b"a,b\n1,2\n"))
    assert "a.csv and a.csv.gz" in data.refusal()


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_what_folders_say_is_a_column(data: Data, ending: Kind) -> None:
    places = ["year=2024/shop=07/day=2024-01-02", "year=2025/shop=a%20b/day=2025-01-02"]
    places.append("year=2024/shop=__HIVE_DEFAULT_PARTITION__/day=2024-03-02")
    for n, place in enumerate(places):
        if ending == "csv":
            data.write(f"{place}/part.csv", f"id,v\n{n},x\n")
        else:
            data.table(f"{place}/part.parquet", id=[n], v=["x"])
    profile = data.profile(kind=ending)
    assert types(profile) == {
        "id": "INTEGER",
        "v": "STRING",
        "year": "INTEGER",
        "shop": "STRING",
        "day": "TIMESTAMP",
    }
    assert ids(named(profile)["shop"]) == {"07", "a b"}
    assert ids(named(profile)["year"]) == {"2024", "2025"}
    columns = [named(profile)[name] for name in ("id", "year", "shop")]
    trained = data.trained(columns, kind=ending)
    assert trained == [("0", "2024", "07"), ("1", "2025", "a b"), ("2", "2024", "")]


def test_a_folder_that_is_no_partition_and_a_column_that_the_files_have(data: Data) -> None:
    data.table("month=1/plain/a.parquet", id=[1], month=[11])
    data.table("month=2/b.parquet", id=[2], month=[12])
    data.table("month=3/c.parquet", id=[3])
    profile = data.profile(kind="parquet")
    assert ids(named(profile)["month"]) == {"11", "12", "3"}
    assert any("'month'" in note and "folder" in note for note in profile.notes)
