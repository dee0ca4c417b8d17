"""Files to profile, and what is found in them."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import pytest

from local.data.source import DuckDBDataSource
from shared.columns import Column, ColumnType
from shared.documents.dataset import FileSource
from shared.ports import Profile
from shared.problems import InvalidError

Kind = Literal["parquet", "csv"]


def file_source(path: Path | str, kind: Kind = "csv") -> FileSource:
    return FileSource(kind=kind, uri=str(path))


def csv_source(folder: Path, text: str, name: str = "data.csv") -> FileSource:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return file_source(path)


def columns_of(profile: Profile) -> dict[str, Column]:
    return {column.name: column for column in profile.columns}


def types_of(columns: list[Column]) -> dict[str, ColumnType]:
    return {column.name: column.type for column in columns}


def refusal(data: DuckDBDataSource, source: FileSource) -> tuple[str, str]:
    """Code and message, which inspecting and profiling agree on."""
    found = []
    for look in (data.inspect, data.profile):
        with pytest.raises(InvalidError) as caught:
            look(source)
        (problem,) = caught.value.problems
        assert problem.path == "spec.source.uri"
        found.append((problem.code, problem.message))
    assert found[0] == found[1]
    return found[0]
