"""Events, products and customers: joined, filtered, counted, and the same in both databases."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from local.data.source import DuckDBDataSource
from shared.documents.dataset import DatasetSpec
from shared.examples import ExamplesSpec, RawFeature
from shared.gcp import bigquery
from shared.problems import InvalidError
from shared.rules.tables import check_known
from shared.rules.views import view_of
from tests.integration.three_tables import (
    EVENTS,
    MAPPING,
    PRODUCTS,
    Warehouse,
    dataset,
    in_bigquery,
    in_files,
    profiled,
)
from trainer_image.examples import read as stage
from trainer_image.examples.read import Examples, read_examples
from trainer_image.examples.tables import load_examples, save_examples
from trainer_image.examples.warehouse import query_sample
from trainer_image.job.locations import Locations

FEATURES = {
    "who": "text",
    "sku": "text",
    "at": "timestamp",
    "products_price": "number",
    "name": "text",
    "city": "text",
    "price": "number",
}


def examples_spec(found: Any, **changes: Any) -> ExamplesSpec:
    view = view_of(
        found.spec,
        found.spec.column_mapping,
        found.status.columns,
        found.status.sides,
        found.side_sources,
    )
    spec = ExamplesSpec.model_validate(
        {
            "source": found.source,
            "features": [
                RawFeature(key=column, column=column, type=kind)
                for column, kind in FEATURES.items()
            ],
            "query_keys": ["who", "at", "city"],
            "candidate_keys": ["sku", "products_price", "name", "price"],
            "customer_key": "who",
            "product_key": "sku",
            "timestamp_column": "at",
            "name_column": "name",
            "sample_percent": 100,
            "holdout_fraction": 0.3,
            **changes,
        }
    )
    return spec.model_copy(update={"view": view.of_columns(spec.columns)})


def rows_of(examples: Examples) -> list[tuple[str, str, str]]:
    rows = examples.train.to_pylist() + examples.eval.to_pylist()
    return sorted((row["who"], row["sku"], row["city"]) for row in rows)


def test_events_are_joined_with_products_and_customers(tmp_path: Path) -> None:
    found = profiled(tmp_path / "home", in_files(tmp_path))
    assert check_known(found.spec, found.status) == []
    columns = {column.name: column for column in found.status.columns}
    # The products' price has its table's name before it, because events have a price too.
    assert list(columns) == [
        *("who", "sku", "at", "kind", "price"),
        *("name", "products_price", "stock", "updated", "city"),
    ]
    assert columns["name"].statistics is not None
    assert set(columns["name"].statistics.samples) == {"Apple new", "Bread", "Cream"}
    products, customers = found.status.sides["products"], found.status.sides["customers"]
    assert (products.rows, products.missing_keys, products.duplicates) == (7, 1, 1)
    assert (products.orphans, products.unused, products.unavailable) == (1, 2, 2)
    assert (customers.rows, customers.orphans, customers.unused) == (3, 2, 1)
    assert customers.unavailable is None


def test_what_is_left_out_is_counted_and_told(tmp_path: Path) -> None:
    spec = in_files(tmp_path)
    found = DuckDBDataSource(tmp_path / "home").profile(
        spec.source, spec.column_mapping, None, spec
    )
    assert found.rows is not None
    assert found.rows.told == [
        "Of 10 rows of the source, 1 does not meet the conditions or dates, 1 is of a kind that is "
        "left out, 2 take back 1 other.",
        "Of 5 rows read, 1 (20.0%) is dropped: 1 without a product.",
    ]
    assert (
        "Rows by kind ('kind'): 'purchase' 7 (targets), 'return' 2 (take one back), 'view' 1 "
        "(left out, not named)." in found.notes
    )


def test_products_never_sold_are_candidates_and_unavailable_ones_are_marked(
    tmp_path: Path,
) -> None:
    found = profiled(tmp_path / "home", in_files(tmp_path))
    wanted = examples_spec(found)
    examples = read_examples(wanted)
    assert rows_of(examples) == [
        *(("1", "a", "Ulm"), ("2", "b", "Bonn"), ("2", "c", "Bonn"), ("3", "x", ""))
    ]
    # The latest row of a counts; d was never sold; e was not and is out of stock; x is in no table.
    assert examples.candidates["sku"].to_pylist() == ["a", "b", "c", "d", "x"]
    assert examples.names.to_pylist() == ["Apple new", "Bread", "Cream", "Dates", ""]
    assert examples.available is not None
    assert examples.available.to_pylist() == [False, True, True, True, True]
    prices = examples.candidates["products_price"].to_pylist()
    assert prices[:4] == [2.5, 2.5, 9.5, 9.5]
    assert prices[4] != prices[4]
    assert examples.rows.selected is not None
    assert examples.rows.selected.taken_back == 1
    places = Locations(str(tmp_path / "job"))
    save_examples(examples, wanted, places)
    assert load_examples(places).available == examples.available


def test_bigquery_finds_and_reads_the_same(tmp_path: Path, monkeypatch: Any) -> None:
    here = profiled(tmp_path / "home", in_files(tmp_path))
    warehouse = Warehouse()
    spec = in_bigquery()
    there = dataset(spec, warehouse.profile(spec))
    assert [c.name for c in there.status.columns] == [c.name for c in here.status.columns]
    assert check_known(there.spec, there.status) == []
    counts = ("rows", "missing_keys", "duplicates", "orphans", "unused", "unavailable")
    for name, side in here.status.sides.items():
        other = there.status.sides[name]
        assert [getattr(side, one) for one in counts] == [getattr(other, one) for one in counts]
        assert other.as_of == there.status.as_of is not None
    monkeypatch.setattr(
        stage, "sampled_rows", lambda wanted, source: query_sample(wanted, source, warehouse)
    )
    monkeypatch.setattr(stage, "fingerprint_now", lambda source: "now")
    read, expected = read_examples(examples_spec(there)), read_examples(examples_spec(here))
    for split, rows in expected.splits().items():
        assert [tuple(map(repr, row.values())) for row in read.splits()[split].to_pylist()] == [
            tuple(map(repr, row.values())) for row in rows.to_pylist()
        ], split
    assert (read.names, read.available) == (expected.names, expected.available)
    assert read.rows.selected is not None
    assert expected.rows.selected is not None
    assert read.rows.selected.taken_back == expected.rows.selected.taken_back
    sample = next(query for query in warehouse.asked if " AS f0" in query)
    # By bare columns, so that BigQuery passes over partitions; all tables as of one moment.
    assert "(`at` >= TIMESTAMP '2024-01-01 00:00:00+00:00')" in sample
    at = "FOR SYSTEM_TIME AS OF TIMESTAMP '2025-02-01 00:00:00"
    assert max(query.count(at) for query in warehouse.asked) >= 3


VIEWS = (
    EVENTS
    + """1,a,2024-01-01 07:00:00,cart,
