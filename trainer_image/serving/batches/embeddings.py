"""What the towers make of products and customers, for vector databases.

The score of a product for a customer is the dot product of the two vectors. A re-ranker is no part
of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from shared.batches import BatchError, FileFormat
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawType
from shared.predictions import PredictionRequest
from trainer_image.examples.tables import read_parquet, training_rows
from trainer_image.job.locations import Locations
from trainer_image.serving.batches.subjects import Subjects
from trainer_image.serving.purchases import Purchases
from trainer_image.serving.recommender import MAIN, Recommender
from trainer_image.serving.request_reader import RequestReader
from trainer_image.serving.rule_reader import RuleReader, products_of
from trainer_image.serving.rule_sets import RuleSets
from trainer_image.serving.saved_model import SavedModel, complete

_ID = ("id", pa.string())
_EMBEDDING = ("embedding", pa.list_(pa.float32()))
_RESTRICTS = [
    (
        "restricts",
        pa.list_(pa.struct([("namespace", pa.string()), ("allow", pa.list_(pa.string()))])),
    ),
    (
        "numeric_restricts",
        pa.list_(
            pa.struct(
                [
                    ("namespace", pa.string()),
                    ("value_float", pa.float32()),
                    ("value_double", pa.float64()),
                ]
            )
        ),
    ),
]
_CATEGORY = "category"


class Products:
    """Vectors of the products that may be recommended. Vector Search's formats have what queries
    can be restricted by, Parquet has names and categories."""

    def __init__(
        self, model: SavedModel, places: Locations, spec: ExamplesSpec, kind: FileFormat
    ) -> None:
        _check(model)
        products = read_parquet(places.candidates)
        left_out = 0
        if "available" in products.column_names:
            left_out = len(products)
            products = products.filter(products["available"])
            left_out -= len(products)
        self._model, self._restricted = model, kind is not FileFormat.PARQUET
        self._ids = products["product_id"].combine_chunks().cast(pa.large_string())
        self.subjects = Subjects(self._ids, {"unavailable": left_out} if left_out else {})
        self._attributes = products["attributes"].combine_chunks()
        self._names = products["name"].combine_chunks()
        self._categories = (
            products[_CATEGORY].combine_chunks()
            if _CATEGORY in products.column_names
            else pa.nulls(len(products), pa.string())
        )
        self._rows = {one: row for row, one in enumerate(self._ids.to_pylist())}
        self._namespaces = self._namespaces_of(spec)
        described = (
            _RESTRICTS if self._restricted else [("name", pa.string()), ("category", pa.string())]
        )
        self.schema = pa.schema([_ID, _EMBEDDING, *described])

    def _namespaces_of(self, spec: ExamplesSpec) -> dict[str, tuple[str, RawType]]:
        """By name: the raw feature's key, and of what type it is. Text that hardly repeats, such as
        a title, restricts nothing."""
        found: dict[str, tuple[str, RawType]] = {}
        for feature in spec.features:
            if feature.key not in spec.candidate_keys or feature.key == spec.product_key:
                continue
            if feature.type is RawType.TEXT and (
                feature.column in found  # as a number
                or not _repeats(self._attributes.field(feature.key))
            ):
                continue
            found[feature.column] = (feature.key, feature.type)
        return found

    def rows(self, ids: list[str]) -> pa.Table:
        rows = pa.array([self._rows[one] for one in ids])
        attributes = self._attributes.take(rows)
        types = self._model.types("candidate_embedding")
        given = {key: attributes.field(key).to_pylist() for key in types}
        embedding = _embedded(self._model, "candidate_embedding", given)
        if not self._restricted:
            names = [one or None for one in self._names.take(rows).to_pylist()]
            categories = [one or None for one in self._categories.take(rows).to_pylist()]
            return _table(self.schema, [ids, embedding, names, categories])
        categories = self._categories.take(rows).to_pylist()
        texts: list[list[dict[str, Any]]] = [
            [{"namespace": _CATEGORY, "allow": [one]}] if one else [] for one in categories
        ]
        numbers: list[list[dict[str, Any]]] = [[] for _ in ids]
        for name, (key, kind) in self._namespaces.items():
            for row, value in enumerate(attributes.field(key).to_pylist()):
                if kind is RawType.TEXT:
                    if value and not (name == _CATEGORY and texts[row]):
                        texts[row].append({"namespace": name, "allow": [value]})
                elif kind is RawType.NUMBER and value is not None and value == value:
                    numbers[row].append({"namespace": name, "value_float": value})
                elif kind is RawType.TIMESTAMP and value not in (None, MISSING_TIMESTAMP):
                    # Avro's int ends in 2038.
                    numbers[row].append({"namespace": name, "value_double": float(value)})
        return _table(self.schema, [ids, embedding, texts, numbers])


class Customers:
    """Vectors of customers as at the end of the training data, by what the model has stored of
    them."""

    schema = pa.schema([_ID, _EMBEDDING])

    def __init__(self, model: SavedModel, places: Locations, spec: ExamplesSpec) -> None:
        _check(model)
        self._model = model
        products = read_parquet(places.candidates)
        described = products["attributes"].combine_chunks()
        attributes = {key: described.field(key).to_pylist() for key in spec.candidate_keys}
        recommender = Recommender(model, products["product_id"].to_pylist(), attributes)
        purchases = Purchases(training_rows(places, Purchases.columns_of(spec)), spec)
        form = next(f.form for f in spec.features if f.key == spec.product_key)
        rules = RuleReader(products_of(spec, products), RuleSets(places.root), form)
        self._reader = RequestReader(spec, purchases, recommender, rules, explains=False)
        self._types = model.types("query_embedding")

    def rows(self, ids: list[str]) -> pa.Table:
        queries = [self._reader.read(PredictionRequest(customer_id=one, k=1)).query for one in ids]
        given = {key: [query.get(key) for query in queries] for key in self._types}
        return _table(self.schema, [ids, _embedded(self._model, "query_embedding", given)])


def _check(model: SavedModel) -> None:
    if "candidate_ids" not in model.outputs(MAIN):
        raise BatchError(
            "The model only rates: dot products of its vectors order nothing. Give one that finds "
            "products, of the task retrieval or multitask."
        )


def _repeats(texts: pa.Array) -> bool:
    told = texts.filter(pc.not_equal(texts, ""))
    return bool(pc.count_distinct(told).as_py() * 2 <= len(told))


def _embedded(model: SavedModel, signature: str, given: Mapping[str, Sequence[Any]]) -> list[Any]:
    raw = {key: list(values) for key, values in given.items()}
    found = model.call(signature, complete(raw, model.types(signature)))
    vectors: list[Any] = found["embedding"].tolist()
    return vectors


def _table(schema: pa.Schema, columns: list[Any]) -> pa.Table:
    arrays = [pa.array(values, kind) for values, kind in zip(columns, schema.types, strict=True)]
    return pa.table(arrays, schema=schema)
