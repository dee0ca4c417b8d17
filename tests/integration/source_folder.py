"""Files as people export them, written below a folder, profiled, and read as a job does."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from local.data.source import DuckDBDataSource
from shared.columns import Column, ColumnType
from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature, RawType
from shared.ports import Profile
from shared.problems import InvalidError
from shared.tables.dialect import DuckDB
from shared.tables.files import find_files
from shared.tables.reading import read_files
from shared.tables.sql import lockdown
from trainer_image.examples.sampling import sample_query

Kind = Literal["parquet", "csv"]
START = dt.datetime(2024, 1, 1)
DRAW = random.Random(7)


# Customer, product, time, price.
ROWS = [
    (DRAW.randrange(60), DRAW.randrange(40), START + dt.timedelta(hours=5 * n), n % 90 + 0.65)
    for n in range(600)
]
C, P, T, X = (list(values) for values in zip(*ROWS, strict=True))
Line = Callable[[int, int, dt.datetime, float], str]


class Data:
    """Writes files below a folder, profiles them, and reads them as a job does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder / "in"
        self._source = DuckDBDataSource(folder / "home")

    def text(self, name: str, header: str | None, line: Line, rows: Any = ROWS) -> None:
        lines = [header] if header is not None else []
        self.write(name, "\n".join([*lines, *(line(*row) for row in rows)]) + "\n")

    def write(self, name: str, content: str | bytes) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content.encode() if isinstance(content, str) else content)

    def table(self, name: str, **columns: Any) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        pq.write_table(pa.table(columns), path)

    def source(self, name: str = "", kind: Kind = "csv") -> FileSource:
        return FileSource(kind=kind, uri=str(self.folder / name))

    def profile(self, name: str = "", kind: Kind = "csv") -> Profile:
        profile = self._source.profile(self.source(name, kind))
        inspected = self._source.inspect(self.source(name, kind))
        assert [column.name for column in inspected] == [c.name for c in profile.columns]
        return profile

    def refusal(self, name: str = "", kind: Kind = "csv") -> str:
        messages = []
        for look in (self._source.inspect, self._source.profile):
            with pytest.raises(InvalidError) as caught:
                look(self.source(name, kind))
            (problem,) = caught.value.problems
            assert problem.path == "spec.source.uri"
            messages.append(problem.message)
        assert len(set(messages)) == 1
        return messages[0]

    def trained(self, columns: Sequence[Column], name: str = "", kind: Kind = "csv") -> list[Any]:
        """The columns as text, of all rows that have the first and the second, sorted."""
        features = [
            RawFeature(key=f"k{n}", column=column.name, type=RawType.TEXT, form=column.text_form)
            for n, column in enumerate(columns)
        ]
        source = self.source(name, kind)
        spec = ExamplesSpec(
            source=source,
            features=features,
            query_keys=["k0"],
            candidate_keys=["k1"],
            customer_key="k0",
            product_key="k1",
            sample_percent=100,
        )
        found = find_files(source)
        with duckdb.connect() as connection:
            work = self.folder.parent / "work"
            for statement in lockdown(found.files, work):
                connection.execute(statement)
            read = read_files(source, found, work, connection)
            query = sample_query(spec, DuckDB(read.types), read.table)
            places = ", ".join(f"f{n}" for n in range(len(features)))
            return sorted(connection.execute(f"SELECT {places} FROM ({query})").fetchall())


def named(profile: Profile) -> dict[str, Column]:
    return {column.name: column for column in profile.columns}


def types(profile: Profile) -> dict[str, ColumnType]:
    return {column.name: column.type for column in profile.columns}


def ids(column: Column) -> set[str]:
    assert column.statistics is not None
    return set(column.statistics.samples)
