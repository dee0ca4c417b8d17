"""What is said of a dataset that cannot be used."""

from __future__ import annotations

import pytest
from scenario import COLUMNS, MAPPING, URI, column

from shared.documents.dataset import DatasetSpec
from shared.rules.dataset import check_dataset


def spec(mapping: dict[str, str]) -> DatasetSpec:
    return DatasetSpec.model_validate(
        {"source": {"kind": "parquet", "uri": URI}, "column_mapping": mapping}
    )


IDS = {"customer": "customer_id", "product": "product_id"}

BAD = {
    "a mapped column that is not there, with the nearest name": (
        {**IDS, "deparment": "category"},
        COLUMNS,
        "spec.column_mapping.deparment",
        "unknown_column",
        "The dataset has no column 'deparment'. Did you mean 'department'?",
        "deparment",
    ),
    "a mapped column in other case": (
        {**IDS, "CITY": "customer_city"},
        COLUMNS,
        "spec.column_mapping.CITY",
        "unknown_column",
        "The dataset has no column 'CITY'. Did you mean 'city'?",
        "CITY",
    ),
    "nothing like it": (
        {**IDS, "zzz": "category"},
        [column("customer", "STRING"), column("product", "STRING")],
        "spec.column_mapping.zzz",
        "unknown_column",
        "The dataset has no column 'zzz'. It has 'customer', 'product'.",
        "zzz",
    ),
    "no customer": (
        {"product": "product_id"},
        COLUMNS,
        "spec.column_mapping",
        "missing_role",
        "No column is mapped to 'customer_id'. Training needs exactly one.",
        {"product": "product_id"},
    ),
    "no product": (
        {"customer": "customer_id"},
        COLUMNS,
        "spec.column_mapping",
        "missing_role",
        "No column is mapped to 'product_id'. Training needs exactly one.",
        {"customer": "customer_id"},
    ),
    "two customers": (
        {**IDS, "city": "customer_id"},
        COLUMNS,
        "spec.column_mapping.city",
        "duplicate_role",
        "2 columns are mapped to 'customer_id': 'customer', 'city'. Keep one of them.",
        "customer_id",
    ),
    "a date that is text": (
        {**IDS, "title": "transaction_date"},
        COLUMNS,
        "spec.column_mapping.title",
        "role_type",
        "Column 'title' is STRING; the role 'transaction_date' takes TIMESTAMP.",
        "STRING",
    ),
    "an id that is a fraction": (
        {"price": "customer_id", "product": "product_id"},
        COLUMNS,
        "spec.column_mapping.price",
        "role_type",
        "Column 'price' is FLOAT; the role 'customer_id' takes STRING or INTEGER.",
        "FLOAT",
    ),
    "no columns": (
        IDS,
        [],
        "spec.source",
        "no_columns",
        "The source has no columns. It needs a customer's and a product's id.",
        None,
    ),
    "a column twice": (
        IDS,
        [*COLUMNS, column("city", "STRING")],
        "spec.source",
        "duplicate_column",
        "Column 'city' appears twice. Give every column a name of its own.",
        "city",
    ),
    "columns that differ in case": (
        IDS,
        [*COLUMNS, column("City", "STRING")],
        "spec.source",
        "duplicate_column",
        "Column 'City' differs from 'city' only in case. Give every column a name of its own.",
        "City",
    ),
}


@pytest.mark.parametrize(
    ("mapping", "columns", "path", "code", "message", "received"), BAD.values(), ids=BAD
)
def test_names_the_field_what_was_received_and_what_would_be_right(
    mapping, columns, path, code, message, received
):
    (problem,) = check_dataset(spec(mapping), columns)
    assert problem.model_dump() == {
        "path": path,
        "code": code,
        "message": message,
        "received": received,
        "level": "error",
    }


def test_accepts_a_dataset_whose_columns_fit_their_roles():
    assert check_dataset(spec(MAPPING), COLUMNS) == []


@pytest.mark.parametrize(
    ("kind", "name", "says"),
    [
        ("TIMESTAMP", "sold", "map it to 'transaction_date'"),
        ("TIMESTAMP", "birth_date", "not that of a purchase"),
        ("STRING", "date", "'date' is STRING: not all of its values can be read as times"),
        ("INTEGER", "timestamp", "no seconds or the like since 1970"),
        ("FLOAT", "event_ts", "no seconds or the like since 1970"),
    ],
)
def test_a_time_of_purchase_that_is_not_used_is_warned_of(kind, name, says):
    columns = [column("customer", "STRING"), column("product", "STRING"), column(name, kind)]
    (problem,) = check_dataset(spec(IDS), columns)
    assert (problem.level, problem.code) == ("warning", "no_transaction_date")
    assert problem.path == f"spec.column_mapping.{name}"
    assert says in problem.message
    assert "at random" in problem.message


def test_other_columns_are_not_taken_for_times():
    columns = [column(name, "STRING") for name in ("customer", "product", "city", "runtime")]
    assert check_dataset(spec(IDS), columns) == []


def test_a_rating_is_a_number():
    (problem,) = check_dataset(spec({**MAPPING, "title": "rating"}), COLUMNS)
    assert problem.message == "Column 'title' is STRING; the role 'rating' takes INTEGER or FLOAT."


def test_reports_everything_at_once():
    problems = check_dataset(spec({"title": "transaction_date", "nope": "category"}), COLUMNS)
    assert [problem.code for problem in problems] == [
        "unknown_column",
        "missing_role",
        "missing_role",
        "role_type",
    ]
