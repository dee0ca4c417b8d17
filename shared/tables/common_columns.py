"""What columns the groups of a source's files have in common: their names and types.

A type alone may not say whether values can be merged; then the values are looked at.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from shared.documents.source import FileSource
from shared.tables.files import SourceFiles, invalid, listed
from shared.tables.groups import Connection, Group, folded, lacks, partitions_of, same_name
from shared.tables.sql import quote
from shared.tables.stored_types import NULL, family, is_lossless, widest

NO_VALUE = "__HIVE_DEFAULT_PARTITION__"
_INTEGER = re.compile(r"-?[1-9][0-9]{0,17}|0")
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def all_names(source: FileSource, groups: Sequence[Group], notes: list[str]) -> dict[str, str]:
    """The names of all columns, by what they are compared by, in the order of the fullest file."""
    fullest = max(groups, key=lambda group: len(group.columns))
    names = {folded(name): name for name in fullest.columns}
    for group in groups:
        extra = [name for name in group.columns if folded(name) not in names]
        if not extra:
            continue
        lacking = next(name for name in fullest.columns if lacks(group, name))
        raise invalid(
            "unlike_columns",
            f"{group.files[0].name} has a column {extra[0]!r} that {fullest.files[0].name} lacks, "
            f"and lacks {lacking!r}. The files of a source have the same columns; some may lack "
            "columns that another has.",
            source,
        )
    for group in groups:
        for name in group.partitions:
            names.setdefault(folded(name), name)
    for key, name in names.items():
        without = [
            file.name
            for group in groups
            for file in group.files
            if lacks(group, name) and not any(same_name(n, key) for n in group.partitions)
        ]
        if without:
            notes.append(f"{name!r} is missing in the rows of {listed(without)}.")
    return names


def partition_types(
    found: SourceFiles, groups: Sequence[Group], names: Mapping[str, str], notes: list[str]
) -> dict[str, str]:
    """The types of the columns that folders' names say."""
    values: dict[str, set[str]] = {}
    for file in found.files:
        for name, value in partitions_of(file, found.home).items():
            values.setdefault(names[folded(name)], set()).add(value)
    types = {}
    for name, said in values.items():
        both = [
            group
            for group in groups
            if not lacks(group, name) and any(same_name(n, folded(name)) for n in group.partitions)
        ]
        if both:
            notes.append(
                f"{name!r} is a column of {listed(f.name for f in both[0].files)} and in the names "
                "of folders: the files' values are read."
            )
        said.discard(NO_VALUE)
        types[name] = "VARCHAR"
        if said and all(_INTEGER.fullmatch(value) for value in said):
            types[name] = "BIGINT"
        elif said and all(_DATE.fullmatch(value) for value in said):
            types[name] = "DATE"
    return types


def type_of(
    source: FileSource,
    name: str,
    key: str,
    groups: Sequence[Group],
    notes: list[str],
    connection: Connection,
) -> str:
    """The type that a column of several files is read as. Raises InvalidError."""
    files: dict[str, list[Path]] = {}
    for group in groups:
        for own, stored in group.columns.items():
            if same_name(own, key):
                files.setdefault(stored, []).extend(group.files)
    if widest(files) is None:
        # A column without a value has the type that somebody's tool has taken for it.
        files = {
            stored: some
            for stored, some in files.items()
            if _values(groups, some, key, "{0} IS NOT NULL", connection)
        } or files
    target = widest(files)
    lossy = [
        stored
        for stored in files
        if target is not None
        and not is_lossless(stored, target)
        and _values(
            groups,
            files[stored],
            key,
            f"TRY_CAST(TRY_CAST({{0}} AS {target}) AS {stored}) IS DISTINCT FROM {{0}}",
            connection,
        )
    ]
    where = "; ".join(f"{kind} in {listed(f.name for f in some)}" for kind, some in files.items())
    if target is None or lossy:
        raise invalid(
            "unlike_types",
            f"Column {name!r} is {where}. No type holds all of its values without loss: write it "
            "with one type in all files.",
            source,
        )
    if target == "VARCHAR" and any(family(stored) == "number" for stored in files):
        notes.append(f"{name!r} is read as text: it is {where}.")
    return "VARCHAR" if target == NULL else target


def _values(
    groups: Sequence[Group],
    files: Sequence[Path],
    key: str,
    condition: str,
    connection: Connection,
) -> bool:
    """Whether any value of a column in some files is so."""
    for group in groups:
        some = [file for file in group.files if file in files]
        column = next((quote(name) for name in group.columns if same_name(name, key)), None)
        if not some or column is None:
            continue
        test = condition.format(column)
        query = f"SELECT 1 FROM {group.call(some)} WHERE {test} LIMIT 1"
        if connection.execute(query).fetchone():
            return True
    return False
