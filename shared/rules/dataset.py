"""What makes a dataset usable: its columns, and the roles that they are mapped to."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterator, Sequence

from shared.columns import Column, ColumnType
from shared.documents.dataset import (
    NUMBER_TYPES,
    TRANSACTION_DATE,
    DatasetSpec,
)
from shared.problems import Problem, path_of
from shared.rules.names import unknown_column
from shared.rules.roles import says_other_time, says_time
from shared.rules.usual_roles import ROLES

_ROLE_TYPES = {role.name: role.types for role in ROLES if role.types}
_MAPPING = "spec.column_mapping"


def check_dataset(spec: DatasetSpec, columns: Sequence[Column]) -> list[Problem]:
    """All problems of a dataset whose source has `columns`."""
    if not columns:
        return [
            Problem(
                path="spec.source",
                code="no_columns",
                message="The source has no columns. It needs a customer's and a product's id.",
            )
        ]
    faults = [
        *_duplicate_columns(columns),
        *_unknown_columns(spec, columns),
        *_missing_roles(spec),
        *_duplicate_roles(spec),
        *_role_types(spec, columns),
    ]
    return faults or list(check_times(spec, columns))


def _duplicate_columns(columns: Sequence[Column]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for column in columns:
        first = seen.get(column.name.casefold())
        if first is None:
            seen[column.name.casefold()] = column.name
            continue
        how = "appears twice" if first == column.name else f"differs from {first!r} only in case"
        yield Problem(
            path="spec.source",
            code="duplicate_column",
            message=f"Column {column.name!r} {how}. Give every column a name of its own.",
            received=column.name,
        )


def _unknown_columns(spec: DatasetSpec, columns: Sequence[Column]) -> Iterator[Problem]:
    names = [column.name for column in columns]
    for name in spec.column_mapping:
        if name not in names:
            yield Problem(
                path=path_of(_MAPPING, [name]),
                code="unknown_column",
                message=unknown_column(name, names),
                received=name,
            )


def _missing_roles(spec: DatasetSpec) -> Iterator[Problem]:
    for role in (role.name for role in ROLES if role.required):
        if spec.column_of(role) is None:
            yield Problem(
                path=_MAPPING,
                code="missing_role",
                message=f"No column is mapped to {role!r}. Training needs exactly one.",
                received=spec.column_mapping,
            )


def _duplicate_roles(spec: DatasetSpec) -> Iterator[Problem]:
    counts = Counter(spec.column_mapping.values())
    for role, count in counts.items():
        if count > 1:
            names = [name for name, mapped in spec.column_mapping.items() if mapped == role]
            listed = ", ".join(repr(name) for name in names)
            yield Problem(
                path=path_of(_MAPPING, [names[-1]]),
                code="duplicate_role",
                message=f"{count} columns are mapped to {role!r}: {listed}. Keep one of them.",
                received=role,
            )


def _role_types(spec: DatasetSpec, columns: Sequence[Column]) -> Iterator[Problem]:
    types = {column.name: column.type for column in columns}
    for name, role in spec.column_mapping.items():
        allowed = _ROLE_TYPES.get(role)
        if allowed and name in types and types[name] not in allowed:
            yield Problem(
                path=path_of(_MAPPING, [name]),
                code="role_type",
                message=f"Column {name!r} is {types[name]}; the role {role!r} takes "
                f"{' or '.join(allowed)}.",
                received=types[name].value,
            )


def check_times(spec: DatasetSpec, columns: Sequence[Column]) -> Iterator[Problem]:
    """Where a column may say when purchases were made, but none is mapped."""
    if spec.column_of(TRANSACTION_DATE) is not None:
        return
    free = [column for column in columns if column.name not in spec.column_mapping]
    times = [column for column in free if column.type is ColumnType.TIMESTAMP]
    named = [column for column in free if says_time(column.name)]
    so = "Until then tests hold out rows at random, not the latest ones, and look better than they "
    so += "would on purchases to come."
    for column in times or named:
        if column.type is ColumnType.TIMESTAMP:
            other = says_other_time(column.name)
            why = f"{column.name!r} is a time, but "
            why += "by its name not that of a purchase" if other else "has no role"
            helps = f"If it says when a purchase was made, map it to {TRANSACTION_DATE!r}."
        elif column.type in NUMBER_TYPES:
            why = f"{column.name!r} is {column.type}: no seconds or the like since 1970"
            form = shlex.quote(f"{column.name}=FORM")
            helps = f"Where they are times, say how: --time-format {form}."
        else:
            why = f"{column.name!r} is {column.type}: not all of its values can be read as times"
            kind = shlex.quote(f"{column.name}=TIMESTAMP")
            helps = f"To leave out those that cannot, say --type {kind}."
        yield Problem(
            path=path_of(_MAPPING, [column.name]),
            code="no_transaction_date",
            message=f"No column is known to be the time of purchase. {why}. {helps} {so}",
            received=column.type.value,
            level="warning",
        )