2,a,2024-01-09 08:00:00,view,
2,d,2024-01-02 08:00:00,view,
4,a,2024-01-02 08:00:00,view,
2,b,,view,
1,b,2023-01-02 08:00:00,view,
"""
)
WITH_HISTORY = {
    "events": {
        "column": "kind",
        "kinds": {"purchase": "target", "return": "negative", "view": "history"},
        "weights": {"view": 0.5},
    }
}


def test_views_are_read_beside_the_purchases_as_history_alone(
    tmp_path: Path, monkeypatch: Any
) -> None:
    """Within the dates, with a time, of whom and what has training rows; in both databases."""
    here = profiled(tmp_path / "home", in_files(tmp_path, WITH_HISTORY, events=VIEWS))
    warehouse = Warehouse(events=VIEWS)
    spec = in_bigquery(WITH_HISTORY)
    there = dataset(spec, warehouse.profile(spec))
    monkeypatch.setattr(
        stage, "sampled_rows", lambda wanted, source: query_sample(wanted, source, warehouse)
    )
    monkeypatch.setattr(stage, "fingerprint_now", lambda source: "now")
    kind = RawFeature(key="kind", column="kind", type="text")
    plain = read_examples(examples_spec(here))
    assert plain.history is None
    for found in (here, there):
        assert check_known(found.spec, found.status) == []
        asked = examples_spec(found, kind_key="kind")
        read = read_examples(asked.model_copy(update={"features": [*asked.features, kind]}))
        assert read.rows.selected is not None
        assert read.rows.selected.history == 4
        assert rows_of(read) == rows_of(plain)
        assert read.train.drop(["kind"]).to_pylist().__repr__() == repr(plain.train.to_pylist())
        assert set(read.train["kind"].to_pylist()) == {"purchase"}
        assert read.history is not None
        trained = [(row["who"], row["sku"]) for row in plain.train.to_pylist()]
        who, what = ({pair[place] for pair in trained} for place in (0, 1))
        viewed = [("1", "a", "2024-01-01 08:00"), ("2", "a", "2024-01-09 08:00")]
        expected = [
            (customer, product, int(datetime.fromisoformat(f"{at}+00:00").timestamp()), "view")
            for customer, product, at in viewed
            if customer in who and product in what
        ]
        assert expected
        found_rows = read.history.select(["who", "sku", "at", "kind"]).to_pylist()
        assert [tuple(row.values()) for row in found_rows] == expected
        assert read.history["city"].to_pylist() == [""] * len(expected)
    save_examples(read, asked, Locations(str(tmp_path / "job")))
    kept = load_examples(Locations(str(tmp_path / "job"))).history
    assert kept is not None
    assert [list(row.values()) for row in kept.select(["who", "sku", "kind"]).to_pylist()] == [
        [customer, product, kind] for customer, product, _, kind in expected
    ]


def test_a_return_takes_back_the_latest_purchase_before_it_that_is_left(tmp_path: Path) -> None:
    """Against a stack for each customer and product, in both databases."""
    draw = random.Random(3)
    start = datetime(2024, 1, 1, tzinfo=UTC)
    events = [
        (draw.randrange(3), draw.choice("ab"), start + timedelta(hours=n), kind, n)
        for n in range(300)
        for kind in [draw.choice(["purchase", "purchase", "return", "view"])]
    ]
    stacks: dict[Any, list[int]] = {}
    for who, sku, _, kind, number in events:
        stack = stacks.setdefault((who, sku), [])
        if kind == "purchase":
            stack.append(number)
        elif kind == "return" and stack:
            stack.pop()
    left = sorted(number for stack in stacks.values() for number in stack)
    draw.shuffle(events)
    lines = [f"{who},{sku},{at:%Y-%m-%d %H:%M:%S},{kind},{n}" for who, sku, at, kind, n in events]
    text = "\n".join(["who,sku,at,kind,price", *lines])
    only = {"products": None, "customers": None, "dates": None}
    mapping = {name: role for name, role in MAPPING.items() if name != "name"}
    changes = {**only, "column_mapping": mapping}
    here = profiled(tmp_path / "home", in_files(tmp_path, changes, events=text))
    warehouse, spec = Warehouse(events=text), in_bigquery(changes)
    there = warehouse.profile(spec)
    assert here.status.row_count == there.row_count == len(left)
    keep = {"who": "text", "sku": "text", "at": "timestamp", "price": "number"}
    wanted = examples_spec(
        here,
        features=[RawFeature(key=name, column=name, type=kind) for name, kind in keep.items()],
        query_keys=["who", "at"],
        candidate_keys=["sku"],
        name_column=None,
    )
    examples = read_examples(wanted)
    rows = examples.train.to_pylist() + examples.eval.to_pylist()
    assert sorted(int(row["price"]) for row in rows) == left


def test_a_return_without_a_time_is_after_all_purchases(tmp_path: Path) -> None:
    lines = ["who,sku,at,kind,price", "1,a,2024-01-02,purchase,5", "1,a,,return,"]
    text = "\n".join([*lines, "2,b,2024-01-02,purchase,1", ""])
    mapping = {name: role for name, role in MAPPING.items() if name != "name"}
    changes = {"products": None, "customers": None, "dates": None, "column_mapping": mapping}
    found = profiled(tmp_path / "home", in_files(tmp_path, changes, events=text))
    assert found.status.row_count == 1


CONDITIONS: list[tuple[dict[str, Any], int]] = [
    ({"column": "who", "op": "==", "value": 3}, 3),
    ({"column": "who", "op": "in", "values": [1, 2]}, 7),
    ({"column": "who", "op": "not in", "values": [1, 2]}, 3),
    ({"column": "who", "op": "<", "value": 3}, 7),
    ({"column": "who", "op": ">=", "value": 2}, 6),
    ({"column": "sku", "op": "==", "value": "a"}, 4),
    ({"column": "sku", "op": "!=", "value": "a"}, 6),
    ({"column": "sku", "op": "missing"}, 1),
    ({"column": "sku", "op": "present"}, 9),
    ({"column": "price", "op": ">", "value": 5.5}, 8),
    ({"column": "price", "op": "!=", "value": 8}, 6),
    ({"column": "price", "op": "missing"}, 1),
    ({"column": "at", "op": ">", "value": "2024-01-06T08:00:00Z"}, 2),
    ({"column": "at", "op": ">=", "value": "2024-01-06T08:00:00Z"}, 3),
    ({"column": "at", "op": "<=", "value": "2024-01-02T08:00:00+00:00"}, 3),
    ({"column": "at", "op": "==", "value": "2024-01-07T08:00:00"}, 2),
    ({"column": "kind", "op": "not in", "values": ["view", "return"]}, 7),
    ({"column": "name", "op": "==", "value": "Cream"}, 2),
    ({"column": "stock", "op": "<", "value": 1}, 4),
    ({"column": "city", "op": "missing"}, 3),
    ({"column": "updated", "op": "<", "value": "2024-01-31T00:00:01"}, 4),
    ({"column": "updated", "op": "==", "value": "2024-02-01"}, 4),
]


@pytest.fixture
def unreported(monkeypatch: pytest.MonkeyPatch) -> None:
    """The report's queries, which take the most to be translated, ask for other things."""
    monkeypatch.setattr(bigquery, "insight_of", lambda *_: None)


