"""`recsmith dataset add` on files as teams export them, some of each kind that went wrong."""

# ruff: noqa: E501  (a line for each form of a row)

from __future__ import annotations

import bz2
import datetime as dt
import gzip
import json
import lzma
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from local.cli import app
from tests.integration.laptop import Laptop
from tests.integration.workbooks import write_workbook

START = dt.datetime(2024, 1, 1)
ROWS = [
    (
        n * 7 % 60,
        (n * 11 + n // 60) % 40,
        START + dt.timedelta(hours=5 * n, minutes=n % 59),
        1 + n % 90 + 0.65,
    )
    for n in range(600)
]
C, P, T, X = (list(values) for values in zip(*ROWS, strict=True))
LAST = T[-1].replace(tzinfo=dt.UTC)
IDS_AND_TIME = {"customer_id", "product_id", "transaction_date"}


def iso(moment: dt.datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def columns(**named: Any) -> dict[str, Any]:
    return named


def german(number: float) -> str:
    return f"{number:,.2f}".replace(",", "#").replace(".", ",").replace("#", ".")


def text(
    header: str | None,
    line: Callable[[int, int, dt.datetime, float], str],
    encoding: str = "utf-8",
    newline: str = "\n",
    rows: Any = ROWS,
) -> bytes:
    lines = [header] if header is not None else []
    whole = newline.join([*lines, *(line(*row) for row in rows)]) + newline
    return whole.encode(encoding)


PLAIN = text("customer_id,product_id,trans_date", lambda c, p, t, x: f"{c},{p},{iso(t)}")


@dataclass
class Case:
    """What is written, what is said, and what is to come of it.

    Attributes:
        files: contents by path.
        types: of some columns.
        roles: of the dataset.
        last: the latest time of purchase; None where there is none.
        told: parts of what the command says.
        status: of the command.
    """

    files: dict[str, bytes | dict[str, Any] | list[list[Any]]]
    flags: tuple[str, ...] = ()
    types: dict[str, str] = field(default_factory=dict)
    roles: set[str] = field(default_factory=lambda: IDS_AND_TIME)
    last: dt.datetime | None = LAST
    rows: int = len(ROWS)
    told: tuple[str, ...] = ()
    status: int = 0


def zipped(name: str, content: bytes, folder: Path) -> bytes:
    path = folder / "packed"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    return path.read_bytes()


MINUTE, DAY = LAST.replace(second=0), LAST.replace(hour=0, minute=0, second=0)
PRICED = {*IDS_AND_TIME, "revenue"}
BAD = [*ROWS[:400], (1, 2, dt.datetime(1, 1, 1), 1.0), *ROWS[401:]]
CASES: dict[str, Case] = {
    "widening types": Case(
        {
            "in/a.parquet": columns(
                customer_id=C, product_id=P, trans_date=T, price=list(map(int, X))
            ),
            "in/b.parquet": columns(customer_id=C, product_id=P, trans_date=T, price=X),
        },
        types={"price": "FLOAT"},
        roles=PRICED,
        rows=1200,
    ),
    "ids with zeros in one file": Case(
        {
            "in/a.parquet": columns(customer_id=C, product_id=P, trans_date=T),
            "in/b.parquet": columns(customer_id=[f"{c:05}" for c in C], product_id=P, trans_date=T),
        },
        types={"customer_id": "STRING"},
        rows=1200,
        told=("read as text",),
    ),
    "American dates": Case(
        {
            "a.csv": text(
                "user_id,item_id,order_date,amount",
                lambda c, p, t, x: f"{c},{p},{t.month}/{t.day}/{t.year} {t:%I:%M %p},{x}",
            )
        },
        types={"order_date": "TIMESTAMP"},
        roles=PRICED,
        last=MINUTE,
        told=("month/day/year hour:minute AM/PM",),
    ),
    "a German export": Case(
        {
            "a.csv": text(
                "Kundennummer;Artikelnummer;Größe;Datum;Umsatz",
                lambda c, p, t, x: f"{c:06};{p:05};groß;{t:%d.%m.%Y};{german(1000 * x + 0.5)}",
                "cp1252",
            )
        },
        types={"Kundennummer": "STRING", "Datum": "TIMESTAMP", "Umsatz": "FLOAT"},
        roles=PRICED,
        last=DAY,
        told=("cp1252", "decimal comma"),
    ),
    "seconds since 1970": Case(
        {
            "a.csv": text(
                "userId,itemId,timestamp",
                lambda c, p, t, x: f"{c},{p},{t.replace(tzinfo=dt.UTC).timestamp():.0f}",
            )
        },
    ),
    "milliseconds since 1970": Case(
        {
            "a.csv": text(
                "userId,itemId,timestamp",
                lambda c, p, t, x: f"{c},{p},{t.replace(tzinfo=dt.UTC).timestamp() * 1000:.0f}",
            )
        },
        told=("milliseconds since 1970",),
    ),
    "microseconds in Parquet": Case(
        {
            "a.parquet": columns(
                user=C,
                item=P,
                event_time=[int(t.replace(tzinfo=dt.UTC).timestamp()) * 10**6 for t in T],
            )
        },
    ),
    "ISO text in Parquet": Case({"a.parquet": columns(user=C, item=P, at=[iso(t) for t in T])}),
    "a suffix of UTC": Case(
        {
            "a.csv": text(
                "user_id,item_id,event_time,price", lambda c, p, t, x: f"{c},{p},{iso(t)} UTC,{x}"
            )
        },
        roles=PRICED,
    ),
    "dates without separators": Case(
        {"a.csv": text("user,item,day", lambda c, p, t, x: f"{c},{p},{t:%Y%m%d}")},
        last=DAY,
    ),
    "a date and a time of day": Case(
        {
            "a.csv": text(
                "Kunde;Artikel;Datum;Uhrzeit", lambda c, p, t, x: f"K{c};{p};{t:%d.%m.%Y};{t:%H:%M}"
            )
        },
        last=MINUTE,
    ),
    "ISO weeks": Case(
        {"a.csv": text("user,item,week", lambda c, p, t, x: f"{c},{p},{t:%G-W%V}")},
        last=DAY - dt.timedelta(days=DAY.weekday()),
    ),
    "dates that may be either way round": Case(
        {
            "a.csv": text(
                "user,item,order_date",
                lambda c, p, t, x: f"{c},{p},{t.day % 12 + 1}/{t.month}/{t.year}",
            )
        },
        status=1,
        told=("--day-first", "--month-first"),
    ),
    "dates that may be either way round, said": Case(
        {
            "a.csv": text(
                "user,item,order_date",
                lambda c, p, t, x: f"{c},{p},{t.day % 12 + 1}/{t.month}/{t.year}",
            )
        },
        flags=("--day-first",),
        types={"order_date": "TIMESTAMP"},
        last=max(dt.datetime(t.year, t.month, t.day % 12 + 1, tzinfo=dt.UTC) for t in T),
    ),
    "one bad date": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{c},{p},{iso(t) if t.year > 1 else '2024-02-31'}",
                rows=BAD,
            )
        },
        roles=IDS_AND_TIME - {"transaction_date"},
        last=None,
        told=("'2024-02-31' in line 402 of a.csv", "--type trans_date=TIMESTAMP"),
    ),
    "one bad date, the rest is used": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{c},{p},{iso(t) if t.year > 1 else '2024-02-31'}",
                rows=BAD,
            )
        },
        flags=("--type", "trans_date=TIMESTAMP"),
        told=("1 value is left out, such as '2024-02-31' in line 402 of a.csv", "1 has no time"),
    ),
    "ids as floats": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{1000 + c}.0,{p},{iso(t)}" if c % 9 else f",{p},{iso(t)}",
            )
        },
        types={"customer_id": "INTEGER"},
        told=("without a customer",),
    ),
    "ids that look like powers of ten": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{1000 + c}E{c % 3},{p:04},{iso(t)}",
            )
        },
        types={"customer_id": "STRING", "product_id": "STRING"},
    ),
    "marks of missing values": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date,age",
                lambda c, p, t, x: (
                    f"{c if c % 8 else 'NULL'},{p},{iso(t)},{20 + c if c % 5 else 'k.A.'}"
                ),
            )
        },
        flags=("--missing", "k.A."),
        types={"age": "INTEGER"},
        roles={*IDS_AND_TIME, "customer_age"},
        told=("'NULL'",),
    ),
    "rows that are lost": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{c if c % 3 else ''},{p},{iso(t)}",
            )
        },
        told=("200 (33.3%) are dropped: 200 without a customer",),
    ),
    "a folder of mixed names": Case(
        {
            "in.v1/jan.csv": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{c},{p},{iso(t)}",
                rows=ROWS[:200],
            ),
            "in.v1/FEB.CSV": text(
                "customer_id,product_id,trans_date",
                lambda c, p, t, x: f"{c},{p},{iso(t)}",
                rows=ROWS[200:400],
            ),
            "in.v1/mar.csv.gz": gzip.compress(
                text(
                    "customer_id;product_id;trans_date",
                    lambda c, p, t, x: f"{c};{p};{iso(t)}",
                    rows=ROWS[400:],
                )
            ),
        },
    ),
    "partitions": Case(
        {
            f"in/month=2024-0{n}/part.parquet": columns(customer_id=C, product_id=P, trans_date=T)
            for n in (1, 2)
        },
        types={"month": "STRING"},
        rows=1200,
    ),
    "no header": Case(
        {"a.csv": text(None, lambda c, p, t, x: f"{c},{p},{iso(t)},{x}")},
        status=1,
        told=("looks like data", "--customer", "column1 (INTEGER)"),
    ),
    "no header, said": Case(
        {"a.csv": text(None, lambda c, p, t, x: f"{c},{p},{iso(t)},{x}")},
        flags=("--customer", "column1", "--product", "column2"),
    ),
    "MovieLens": Case(
        {
            "ratings.dat": text(
                None,
                lambda c, p, t, x: (
                    f"{c}::{p}::{(c + p) % 5 + 1}::{t.replace(tzinfo=dt.UTC).timestamp():.0f}"
                ),
            )
        },
        flags=("--customer", "column1", "--product", "column2"),
        roles={*IDS_AND_TIME, "rating"},
    ),
    "most rows on the last day": Case(
        {
            "a.parquet": columns(
                customer_id=C,
                product_id=P,
                trans_date=[t if n < 200 else T[-1] for n, t in enumerate(T)],
            )
        },
    ),
    "times of the far future": Case(
        {
            "a.parquet": columns(
                customer_id=C,
                product_id=P,
                trans_date=[t if n % 7 else dt.datetime(2262, 1, 1) for n, t in enumerate(T)],
            )
        },
        last=dt.datetime(2262, 1, 1, tzinfo=dt.UTC),
        told=("86 have a time that cannot be right",),
    ),
    "line breaks in values": Case(
        {
            "a.parquet": columns(
                customer_id=C,
                product_id=P,
                trans_date=T,
                category=[["plain", "two\nlines", "cr\rhere", "b"][p % 4] for p in P],
            )
        },
        types={"category": "STRING"},
        roles={*IDS_AND_TIME, "category"},
    ),
    "a product for each row": Case(
        {"a.parquet": columns(customer_id=C, product_id=list(range(600)), trans_date=T)}
    ),
    "columns of odd types": Case(
        {
            "a.parquet": columns(
                customer_id=C,
                product_id=P,
                trans_date=T,
                tags=[["a", "b"]] * 600,
                at=[t.time() for t in T],
                s=[{"x": 1}] * 600,
                none=pa.nulls(600),
            )
        },
        told=("left aside", "'at'", "'s'", "a|b"),
        types={"none": "STRING", "tags": "STRING"},
    ),
    "the specification's names": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date,city,category,subcategory,revenue,quantity,user_rating",
                lambda c, p, t, x: (
                    f"c{c},{p},{iso(t)},city{c % 5},cat{p % 4},sub{p % 9},{x},{1 + p % 3},{1 + (c + p) % 5}"
                ),
            )
        },
        roles={*PRICED, "customer_city", "category", "subcategory", "quantity", "rating"},
        told=("trans_date is transaction_date", "user_rating is rating"),
    ),
    "UTF-16": Case(
        {
            "a.csv": text(
                "\ufeffcustomer_id\tproduct_id\ttrans_date",
                lambda c, p, t, x: f"{c}\t{p}\t{iso(t)}",
                "utf-16-le",
                "\r\n",
            )
        },
        told=("utf-16", "a tab"),
    ),
    "a stray quotation mark": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date,note",
                lambda c, p, t, x: f"{c},{p},{iso(t)},{chr(34) + 'ab' if t == T[500] else 'ok'}",
            )
        },
        status=1,
        told=("a.csv, line 502, column 4", "--quote none", "--skip-bad-lines"),
    ),
    "a stray quotation mark, said": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date,note",
                lambda c, p, t, x: f"{c},{p},{iso(t)},{chr(34) + 'ab' if t == T[500] else 'ok'}",
            )
        },
        flags=("--quote", "none"),
    ),
    "a line with too many values, left out": Case(
        {"a.csv": PLAIN + b"1,2,2024-01-01,4\n"},
        flags=("--skip-bad-lines",),
        told=("1 line is left out that cannot be read, the first line 602",),
    ),
    "a table of tabs": Case({"table.tsv": PLAIN.replace(b",", b"\t")}),
    "pipes": Case({"table.txt": PLAIN.replace(b",", b"|")}),
    "a line that says the delimiter": Case(
        {"a.csv": b"\xef\xbb\xbfsep=;\r\n" + PLAIN.replace(b",", b";").replace(b"\n", b"\r\n")}
    ),
    "a title in a workbook, and days as numbers": Case(
        {
            "a.xlsx": [
                ["Sales report"],
                ["customer", "product", "sale date", "total"],
                *(
                    [c, p, (t - dt.datetime(1899, 12, 30)).total_seconds() / 86400, x]
                    for c, p, t, x in ROWS
                ),
            ]
        },
        types={"sale date": "TIMESTAMP", "total": "FLOAT"},
        roles=PRICED,
        told=("read from line 2", "days since 1900"),
    ),
    "days since 1900 in text": Case(
        {
            "a.csv": text(
                "user,item,ordered_at",
                lambda c, p, t, x: f"{c},{p},{(t - dt.datetime(1899, 12, 30)).days}",
            )
        },
        types={"ordered_at": "TIMESTAMP"},
        last=DAY,
    ),
    "numbers of that size that are no times": Case(
        {"a.csv": text("user,item,steps", lambda c, p, t, x: f"{c},{p},{40_000 + c}")},
        types={"steps": "INTEGER"},
        roles={"customer_id", "product_id"},
        last=None,
    ),
    "negative amounts in brackets, and percent": Case(
        {
            "a.csv": text(
                "user,item,order_date,amount,discount,delta",
                lambda c, p, t, x: f"{c},{p},{iso(t)},{f'({x:.2f})' if c % 3 else x:},{c}%,{c}.5-",
            )
        },
        types={"amount": "FLOAT", "discount": "INTEGER", "delta": "FLOAT"},
        roles=PRICED,
        told=("brackets",),
    ),
    "names of months, of which May is also short": Case(
        {"a.csv": text("user,item,date", lambda c, p, t, x: f"{c},{p},{t:%d %B %Y}")},
        types={"date": "TIMESTAMP"},
        last=DAY,
        told=("date as day month year Guessed",),
    ),
    "names of products instead of ids": Case(
        {
            "a.csv": text(
                "Member_number,Date,itemDescription", lambda c, p, t, x: f"{c},{t:%d-%m-%Y},tea {p}"
            )
        },
        types={"itemDescription": "STRING"},
        last=DAY,
        told=("itemDescription is product_id",),
    ),
    "a Polish export": Case(
        {"a.csv": text("klient;produkt", lambda c, p, t, x: f"{c};żółć źrebię {p}", "cp1250")},
        status=1,
        told=("--encoding cp1250",),
    ),
    "rows within a record": Case(
        {
            "a.json": json.dumps(
                {"count": 2, "data": [{"user": c, "item": p} for c, p, *_ in ROWS]}
            ).encode()
        },
        status=1,
        told=("its list 'data'", """jq '.["data"]' a.json"""),
    ),
    "a name with a space in a suggestion": Case(
        {"a.csv": text("user id,item", lambda c, p, t, x: f"{c},{p}") + b"all,\n"},
        roles={"customer_id", "product_id"},
        rows=601,
        last=None,
        told=("--type 'user id=INTEGER'",),
    ),
    "title lines": Case({"a.csv": b"Sales report\n\nShop 7, all\n" + PLAIN}, told=("4",)),
    "lines that end differently": Case({"a.csv": PLAIN.replace(b"\n", b"\r\n", 300)}),
    "backslashes before quotation marks": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date,name",
                lambda c, p, t, x: f'{c},{p},{iso(t)},"a \\"b\\", c"',
            )
        },
        roles={*IDS_AND_TIME, "product_name"},
    ),
    "columns without names and with the same": Case(
        {
            "a.csv": text(
                ",customer_id,product_id,trans_date,price,Price",
                lambda c, p, t, x: f"1{c}{p},{c},{p},{iso(t)},{x},{x}",
            )
        },
        types={"column1": "INTEGER", "Price_2": "FLOAT"},
        roles=PRICED,
    ),
    "money": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date,amount",
                lambda c, p, t, x: f'{c},{p},"{t:%b %d, %Y}","${1000 * x + 0.5:,.2f}"',
            )
        },
        types={"amount": "FLOAT"},
        roles=PRICED,
        last=DAY,
    ),
    "signs in ids": Case(
        {
            "a.csv": text(
                "customer_id,product_id,trans_date", lambda c, p, t, x: f"+49{c:04},{p},{iso(t)}"
            )
        },
        types={"customer_id": "STRING"},
    ),
    "times of another zone": Case(
        {"a.csv": PLAIN}, flags=("--zone", "Asia/Tokyo"), last=LAST - dt.timedelta(hours=9)
    ),
    "records of JSON": Case(
        {
            "a.jsonl": b"".join(
                json.dumps({"user": c, "item": f"{p:03}", "at": iso(t), "tags": ["a"]}).encode()
                + b"\n"
                for c, p, t, _ in ROWS
            )
        },
        types={"item": "STRING", "tags": "STRING"},
    ),
    "a list of JSON": Case(
        {
            "a.json": json.dumps(
                [{"user": c, "item": p, "at": iso(t)} for c, p, t, _ in ROWS]
            ).encode()
        }
    ),
    "a workbook": Case(
        {"a.xlsx": [["user", "item", "at", "price"], *([c, f"p{p}", t, x] for c, p, t, x in ROWS)]},
        types={"item": "STRING"},
        roles=PRICED,
    ),
    "bzip2": Case({"a.csv.bz2": bz2.compress(PLAIN)}),
    "xz": Case({"a.csv.xz": lzma.compress(PLAIN)}),
    "a ZIP archive": Case({"a.zip": PLAIN}),
}


