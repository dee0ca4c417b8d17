"""Files as people export them: what is said of them, and the true reason where one is refused."""

from __future__ import annotations

import datetime as dt
import gzip
from pathlib import Path

import pytest

from tests.integration.source_folder import DRAW, ROWS, START, C, Data, Kind, P, ids, named, types


@pytest.fixture
def data(tmp_path: Path) -> Data:
    return Data(tmp_path)


def test_a_zone_of_utc_is_read(data: Data) -> None:
    data.text("a.csv", "customer,at", lambda c, p, t, x: f"{c},{t} UTC")
    at = named(data.profile("a.csv"))["at"]
    assert at.type == "TIMESTAMP"
    assert at.statistics is not None
    assert at.statistics.min == START.replace(tzinfo=dt.UTC).timestamp()


@pytest.mark.parametrize(("factor", "unit"), [(1, "seconds"), (1000, "milliseconds")])
def test_numbers_that_are_probably_times_are_said(data: Data, factor: int, unit: str) -> None:
    data.text(
        "a.csv",
        "customer,event_time",
        lambda c, p, t, x: f"{c},{int(t.replace(tzinfo=dt.UTC).timestamp()) * factor}",
    )
    profile = data.profile("a.csv")
    assert named(profile)["event_time"].type == "TIMESTAMP"
    (note,) = profile.notes
    assert note.startswith(f"'event_time' is read as times: {unit} since 1970")


@pytest.mark.parametrize("bad", ["2024-02-31", "soon"])
def test_a_value_that_does_not_fit_is_named_with_its_line(data: Data, bad: str) -> None:
    lines = [f"{c},{t}" for c, _, t, _ in ROWS]
    lines[499] = f"7,{bad}"
    data.write("a.csv", "customer,at\n" + "\n".join(lines) + "\n")
    profile = data.profile("a.csv")
    assert named(profile)["at"].type == "STRING"
    (note,) = profile.notes
    assert f"such as {bad!r} in line 501 of a.csv" in note


GOOD = "customer,product,note\n" + "1,2,ok\n" * 998
REASONS: dict[str, tuple[bytes, tuple[str, ...]]] = {
    "Cyrillic": ((GOOD + "1,2,Санкт-Петербург\n" * 9).encode("cp1251"), ("--encoding cp1251",)),
    "a stray quote": (
        (GOOD + '1,2,"ab\n' + "1,2,ok\n" * 50).encode(),
        ("bad.csv, line 1,000", "quotation mark"),
    ),
    "text after a quote": ((GOOD + '1,2,"ab"c\n').encode(), ("bad.csv, line 1,000", "quotation")),
    "too many values": (
        (GOOD + "1,2,3,4\n").encode(),
        ("bad.csv, line 1,000", "header has 3 values, this line 4"),
    ),
    "too few values": (
        (GOOD + "1,2\n" + "1,2,ok\n" * 50).encode(),
        ("bad.csv, line 1,000", "header has 3 values, this line 2"),
    ),
    "a broken archive": (b"PK\x03\x04" + b"x" * 99, ("bad.csv is damaged",)),
}


@pytest.mark.parametrize("case", REASONS)
def test_the_readers_reason_is_told(data: Data, case: str) -> None:
    content, said = REASONS[case]
    data.write("in/good.csv", GOOD)
    data.write("in/bad.csv", content)
    for source in ("in/bad.csv", "in"):
        message = data.refusal(source)
        assert all(part in message for part in said), message


def test_a_damaged_gzip_file_is_named(data: Data) -> None:
    data.write("a.csv.gz", gzip.compress(GOOD.encode() * 50)[:-200])
    assert "a.csv.gz" in data.refusal("a.csv.gz")


@pytest.mark.parametrize("name", ["table.tsv", "table.txt", "table.dat", "table.csv.gz"])
def test_a_file_that_is_named_is_read_whatever_its_name(data: Data, name: str) -> None:
    text = "customer\tproduct\n" + "".join(f"{c}\t{p}\n" for c, p in zip(C, P, strict=True))
    data.write(name, gzip.compress(text.encode()) if name.endswith("gz") else text)
    profile = data.profile(name)
    assert profile.row_count == 600
    assert types(profile) == {"customer": "INTEGER", "product": "INTEGER"}


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_byte_order_mark_quoted_line_breaks_and_blank_lines_are_no_data(
    data: Data, newline: str
) -> None:
    lines = ['\ufeff"a b","c', 'd"', '1,"x,""y"""', "2,z", "", "3,ü", ""]
    data.write("a.csv", newline.join(lines))
    profile = data.profile("a.csv")
    assert [column.name for column in profile.columns] == ["a b", f"c{newline}d"]
    assert ids(profile.columns[1]) == {'x,"y"', "z", "ü"}
    assert profile.row_count == 3


# --- Wide ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_hundreds_of_columns_are_profiled(data: Data, ending: Kind) -> None:
    columns = {f"x{n}": [DRAW.random() for _ in range(300)] for n in range(900)}
    columns["customer"] = C[:300]
    if ending == "csv":
        rows = zip(*columns.values(), strict=True)
        lines = [",".join(columns), *(",".join(map(str, row)) for row in rows)]
        data.write("wide.csv", "\n".join(lines) + "\n")
    else:
        data.table("wide.parquet", **columns)
    profile = data._source.profile(data.source(f"wide.{ending}", ending))
    for name in ("x0", "x450", "x899"):
        found = named(profile)[name].statistics
        assert found is not None
        assert found.unique_count == 300
        assert found.mean == pytest.approx(sum(columns[name]) / 300)
        assert (found.min, found.max) == (min(columns[name]), max(columns[name]))
        assert sum(found.histogram) == 300