@pytest.mark.usefixtures("unreported")
@pytest.mark.parametrize(("condition", "left"), CONDITIONS)
def test_conditions_leave_the_same_rows_in_both(
    tmp_path: Path, condition: dict[str, Any], left: int
) -> None:
    changes = {"where": [condition], "dates": None, "events": None}
    found = profiled(tmp_path / "home", in_files(tmp_path, changes))
    assert found.status.row_count == left
    assert Warehouse().profile(in_bigquery(changes)).row_count == left


@pytest.mark.usefixtures("unreported")
@pytest.mark.parametrize(
    ("dates", "left"),
    [
        ({"since": "2024-01-04"}, 6),
        ({"until": "2024-01-04T08:00:00Z"}, 4),
        ({"since": "2024-01-02T08:00:00", "until": "2024-01-05T08:00:00"}, 4),
    ],
)
def test_a_window_has_its_beginning_and_not_its_end(
    tmp_path: Path, dates: dict[str, str], left: int
) -> None:
    changes = {"dates": dates, "events": None}
    assert profiled(tmp_path / "home", in_files(tmp_path, changes)).status.row_count == left
    assert Warehouse().profile(in_bigquery(changes)).row_count == left


WRONG: list[tuple[dict[str, Any], str, str]] = [
    ({"products": {"key": "sku"}}, "spec.products.key", "The dataset has no column 'sku'."),
    ({"products": {"key": "price"}}, "spec.products.key", "'price' is FLOAT"),
    ({"products": {"key": "id", "latest_by": "stock"}}, "spec.products.latest_by", "TIMESTAMP"),
    ({"products": {"key": "id", "latest_by": "id"}}, "spec.products.latest_by", "is the table's"),
    (
        {"products": {"key": "id", "available": {"column": "stok", "op": "==", "value": 1}}},
        "spec.products.available.column",
        "Did you mean 'stock'?",
    ),
    (
        {"products": {"key": "id", "available": {"column": "stock", "op": "==", "value": "y"}}},
        "spec.products.available.value",
        "give a whole number",
    ),
    (
        {"where": [{"column": "shop", "op": "==", "value": "x"}]},
        "spec.where[0].column",
        "The dataset has no column 'shop'.",
    ),
    (
        {"where": [{"column": "at", "op": "<", "value": "soon"}]},
        "spec.where[0].value",
        "give a time, such as 2024-01-31",
    ),
    (
        {"where": [{"column": "kind", "op": "<", "value": "view"}]},
        "spec.where[0].op",
        "has no order",
    ),
    (
        {"where": [{"column": "who", "op": "in", "values": [1, "x"]}]},
        "spec.where[0].values[1]",
        "give a whole number",
    ),
    (
        {"events": {"column": "kinds", "kinds": {"purchase": "target"}}},
        "spec.events.column",
        "Did you mean 'kind'?",
    ),
    (
        {"events": {"column": "sku", "kinds": {"a": "target"}}},
        "spec.events.column",
        "says who, what or when",
    ),
    (
        {"events": {"column": "kind", "kinds": {"sale": "target"}}},
        "spec.events",
        "No row is left.",
    ),
    ({"where": [{"column": "who", "op": "==", "value": 9}]}, "spec.where", "No row is left."),
    ({"dates": {"since": "2030-01-01"}}, "spec.dates", "No row is left."),
    (
        {"column_mapping": {"who": "customer_id", "sku": "product_id"}},
        "spec.dates",
        "transaction_date",
    ),
]


