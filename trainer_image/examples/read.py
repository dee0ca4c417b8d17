"""The examples stage: a sampled, split and shuffled part of the source, as raw features.

What decides a row's fate is a hash of the seed and the row's own values, by MD5, so that the same
spec gives the same rows in the same order here, in BigQuery, and next year.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import accumulate
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.compute as pc

from shared.columns.source_rows import SourceRows, rows_words, times_words
from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.problems import InvalidError
from shared.tables.files import source_files
from shared.tables.fingerprints import files_fingerprint, read_between, together
from shared.wording import percentage, sentence
from trainer_image.examples.mapped import mapped_times
from trainer_image.examples.offered import make_offered
from trainer_image.examples.raw_rows import read_rows, read_splits, with_missing
from trainer_image.examples.relations import has_history
from trainer_image.examples.sampled_files import sample_files
from trainer_image.examples.sampling import of_customers, row_key, share_of_hashes
from trainer_image.examples.segments import check_segments
from trainer_image.examples.shards import number_of_shards, shard_hash
from trainer_image.examples.splits import (
    last_of_each,
    latest,
    latest_and_some,
    share_of_products,
    some,
)
from trainer_image.examples.warehouse import fingerprint_now, sampled_rows
from trainer_image.job.remote import in_bucket
from trainer_image.job.status import JobFailedError

# What is more lies on the disk for a while.
_DUCKDB_MEMORY = "2GiB"
# Not a key that a feature can have.
_TIME = RawFeature(key="", column="", type=RawType.TIMESTAMP)


@dataclass(frozen=True)
class Examples:
    """Raw features under their keys, of the types in ARROW_TYPES; nothing is null. Rows lie in
    files (`examples/mapped.py`).

    Attributes:
        train, eval: a row for each purchase, shuffled.
        fitting: how many of the last training rows are the fitting slice.
        candidates: a row for each product of either, ordered by product id; what does not describe
            a product is missing there.
        names: display names in the candidates' order, "" where there is none.
        categories: the same of their categories; None in examples of an earlier version.
        train_times, eval_times: when each row's purchase was, in seconds since 1970, whether or not
            a feature says so; MISSING_TIMESTAMP where nobody knows.
        rows: what became of all rows of the source, sampled or not.
        source_fingerprint: of the source as it was read; "" where that is not known.
        available: of the candidates, whether they may be recommended; None where nothing says so.
        history: events that are history alone, of customers and products with training rows, whose
            time is known; what is neither who, what, when nor of which kind is missing there. None
            where there are no such kinds.
        columns: of the candidates, what rules of lists read besides their attributes, under its
            keys; None where that is nothing.
        shards: how many rows each file of a split has, in their order; a split that is not named
            here lies in one file.
    """

    train: pa.Table
    eval: pa.Table
    candidates: pa.Table
    names: pa.Array
    train_times: pa.Array
    eval_times: pa.Array
    rows: SourceRows
    source_fingerprint: str = ""
    fitting: int = 0
    categories: pa.Array | None = None
    available: pa.Array | None = None
    history: pa.Table | None = None
    columns: pa.Table | None = None
    shards: Mapping[str, Sequence[int]] = field(default_factory=dict)

    def splits(self) -> dict[str, pa.Table]:
        """What is transformed and trained on, by the names of SPLITS."""
        first, nothing = len(self.train) - self.fitting, self.train.slice(0, 0)
        return {
            "train": self.train.slice(0, first),
            "fitting": self.train.slice(first),
            "eval": self.eval,
            "candidates": self.candidates,
            "history": nothing if self.history is None else self.history,
            "unavailable": nothing
            if self.available is None
            else self.candidates.filter(pc.invert(self.available)),
        }

    def parts(self) -> dict[str, list[pa.Table]]:
        """The rows of each split, file by file."""
        found = {}
        for split, rows in self.splits().items():
            sizes = self.shards.get(split, [len(rows)])
            ends = accumulate(sizes)
            found[split] = [
                rows.slice(end - size, size) for size, end in zip(sizes, ends, strict=True)
            ]
        return found


def read_examples(spec: ExamplesSpec) -> Examples:
    """Samples and splits the source.

    Rows without a customer, a product or the rating to learn are dropped. Sampled by customer, all
    or none of a customer's rows are kept; by row, rows of one customer, product and time share
    their fate.

    Held out are, in a temporal split, all rows from some moment on: the earliest one that leaves at
    most `holdout_fraction` of the rows to hold out, or else the last moment of all. With `ties` of
    `hash`, so much of the moment before it is held out too as the fraction has room for, by a hash
    of customer and product. Rows without a time, or with one that cannot be
    (`shared.columns.source_rows`), are trained on. In a random split the hash of customer and
    product decides alone, so that no held-out pair is trained on as well.

    In a split by products, all rows of those whose hash is among the first are held out, at least
    of one and not of all.

    Judged on validation, all these rows are dropped, and the same share of the others is held out.

    The fitting slice is cut off the training rows in the same way: the latest moments, or in a
    random split, pairs by their hash. Where that would be none or all of them, it is cut by the
    hash of customer and product in any split.

    Of a share of the customers, their training rows or held-out rows are kept; what is held out,
    and the candidates, are those of the whole sample.

    A candidate has the most frequent combination of attributes among its rows, of equally frequent
    ones the latest. Held-out rows count only where the product has no others.

    Raises:
        JobFailedError: the source cannot be read, or has too little to train on and to measure.
    """
    with (
        tempfile.TemporaryDirectory(prefix="recsmith-") as folder,
        duckdb.connect(
            config={"temp_directory": f"{folder}/spill", "memory_limit": _DUCKDB_MEMORY}
        ) as connection,
    ):
        try:
            before = _fingerprint(spec)
            if isinstance(spec.source, FileSource):
                rows = sample_files(spec, Path(folder), connection)
            else:
                rows, tables = sampled_rows(spec, spec.source)
                for name, table in tables.items():
                    _take(name, table, connection)
            examples = _read(spec, rows, connection)
            read = read_between(before, _fingerprint(spec))
            return replace(examples, source_fingerprint=read)
        except (InvalidError, OSError, duckdb.Error) as error:
            name = spec.source.uri if isinstance(spec.source, FileSource) else spec.source.named
            raise JobFailedError(sentence(f"The source {name} cannot be read: {error}")) from error


def _fingerprint(spec: ExamplesSpec) -> str:
    """Of the sources as they are now, or were at their moment; "" of files in a bucket."""
    if spec.source_fingerprint:
        return spec.source_fingerprint
    found = []
    for source in spec.sources:
        if not isinstance(source, FileSource):
            found.append(fingerprint_now(source))
        else:
            found.append("" if in_bucket(source) else files_fingerprint(source_files(source)))
    return (together(found) if all(found) else None) or ""


def _take(name: str, rows: pa.Table, connection: duckdb.DuckDBPyConnection) -> None:
    """Makes a table of what was read elsewhere, where numbers are of double precision."""
    connection.register("rows", rows)
    doubles = [field.name for field in rows.schema if pa.types.is_float64(field.type)]
    single = ", ".join(f"CAST({one} AS FLOAT) AS {one}" for one in doubles)
    columns = f"* REPLACE ({single})" if doubles else "*"
    connection.execute(f"CREATE TEMP TABLE {name} AS SELECT {columns} FROM rows")


def _has_catalogue(spec: ExamplesSpec) -> bool:
    return spec.view is not None and spec.view.products is not None


def _read(
    spec: ExamplesSpec, source: SourceRows, connection: duckdb.DuckDBPyConnection
) -> Examples:
    places = {feature.key: f"f{place}" for place, feature in enumerate(spec.features)}
    customer, product = places[spec.customer_key], places[spec.product_key]
    columns = ", ".join(places.values())
    row = row_key(customer, product, '"at"')
    pair = f"md5('{spec.seed}:' || {customer} || ':' || {product})"
    trained_on, judged_by = (
        of_customers(spec, customer, percent)
        for percent in (spec.trained_percent, spec.judged_percent)
    )
    if spec.split == "random":
        end = spec.holdout_fraction
        if spec.judged_on == "validation":
            connection.execute(f"DELETE FROM sampled WHERE {pair} < {share_of_hashes(end)}")
            end += (1 - end) * spec.holdout_fraction
        held_out = f"{pair} < {share_of_hashes(end)}"
        end += (1 - end) * spec.fitting_fraction
        fitting = f"{pair} < {share_of_hashes(end)}" if spec.fitting_fraction else "false"
    else:
        cut = partial(latest_and_some, pair=pair) if spec.ties == "hash" else latest

        def chosen() -> str:
            if spec.split == "products":
                return share_of_products(connection, "sampled", product, spec)
            if spec.split == "leave_one_out":
                return last_of_each(connection, "sampled", customer, pair)
            return cut(connection, "sampled", spec.holdout_fraction)

        held_out = chosen()
        if spec.judged_on == "validation":
            connection.execute(f"DELETE FROM sampled WHERE {held_out}")
            held_out = chosen()
        known = f"(SELECT * FROM sampled WHERE NOT ({held_out}) AND {trained_on})"
        fitting = (
            cut(connection, known, spec.fitting_fraction) if spec.fitting_fraction else "false"
        )
    if spec.fitting_fraction:
        known = f"(SELECT * FROM sampled WHERE NOT ({held_out}) AND {trained_on})"
        counted = f"SELECT count(*) FILTER ({fitting}), count(*) FROM {known}"
        sliced, trained = connection.execute(counted).fetchone() or (0, 0)
        if not 0 < sliced < trained:  # all at one moment, none with a time, or very few
            fitting = some(connection, known, spec.fitting_fraction, pair)
    (number,) = connection.execute("SELECT count(*) FROM sampled").fetchone() or (0,)
    shard = shard_hash(spec, customer) if number_of_shards(number) > 1 else "0"
    connection.execute(
        f"CREATE TEMP TABLE examples AS SELECT *, {fitting} AND NOT out AS fitting, "
        f"CASE WHEN out THEN {judged_by} ELSE {trained_on} END AS kept, {shard} AS shard FROM "
        f"(SELECT *, {held_out} AS out FROM sampled)"
    )
    shuffled = f"md5('{spec.seed}:shuffle:' || {row}), {columns}"
    trained, judged = (
        read_splits(
            connection, [*spec.features, _TIME], f'{columns}, "at"', "examples", splits, shuffled
        )
        for splits in (
            {"train": "kept AND NOT out AND NOT fitting", "fitting": "fitting AND kept"},
            {"eval": "kept AND out"},
        )
    )
    (train, train_times), (evaluation, eval_times) = _timed(trained[0]), _timed(judged[0])
    shards = trained[1] | judged[1]
    _check(spec, source, train, evaluation)
    check_segments(spec, evaluation)
    fitting_rows = sum(shards["fitting"])
    if spec.fitting_fraction and not 0 < fitting_rows < len(train):
        raise JobFailedError(
            "The fitting slice, which the re-ranker and early stopping go by, takes some of the "
            "training rows and leaves others, and all of these are of one customer and product. "
            "Raise the sample percent, or do without both."
        )

    describing = {spec.product_key, *spec.candidate_keys}
    attributes = ", ".join(place for key, place in places.items() if key in describing)
    offered = make_offered(
        connection, product, attributes, _has_catalogue(spec), spec.rule_features
    )
    candidates = read_rows(
        connection,
        [feature for feature in spec.features if feature.key in describing],
        f"SELECT {attributes} FROM offered ORDER BY {product}",
    )
    if len(candidates) < 2:
        raise JobFailedError(
            f"The sample has one product only ({candidates[spec.product_key][0].as_py()!r}); a "
            "model needs at least two to tell apart. Raise the sample percent."
        )
    history = None
    if has_history(spec):
        history, shards["history"] = _history(spec, customer, product, connection)
    return Examples(
        train,
        evaluation,
        with_missing(candidates, spec.features),
        offered.names,
        train_times,
        eval_times,
        source,
        fitting=fitting_rows,
        categories=offered.categories,
        available=offered.available,
        columns=offered.columns if spec.rule_features else None,
        history=history,
        shards=shards,
    )


def _history(
    spec: ExamplesSpec, customer: str, product: str, connection: duckdb.DuckDBPyConnection
) -> tuple[pa.Table, list[int]]:
    """The rows, and how many are in each shard. Args: customer, product: columns of `examples`."""
    read = spec.of_history.features
    places = {feature.key: f"f{place}" for place, feature in enumerate(read)}
    columns = ", ".join(places.values())
    whose, what = places[spec.customer_key], places[spec.product_key]
    trained = "FROM examples WHERE NOT out AND kept"
    (number,) = connection.execute("SELECT count(*) FROM history").fetchone() or (0,)
    shard = shard_hash(spec, whose) if number_of_shards(number) > 1 else "0"
    connection.execute(
        f"CREATE TEMP TABLE kept_history AS SELECT {columns}, {shard} AS shard FROM history "
        f'WHERE "at" > {MISSING_TIMESTAMP + 1}::BIGINT - 1 '
        f"AND {whose} IN (SELECT {customer} {trained}) AND {what} IN (SELECT {product} {trained})"
    )
    rows, sizes = read_splits(
        connection, read, columns, "kept_history", {"history": "true"}, columns
    )
    return with_missing(rows, spec.features), sizes["history"]


def _timed(rows: pa.Table) -> tuple[pa.Table, pa.Array]:
    """Raw features, and the rows' times apart from them."""
    return rows.drop([_TIME.key]), mapped_times(rows[_TIME.key])


