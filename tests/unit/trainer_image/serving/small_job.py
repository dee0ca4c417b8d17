"""A completed job's folder, and stand-ins for its model whose arithmetic is known."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shared.documents.base import CodeArtifact
from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.jobs import REQUEST_FILE, JobRequest
from trainer_image.examples.tables import write_parquet
from trainer_image.job.locations import Locations

TEXT, NUMBER, TIME = RawType.TEXT, RawType.NUMBER, RawType.TIMESTAMP
FEATURES = [
    RawFeature(key="customer", column="customer", type=TEXT),
    RawFeature(key="age", column="age", type=TEXT),
    RawFeature(key="age_number", column="age", type=NUMBER),
    RawFeature(key="at", column="bought at", type=TIME),
    RawFeature(key="product", column="product", type=TEXT),
    RawFeature(key="price", column="price", type=NUMBER),
]
ROWS = pa.table(
    {
        "customer": ["c1", "c2", "c1", "c1", "C20"],
        "age": ["30", "", "31", "30", "50"],
        "age_number": pa.array([30, math.nan, 31, 30, 50], pa.float32()),
        "at": pa.array([100, MISSING_TIMESTAMP, 300, 200, 5], pa.int64()),
        "product": ["a", "b", "b", "b", "c"],
    }
)
PRICES = {"a": 1.5, "b": 2.25, "c": 9.0}


class Model:
    """Rates a product by its price plus the customer's age; recommends nothing by itself."""

    def __init__(self, _: str) -> None:
        self.calls: list[dict[str, list[Any]]] = []

    signatures: tuple[str, ...] = ("serving_default",)
    looks_back = False

    def outputs(self, _: str) -> list[str]:
        return ["rating"]

    def types(self, _: str) -> dict[str, str]:
        kinds = {TEXT: "string", NUMBER: "float32", TIME: "int64"}
        return {feature.key: kinds[feature.type] for feature in FEATURES}

    def call(
        self, _: str, rows: dict[str, list[Any]], pasts: Any = None, of: Any = None
    ) -> dict[str, Any]:
        self.calls.append(rows)
        age = np.nan_to_num(np.array(rows["age_number"], np.float32))
        return {"rating": (np.array(rows["price"], np.float32) + age)[:, None]}


class Finder(Model):
    """Finds the same products for everybody and, as its signatures are those of a retrieval model,
    rates nothing. A product's embedding is its price, and every query's is -1: the cheapest is
    best."""

    def outputs(self, _: str) -> list[str]:
        return ["candidate_ids", "scores"]

    def types(self, signature: str) -> dict[str, str]:
        types = super().types(signature)
        return {
            "serving_default": types,
            "query_embedding": types,
            "candidate_embedding": {"price": "float32"},
        }[signature]

    def call(
        self, signature: str, rows: dict[str, list[Any]], pasts: Any = None, of: Any = None
    ) -> dict[str, Any]:
        self.calls.append(rows)
        queries = len(rows["price"])
        if signature == "query_embedding":
            return {"embedding": np.full((queries, 1), -1.0)}
        if signature == "candidate_embedding":
            return {"embedding": np.array(rows["price"])[:, None]}
        found = {"candidate_ids": [[b"c", b"a"]], "scores": [[0.75, 0.5]]}
        return {name: np.array(best * queries) for name, best in found.items()}


class Looking(Model):
    """Has a re-ranker, and notes what it is told of the past."""

    signatures = ("buy_again", "discover", "serving_default")
    looks_back = True
    lists = {
        "serving_default": [b"c", b"a", b"b"],
        "buy_again": [b"a", b"", b""],
        "discover": [b"c", b"b", b""],
    }

    def __init__(self, folder: str) -> None:
        super().__init__(folder)
        self.told: list[Any] = []

    def outputs(self, _: str) -> list[str]:
        return ["candidate_ids", "scores"]

    def call(
        self, signature: str, rows: dict[str, list[Any]], pasts: Any = None, of: Any = None
    ) -> dict[str, Any]:
        self.calls.append(rows)
        self.told += pasts or [None]
        scores = [0.5 if product else -math.inf for product in self.lists[signature]]
        queries = len(rows["price"])
        best = {"candidate_ids": self.lists[signature], "scores": scores}
        return {name: np.array([of] * queries) for name, of in best.items()}


def make_folder(folder: Path) -> None:
    code = CodeArtifact(uri="file:///code.py", sha256="0" * 64)
    request = JobRequest(
        job_id="job",
        quick_test_id="test",
        preprocessing=code,
        trainer=code,
        examples=ExamplesSpec(
            source=FileSource(kind="csv", uri="data.csv"),
            features=FEATURES,
            query_keys=["customer", "age", "age_number", "at"],
            candidate_keys=["product", "price"],
            customer_key="customer",
            product_key="product",
            timestamp_column="bought at",
        ),
        vocabularies=[],
        epochs=1,
        output_uri=folder.as_uri(),
    )
    (folder / REQUEST_FILE).write_text(request.model_dump_json())
    places = Locations(str(folder))
    write_parquet(ROWS, places.examples("train"))
    products = pa.table(
        {
            "product_id": list(PRICES),
            "name": ["Apple", "", "Cherry"],
            "attributes": [
                {"product": one, "price": price, "customer": "", "age": ""}
                for one, price in PRICES.items()
            ],
        }
    )
    pq.write_table(products, places.candidates)
