"""A job's folder and a model whose arithmetic is known, for runs that fill tables."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from shared.columns.text_form import TextForm
from shared.documents.base import CodeArtifact
from shared.documents.dataset import FileSource
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.jobs import REQUEST_FILE, JobRequest
from trainer_image.examples.tables import write_parquet
from trainer_image.job.locations import Locations

TEXT, NUMBER, TIME = RawType.TEXT, RawType.NUMBER, RawType.TIMESTAMP
FEATURES = [
    RawFeature(key="customer", column="Customer id", type=TEXT, form=TextForm.INTEGER),
    RawFeature(key="product", column="product", type=TEXT),
    RawFeature(key="colour", column="colour", type=TEXT),
    RawFeature(key="title", column="title", type=TEXT),
    RawFeature(key="price", column="price", type=NUMBER),
    RawFeature(key="since", column="since", type=TIME),
]
CUSTOMERS = [str(number) for number in range(100, 160)]
PRODUCTS = [f"p{number}" for number in range(6)]
COLOURS = ["red", "blue", "", "red", "blue", "red"]
PRICES = [1.5, 2.25, math.nan, 4.0, 5.5, 0.1]
SINCE = [MISSING_TIMESTAMP, 4_102_444_800, 0, 7, 8, 9]
AVAILABLE = [True, True, True, True, True, False]


class Model:
    """Customer 99 likes p3 best, then p4, p5, p0 …: a product's vector is a place on a circle."""

    looks_back = False
    signatures = ("candidate_embedding", "query_embedding", "serving_default")

    def __init__(self, _: str) -> None:
        pass

    def outputs(self, _: str) -> list[str]:
        return ["candidate_ids", "scores"]

    def types(self, signature: str) -> dict[str, str]:
        key = "product" if signature == "candidate_embedding" else "customer"
        return {key: "string"}

    def call(
        self, signature: str, rows: dict[str, list[Any]], pasts: Any = None, of: Any = None
    ) -> dict[str, Any]:
        if signature == "candidate_embedding":
            return {"embedding": _circle([int(one[1:]) for one in rows["product"]])}
        firsts = [int(one or 0) % len(PRODUCTS) for one in rows["customer"]]
        if signature == "query_embedding":
            return {"embedding": _circle([first + 0.1 for first in firsts])}
        order = [[b"p%d" % ((first + at) % len(PRODUCTS)) for at in range(5)] for first in firsts]
        return {
            "candidate_ids": np.array(order),
            "scores": np.tile(np.linspace(1, 0, 5), (len(order), 1)),
        }


def _circle(places: list[float] | list[int]) -> Any:
    angles = np.array(places) * 2 * math.pi / len(PRODUCTS)
    return np.stack([np.cos(angles), np.sin(angles)], axis=1).astype(np.float32)


def job(folder: Path, quick_test_id: str = "qt-1") -> str:
    """Writes what a job leaves; returns its URI."""
    folder.mkdir(parents=True)
    code = CodeArtifact(uri="file:///code.py", sha256="0" * 64)
    request = JobRequest(
        job_id="job",
        quick_test_id=quick_test_id,
        preprocessing=code,
        trainer=code,
        examples=ExamplesSpec(
            source=FileSource(kind="csv", uri="data.csv"),
            features=FEATURES,
            query_keys=["customer"],
            candidate_keys=["product", "colour", "title", "price", "since"],
            customer_key="customer",
            product_key="product",
        ),
        vocabularies=[],
        epochs=1,
        output_uri=folder.as_uri(),
    )
    (folder / REQUEST_FILE).write_text(request.model_dump_json())
    places = Locations(str(folder))
    rows = {
        "customer": [one for one in CUSTOMERS for _ in range(2)],
        "product": [PRODUCTS[row % 5] for row in range(2 * len(CUSTOMERS))],
    }
    write_parquet(pa.table(rows), places.examples("train"))
    attributes = [
        {
            "product": product,
            "colour": colour,
            "title": f"No. {product}",
            "price": price,
            "since": at,
        }
        for product, colour, price, at in zip(PRODUCTS, COLOURS, PRICES, SINCE, strict=True)
    ]
    table = {
        "product_id": PRODUCTS,
        "name": ["Apple", *[""] * 5],
        "attributes": attributes,
        "category": ["fruit", "", *["fruit"] * 4],
        "available": AVAILABLE,
    }
    pq.write_table(pa.table(table), places.candidates)
    return folder.as_uri()