@pytest.mark.parametrize(("changes", "path", "words"), WRONG)
def test_what_does_not_fit_is_named_with_its_field(
    tmp_path: Path, changes: dict[str, Any], path: str, words: str
) -> None:
    spec = in_files(tmp_path, changes)
    with pytest.raises(InvalidError) as caught:
        DuckDBDataSource(tmp_path / "home").profile(spec.source, spec.column_mapping, None, spec)
    problem = caught.value.problems[0]
    assert problem.path == path
    assert words in problem.message


def test_a_table_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    spec = in_files(tmp_path)
    (tmp_path / "customers.csv").unlink()
    with pytest.raises(InvalidError) as caught:
        DuckDBDataSource(tmp_path / "home").profile(spec.source, spec.column_mapping, None, spec)
    assert [problem.path for problem in caught.value.problems] == ["spec.customers.source.uri"]


def test_keys_are_joined_as_ids_are_written(tmp_path: Path) -> None:
    """1003.0 is customer 1003; product 00007 is not product 7; -0 is 0."""
    events = "who,sku,at\n1003.0,00007,2024-01-01\n5.0,7,2024-01-02\n0,8,2024-01-03\n"
    products = "id,name\n00007,Padded\n7,Bare\n8,Eight\n"
    customers = "number,city\n1003,Ulm\n5,Bonn\n-0,Kiel\n"
    changes = {"products": {"key": "id"}, "dates": None, "events": None}
    spec = in_files(tmp_path, changes, events=events, products=products, customers=customers)
    found = profiled(tmp_path / "home", spec)
    assert [side.orphans for side in found.status.sides.values()] == [0, 0]
    examples = read_examples(
        examples_spec(
            found,
            features=[
                RawFeature(key=name, column=name, type="text", form=form)
                for name, form in [
                    *(("who", "integer"), ("sku", "written"), ("name", "written")),
                    ("city", "written"),
                ]
            ],
            query_keys=["who", "city"],
            candidate_keys=["sku", "name"],
        )
    )
    rows = examples.train.to_pylist() + examples.eval.to_pylist()
    assert sorted(tuple(row.values()) for row in rows) == [
        ("0", "8", "Eight", "Kiel"),
        ("1003", "00007", "Padded", "Ulm"),
        ("5", "7", "Bare", "Bonn"),
    ]


