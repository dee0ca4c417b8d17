"""A profile that fits into its dataset's document, however many columns there are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from shared.columns import Column, ColumnStatistics
from shared.document_size import MAX_BYTES, size_of
from shared.ports import JsonObject, Profile

# What else is on a document: what was written of it last, and what is said of its source.
_SHARE = 0.6
_LONGEST_SAMPLE = 40


def slim(profile: Profile, data: JsonObject) -> Profile:
    """The profile with as much of each column's values and histogram as there is room for beside
    `data`, the dataset's document; its notes say what was left out."""
    spec = {name: data.get(name) for name in ("name", "description", "spec")}
    room = _SHARE * MAX_BYTES - size_of(spec)
    for less in _LESS:
        if size_of([one.model_dump(mode="json") for one in profile.columns]) <= room:
            return profile
        columns = [_with(column, less) for column in profile.columns]
        left_out = f"Of {len(columns):,} columns, not all samples and histograms can be kept."
        notes = [*(note for note in profile.notes if note != left_out), left_out]
        profile = replace(profile, columns=columns, notes=notes)
    return profile


def _with(column: Column, less: Callable[[ColumnStatistics], ColumnStatistics]) -> Column:
    if column.statistics is None:
        return column
    return column.model_copy(update={"statistics": less(column.statistics)})


def _shorter(one: ColumnStatistics) -> ColumnStatistics:
    samples = [text[:_LONGEST_SAMPLE] for text in one.samples]
    values = [item.model_copy(update={"value": item.value[:80]}) for item in one.top_values]
    return one.model_copy(update={"samples": samples, "top_values": values})


def _fewer(one: ColumnStatistics) -> ColumnStatistics:
    return one.model_copy(update={"samples": one.samples[:2], "top_values": one.top_values[:3]})


def _bare(one: ColumnStatistics) -> ColumnStatistics:
    return one.model_copy(update={"samples": one.samples[:1], "top_values": [], "histogram": []})


_LESS = (_shorter, _fewer, _bare)
