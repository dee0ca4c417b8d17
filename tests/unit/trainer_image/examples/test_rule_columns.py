"""What rules of lists read of the products is kept with the examples, apart from the model's."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from shared.columns import ColumnType
from shared.columns.text_form import TextForm
from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec
from shared.views import Condition, Key, SideView, View
from trainer_image.examples.read import read_examples
from trainer_image.examples.tables import load_examples, save_examples
from trainer_image.job.locations import Locations

ROWS = 300
READ = [
    {"key": "price", "column": "Price", "type": "number"},
    {"key": "brand", "column": "brand", "type": "text"},
]


def spec(folder: Path, table: dict[str, list[Any]], **fields: Any) -> ExamplesSpec:
    uri = str(folder / "purchases.parquet")
    rows = {
        "who": [f"c{number % 40}" for number in range(ROWS)],
        "what": [f"p{number % 5}" for number in range(ROWS)],
        "when": [f"2024-01-01T00:{number // 60:02}:{number % 60:02}" for number in range(ROWS)],
        **table,
    }
    pq.write_table(pa.table(rows), uri)
    return ExamplesSpec.model_validate(
        {
            "source": {"kind": "parquet", "uri": uri},
            "features": [
                {"key": "who", "column": "who", "type": "text"},
                {"key": "what", "column": "what", "type": "text"},
            ],
            "query_keys": ["who"],
            "candidate_keys": ["what"],
            "customer_key": "who",
            "product_key": "what",
            "timestamp_column": "when",
            "sample_percent": 100,
            **fields,
        }
    )


def test_a_product_has_its_latest_known_value(tmp_path: Path) -> None:
    # p0 gets dearer; what comes after is held out; p1 has no price; p2 has lost its brand.
    prices = [None if n % 5 == 1 else float(n // 100) for n in range(ROWS)]
    brands = ["x" if n % 5 != 2 or n < 100 else None for n in range(ROWS)]
    asked = spec(tmp_path, {"Price": prices, "brand": brands}, rule_features=READ)
    found = read_examples(asked)
    assert found.columns is not None
    products = found.candidates["what"].to_pylist()
    assert products == ["p0", "p1", "p2", "p3", "p4"]
    values = found.columns["price"].to_pylist()
    assert values[1] != values[1]
    assert [values[row] for row in (0, 2, 3, 4)] == [2.0] * 4
    assert found.columns["brand"].to_pylist() == ["x"] * 5
    # Nothing of it is the model's.
    assert found.train.column_names == found.candidates.column_names == ["who", "what"]
    places = Locations(str(tmp_path / "job"))
    save_examples(found, asked, places)
    again = load_examples(places)
    assert again.columns is not None
    assert again.columns["brand"].to_pylist() == ["x"] * 5
    assert again.columns.column_names == ["price", "brand"]


def test_without_any_nothing_is_kept(tmp_path: Path) -> None:
    asked = spec(tmp_path, {})
    found = read_examples(asked)
    assert found.columns is None
    save_examples(found, asked, Locations(str(tmp_path / "job")))
    assert load_examples(Locations(str(tmp_path / "job"))).columns is None


def test_products_that_nobody_has_bought_have_those_of_their_table(tmp_path: Path) -> None:
    catalogue = str(tmp_path / "products.parquet")
    table = {
        "sku": [f"p{number}" for number in range(7)],
        "maker": ["a", "b", "c", "d", "e", "f", None],
        "price": [float(number) for number in range(7)],
    }
    pq.write_table(pa.table(table), catalogue)
    of = Key(column="what", form=TextForm.WRITTEN)
    condition = Condition(
        column="price", type=ColumnType.FLOAT, form=TextForm.WRITTEN, op=">=", values=[1.0]
    )
    side = SideView(
        source=FileSource(kind="parquet", uri=catalogue),
        key=Key(column="sku"),
        of=of,
        columns={"maker": "brand", "price": "Price"},
        available=[condition],
    )
    view = View(products=side)
    found = read_examples(spec(tmp_path, {}, rule_features=READ, view=view.model_dump()))
    assert found.columns is not None
    assert found.candidates["what"].to_pylist() == [f"p{number}" for number in range(7)]
    assert found.columns["brand"].to_pylist() == ["a", "b", "c", "d", "e", "f", ""]
    assert found.columns["price"].to_pylist() == [float(number) for number in range(7)]