def test_of_rows_with_one_key_and_no_time_the_same_counts_each_time(tmp_path: Path) -> None:
    changes = {"products": {"key": "id"}}
    names = set()
    for place, lines in enumerate((PRODUCTS, _reversed(PRODUCTS))):
        folder = tmp_path / str(place)
        folder.mkdir()
        found = profiled(folder / "home", in_files(folder, changes, products=lines))
        examples = read_examples(examples_spec(found))
        names.add(examples.names.to_pylist()[0])
    assert len(names) == 1


def _reversed(text: str) -> str:
    head, *lines = text.strip().split("\n")
    return "\n".join([head, *reversed(lines)])


def test_odd_names_of_columns_do_no_harm(tmp_path: Path) -> None:
    odd = 'o"d; DROP TABLE x --'
    products = PRODUCTS.replace("stock", f'"{odd.replace(chr(34), chr(34) * 2)}"', 1)
    events = EVENTS.replace("price", "side_key", 1)
    value = "'); DROP TABLE x; --"
    changes = {
        "products": {"key": "id", "available": {"column": odd, "op": ">", "value": 0}},
        "where": [{"column": "kind", "op": "not in", "values": [value, "\\", "`", "\n"]}],
    }
    found = profiled(
        tmp_path / "home", in_files(tmp_path, changes, products=products, events=events)
    )
    assert found.status.row_count == 5
    assert found.status.sides["products"].unavailable in (1, 2)


