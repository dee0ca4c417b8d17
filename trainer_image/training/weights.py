"""The weights of a generated model by names that do not depend on what it was trained on, kept in a
file for a later training, and taken over from one.

    query_tower/embeddings/KEY        a table, [rows, width]
    query_tower/pools/KEY/mix         of a history; …/table where it has one of its own
    query_tower/projections/KEY/0     a linear map
    query_tower/dense/PLACE/NUMBER    of the layers, in their order
    candidate_tower/…, rating_head/PLACE/NUMBER
"""

from __future__ import annotations

import json
import shutil
import tempfile
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
import tensorflow_transform as tft

from shared.arrays import Integers
from shared.jobs import TakenTable, WarmStart, WarmStartReport, WarmTable
from trainer_image.job.locations import Locations, open_file, path_of
from trainer_image.job.status import JobFailedError
from trainer_image.job.store import check_inside

_TOWERS = ("query_tower", "candidate_tower")
_WORDS = {
    "query_tower/dense/": "the buyer tower's layers",
    "candidate_tower/dense/": "the product tower's layers",
    "rating_head/": "the rating head",
}


def weights_of(model: tf.keras.Model) -> dict[str, tf.Variable]:
    """All weights that a model is trained to, and what its layers remember besides."""
    found: dict[str, tf.Variable] = {}
    products = {id(table) for table in model.candidate_tower.embeddings.values()}
    for name in _TOWERS:
        tower = getattr(model, name)
        for key, table in tower.embeddings.items():
            found[f"{name}/embeddings/{key}"] = table.embeddings
        for key, pool in getattr(tower, "pools", {}).items():
            found[f"{name}/pools/{key}/mix"] = pool.mix
            if id(pool.table) not in products:
                found[f"{name}/pools/{key}/table"] = pool.table.embeddings
        for key, layer in getattr(tower, "projections", {}).items():
            found |= _numbered(f"{name}/projections/{key}", layer.weights)
        for place, layer in enumerate(tower.dense.layers):
            found |= _numbered(f"{name}/dense/{place}", layer.weights)
    for place, layer in enumerate(
        model.rating_head.layers if hasattr(model, "rating_head") else ()
    ):
        found |= _numbered(f"rating_head/{place}", layer.weights)
    return found


def _numbered(name: str, weights: list[tf.Variable]) -> dict[str, tf.Variable]:
    return {f"{name}/{number}": one for number, one in enumerate(weights) if one.dtype.is_floating}


def keep_weights(model: tf.keras.Model, path: str) -> None:
    """Writes a model's weights into a file, which appears whole."""
    values = {name: variable.numpy() for name, variable in weights_of(model).items()}
    with tempfile.TemporaryDirectory(prefix="weights-") as folder:
        part = Path(folder if "://" in path else Path(path).parent) / "weights.part.npz"
        part.parent.mkdir(parents=True, exist_ok=True)
        np.savez(part, **values)
        if "://" in path:
            tf.io.gfile.copy(str(part), path, overwrite=True)
        else:
            part.replace(path)


def take_over(
    model: tf.keras.Model, start: WarmStart, transform_graph: str, report_file: str
) -> None:
    """Gives a model the weights of an earlier training, as far as the two have them in common, and
    writes the WarmStartReport.

    A table's rows go by the values of its vocabulary; rows of values that it did not have stay as
    they were drawn. Raises JobFailedError where the weights are gone or damaged.
    """
    check_inside(start.artifacts_uri)
    earlier = Locations(path_of(start.artifacts_uri))
    report = WarmStartReport(quick_test_id=start.quick_test_id)
    mine = weights_of(model)
    try:
        graphs = tuple(
            tft.TFTransformOutput(one) for one in (transform_graph, earlier.transform_graph)
        )
        with _opened(earlier.weights) as kept:
            taken = {}
            for table in start.tables:
                if table.name not in mine or table.name not in kept.files:
                    continue
                values, rows = _rows(table, mine[table.name].numpy(), kept[table.name], graphs)
                taken[table.name] = values
                size = len(values)
                report.tables.append(TakenTable(column=table.column, rows=size, taken=rows))
            for part in start.parts:
                names = [name for name in mine if name.startswith(part)]
                if names and all(_fits(mine[name], kept, name) for name in names):
                    taken |= {name: kept[name] for name in names}
                    if part in _WORDS:
                        report.parts.append(_WORDS[part])
    except (OSError, ValueError, KeyError, zipfile.BadZipFile, tf.errors.OpError) as error:
        raise JobFailedError(
            f"The weights of full training {start.quick_test_id}, with which this one was to "
            f"begin, are gone or damaged ({type(error).__name__}). Train it from scratch."
        ) from None
    for name, values in taken.items():
        mine[name].assign(values)
    fresh = [words for part, words in _WORDS.items() if any(name.startswith(part) for name in mine)]
    report.fresh = [words for words in fresh if words not in report.parts]
    tables = [name for name in mine if "/embeddings/" in name and name not in taken]
    report.fresh += [f"the table {name.rpartition('/')[2]}" for name in tables]
    with open_file(report_file, "w") as file:
        file.write(report.model_dump_json())


def _fits(variable: tf.Variable, kept: Any, name: str) -> bool:
    return name in kept.files and kept[name].shape == tuple(variable.shape)


def _rows(
    table: WarmTable,
    drawn: np.ndarray[Any, Any],
    kept: np.ndarray[Any, Any],
    graphs: tuple[tft.TFTransformOutput, ...],
) -> tuple[np.ndarray[Any, Any], int]:
    """A table with the rows that were kept in their new places, and how many these are."""
    places = _places(table, len(drawn), len(kept), graphs)
    if drawn.shape[1:] != kept.shape[1:]:
        raise ValueError(f"{table.name} is {kept.shape[1:]} wide, not {drawn.shape[1:]}")
    known = places >= 0
    drawn[known] = kept[places[known]]
    return drawn, int(np.count_nonzero(known))


def _places(
    table: WarmTable, rows: int, kept: int, graphs: tuple[tft.TFTransformOutput, ...]
) -> Integers:
    """Where each row of the new table was in the old one, -1 where it was not, [rows]."""
    if table.vocabulary is None:
        if rows != kept:
            raise ValueError(f"{table.name} has {kept} rows, not {rows}")
        return np.arange(rows)
    values, before = (graph.vocabulary_by_name(table.vocabulary) for graph in graphs)
    sizes = len(values) + table.oov_buckets, len(before) + table.oov_buckets
    if sizes != (rows, kept):
        raise ValueError(f"{table.name} has {rows} and {kept} rows, its vocabularies {sizes}")
    at = {value: place for place, value in enumerate(before)}
    places = [at.get(value, -1) for value in values]
    return np.array([*places, *range(len(before), kept)], np.int64)


@contextmanager
def _opened(path: str) -> Iterator[Any]:
    """A file of weights, of which an array is read when it is asked for."""
    with tempfile.TemporaryDirectory(prefix="weights-") as folder:
        if "://" in path:
            copy = Path(folder) / "weights.npz"
            with open_file(path, "rb") as source, copy.open("wb") as target:
                shutil.copyfileobj(source, target)
            path = str(copy)
        with np.load(path, allow_pickle=False) as kept:
            yield kept


def read_report(path: str) -> WarmStartReport | None:
    """None where there was no warm start."""
    try:
        with open_file(path, "r") as file:
            return WarmStartReport.model_validate(json.load(file))
    except (FileNotFoundError, tf.errors.NotFoundError):
        return None