@pytest.fixture(scope="module")
def system(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Laptop, str]]:
    laptop = Laptop(tmp_path_factory.mktemp("system"))
    with laptop.up() as url:
        yield laptop, url


def write(folder: Path, files: dict[str, Any]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, dict):
            pq.write_table(pa.table(content), path)
        elif isinstance(content, list):
            write_workbook(path, content)
        elif path.suffix == ".zip":
            path.write_bytes(zipped("a.csv", content, folder))
        else:
            path.write_bytes(content)
    first = Path(next(iter(files)))
    return folder / first.parts[0]


@pytest.mark.parametrize("name", CASES)
def test_a_file_is_added_as_it_was_exported(
    system: tuple[Laptop, str], tmp_path: Path, name: str
) -> None:
    laptop, url = system
    case = CASES[name]
    path = write(tmp_path, case.files)
    arguments = ["dataset", "add", str(path), "--name", name, "--home", str(laptop.home)]
    result = CliRunner().invoke(app, [*arguments, *case.flags], env={"COLUMNS": "4000"})
    said = " ".join(result.output.split())
    assert result.exit_code == case.status, said
    for part in case.told:
        assert part in said, said
    if case.status:
        return
    found = next(
        one for one in httpx.get(f"{url}/api/datasets/").json()["items"] if one["name"] == name
    )
    types = {column["name"]: column["type"] for column in found["status"]["columns"]}
    assert found["status"]["row_count"] == case.rows
    assert {one: types[one] for one in case.types} == case.types
    mapping = found["spec"]["column_mapping"]
    assert set(mapping.values()) == case.roles
    if case.last is not None:
        (time,) = (one for one, role in mapping.items() if role == "transaction_date")
        (column,) = (one for one in found["status"]["columns"] if one["name"] == time)
        assert column["statistics"]["max"] == case.last.timestamp()