def test_a_query_is_a_source_and_its_moment_is_pinned() -> None:
    warehouse = Warehouse()
    query = "SELECT * FROM `shop.sales.events` FOR SYSTEM_TIME AS OF @as_of -- all of it"
    changes = {
        "products": None,
        "customers": None,
        "column_mapping": dict(list(MAPPING.items())[:3]),
    }
    spec = in_bigquery(changes)
    source = {"kind": "bigquery", "query": query}
    asked = DatasetSpec.model_validate({**spec.model_dump(mode="json"), "source": source})
    assert asked.model_dump(mode="json")["source"] == {**source, "as_of": None}
    found = warehouse.profile(asked)
    assert found.row_count == 5
    assert found.as_of is not None
    assert found.source_fingerprint is not None
    assert "@as_of" not in "".join(warehouse.asked)
    unpinned = {"kind": "bigquery", "query": "SELECT * FROM `shop.sales.events`;"}
    loose = DatasetSpec.model_validate({**spec.model_dump(mode="json"), "source": unpinned})
    found = warehouse.profile(loose)
    assert (found.as_of, found.source_fingerprint) == (None, None)
    assert any("has no past" in note for note in found.notes)


def test_a_query_that_is_none_is_refused() -> None:
    warehouse = Warehouse()
    warehouse.statement_type = "SCRIPT"
    spec = in_bigquery()
    source = {"kind": "bigquery", "query": "SELECT 1 AS who"}
    with pytest.raises(InvalidError) as caught:
        warehouse.profile(
            DatasetSpec.model_validate({**spec.model_dump(mode="json"), "source": source})
        )
    (problem,) = caught.value.problems
    assert (problem.path, problem.code) == ("spec.source.query", "no_query")
    assert "one SELECT" in problem.message


def test_a_flat_table_is_written_and_read_as_before(tmp_path: Path) -> None:
    path = tmp_path / "events.csv"
    path.write_text(EVENTS)
    before = {"source": {"kind": "csv", "uri": str(path)}, "column_mapping": MAPPING}
    spec = DatasetSpec.model_validate(before)
    assert spec.model_dump(mode="json") == before
    assert spec.plain
    source = DuckDBDataSource(tmp_path / "home")
    one = source.profile(spec.source, spec.column_mapping, None, spec)
    other = source.profile(spec.source, spec.column_mapping, None)
    assert one == other


def test_the_connection_opens_no_other_files(tmp_path: Path) -> None:
    """Nothing of a view is SQL that a user writes; a condition's value stays a value."""
    condition = {"column": "kind", "op": "==", "value": "x' OR read_text('/etc/passwd') <> '"}
    spec = in_files(tmp_path, {"where": [condition]})
    with pytest.raises(InvalidError, match="No row is left"):
        DuckDBDataSource(tmp_path / "home").profile(spec.source, spec.column_mapping, None, spec)
