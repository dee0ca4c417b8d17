"""Raw features: columns of a dataset as they enter Transform, each under a key of its own."""

from __future__ import annotations

from collections.abc import Iterable

from shared.codegen.keys import Keys, slug
from shared.documents.dataset import Dataset
from shared.examples import RawFeature, RawType


def raw_features(
    wanted: Iterable[tuple[str, RawType]], dataset: Dataset
) -> dict[tuple[str, RawType], RawFeature]:
    raw: dict[tuple[str, RawType], RawFeature] = {}
    keys = Keys()
    columns: dict[str, str] = {}
    for column, raw_type in wanted:
        if column in columns:  # a column read as two types
            key = keys.unique(f"{columns[column]}_{raw_type.value}")
        else:
            key = columns[column] = keys.unique(slug(column))
        raw[column, raw_type] = feature = RawFeature(key=key, column=column, type=raw_type)
        if raw_type is RawType.TEXT and (known := dataset.status.column(column)) is not None:
            feature.form = known.text_form
    return raw