def _check(spec: ExamplesSpec, source: SourceRows, train: pa.Table, evaluation: pa.Table) -> None:
    if not (len(train) and len(evaluation)) and spec.trained_percent < 100:
        raise JobFailedError(
            f"{percentage(spec.trained_percent)} of the sample's customers have {len(train)} rows "
            f"to train on, and {percentage(spec.judged_percent)} of them {len(evaluation)} rows "
            "held out. Take larger shares of the customers, or a larger sample."
        )
    if not len(train) + len(evaluation):
        raise JobFailedError(
            f"No row of the source is in the sample of {percentage(spec.sample_percent)} by "
            f"{spec.sample_by}: {rows_words(source)}. Raise the sample percent, and check that the "
            "columns of customers and products are the right ones and not empty."
        )
    if not len(train) and spec.split == "products":
        raise JobFailedError(
            "The sample has one product only, so that a split by products leaves none to train on. "
            "Raise the sample percent."
        )
    if not len(train):
        raise JobFailedError(
            f"All {len(evaluation)} rows of the sample have the same time, so that a temporal "
            "split leaves none to train on. Set split.ties to 'hash', or use a random split."
        )
    if not len(evaluation):
        message = (
            f"The {spec.split.replace('_', '-')} split holds out none of the {len(train)} rows of "
            "the sample. Raise the sample percent or the holdout"
        )
        if spec.split == "leave_one_out":
            message += ", for no customer has several purchases"
        if spec.split == "temporal":
            message += ", or check that the timestamps can be read"
            if times := times_words(source):
                message += f": of {source.used:,} rows, {times}"
        raise JobFailedError(f"{message}.")
