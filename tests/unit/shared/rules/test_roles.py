"""What columns probably mean, by their types, values and names."""

from __future__ import annotations

import random

import pytest

from shared.columns import Column, ColumnType
from shared.rules.roles import guess_roles

KINDS = {kind.value[0]: kind for kind in ColumnType}  # S I F T B


def columns(text: str) -> list[Column]:
    """`user:S age:I` are two columns."""
    pairs = (part.rsplit(":", 1) for part in text.split())
    return [Column(name=name.replace("~", " "), type=KINDS[kind]) for name, kind in pairs]


def guessed(text: str, rows=None) -> dict[str, str]:
    return guess_roles(columns(text), {}, rows)


@pytest.mark.parametrize(
    ("text", "roles"),
    [
        ("UserId:S sku:I mood:S", {"UserId": "customer_id", "sku": "product_id"}),
        (
            "user~id:I household_id:I item_id:I Order~Date:T",
            {"user id": "customer_id", "item_id": "product_id", "Order Date": "transaction_date"},
        ),
        ("product_id:S item_id:S", {"product_id": "product_id"}),
        ("brand:S city:S", {"brand": "product_brand", "city": "customer_city"}),
        (
            "product_weight:F user_age:I",
            {"product_weight": "product_weight", "user_age": "customer_age"},
        ),
        (
            "customer_id:S product_id:I trans_date:T city:S category:S subcategory:S revenue:F "
            "quantity:I user_rating:I",
            {
                "customer_id": "customer_id",
                "product_id": "product_id",
                "trans_date": "transaction_date",
                "city": "customer_city",
                "category": "category",
                "subcategory": "subcategory",
                "revenue": "revenue",
                "quantity": "quantity",
                "user_rating": "rating",
            },
        ),
        (
            "InvoiceNo:S StockCode:S Quantity:I InvoiceDate:T CustomerID:I",
            {
                "CustomerID": "customer_id",
                "StockCode": "product_id",
                "InvoiceDate": "transaction_date",
                "Quantity": "quantity",
            },
        ),
        (
            "Kundennummer:S Artikelnummer:S Kaufdatum:T Menge:I Bewertung:I",
            {
                "Kundennummer": "customer_id",
                "Artikelnummer": "product_id",
                "Kaufdatum": "transaction_date",
                "Menge": "quantity",
                "Bewertung": "rating",
            },
        ),
        (
            "userId:I movieId:I rating:F timestamp:I",
            {"userId": "customer_id", "movieId": "product_id", "rating": "rating"},
        ),
        ("msno:S song_id:S", {"msno": "customer_id", "song_id": "product_id"}),
        (
            "visitorid:I itemid:I transactionid:F",
            {"visitorid": "customer_id", "itemid": "product_id"},
        ),
        ("KdNr:S ArtNr:S", {"KdNr": "customer_id", "ArtNr": "product_id"}),
        (
            "id_cliente:S codigo_producto:S",
            {"id_cliente": "customer_id", "codigo_producto": "product_id"},
        ),
        ("hashed_user_id:S CustomerNo:I", {"CustomerNo": "customer_id"}),
    ],
)
def test_roles_are_guessed(text: str, roles: dict[str, str]) -> None:
    assert guessed(text) == roles


@pytest.mark.parametrize(
    "name",
    ["order_id", "invoice", "transaction_id", "row_number", "id", "order_item_id", "line_no"],
)
def test_what_numbers_purchases_is_neither_customer_nor_product(name: str) -> None:
    assert guessed(f"{name}:I") == {}


def test_a_role_is_never_given_to_a_column_of_a_type_that_it_does_not_take() -> None:
    assert guessed("customer_id:F product_id:B date:S rating:S quantity:S revenue:T sold:T") == {
        "sold": "transaction_date"
    }


@pytest.mark.parametrize(
    ("text", "time"),
    [
        ("whatever:T", "whatever"),
        ("trans_date:T", "trans_date"),
        ("updated_at:T order_date:T", "order_date"),
        ("review_date:T purchase_date:T", "purchase_date"),
        ("date:T order_approved_at:T order_purchase_timestamp:T", "order_purchase_timestamp"),
        ("created_at:T date:T", "date"),
        ("x:T created_at:T event_time:T", "event_time"),
        ("birth_date:T", None),
        ("signup_date:T delivered_on:T", None),
        ("date:S timestamp:I", None),
    ],
)
def test_the_time_of_purchase(text: str, time: str | None) -> None:
    found = [name for name, role in guessed(text).items() if role == "transaction_date"]
    assert found == ([time] if time else [])


def test_of_several_unnamed_times_the_finest_is_taken() -> None:
    rows = {"a": ["2024", "2024", "2024"], "b": ["2024-01", "2024-02", "2024-03"]}
    assert guessed("a:T b:T", rows) == {"b": "transaction_date"}


CUSTOMERS = [place % 20 for place in range(400)]
PRODUCTS = [place % 19 for place in range(400)]


def with_values(name: str, kind: str, values: list[object]) -> str | None:
    """The role of a column beside 20 customers and 19 products, 400 rows of both."""
    rows = {"user_id": CUSTOMERS, "item_id": PRODUCTS, name: values}
    return guessed(f"user_id:I item_id:I {name}:{kind}", rows).get(name)


DRAW = random.Random(7)
STARS = [DRAW.randint(1, 5) for _ in range(400)]
TENS = [DRAW.randint(1, 10) for _ in range(400)]


@pytest.mark.parametrize(
    ("name", "kind", "values", "role"),
    [
        ("user_rating", "I", STARS, "rating"),
        ("review_score", "I", STARS, "rating"),
        ("overall", "F", [float(star) for star in STARS], "rating"),
        ("opinion", "I", [1 + star for star in STARS], None),  # 2 to 6 is no usual scale
        ("opinion", "I", TENS, "rating"),
        ("opinion", "F", [ten / 2 for ten in TENS], "rating"),
        ("weekday", "I", STARS, None),
        ("num_items", "I", STARS, None),
        ("credit_score", "I", STARS, None),
        ("score", "F", [place / 400 for place in range(400)], None),
        ("imdb_rating", "I", [1 + product % 5 for product in PRODUCTS], None),
        ("item_rating", "I", [1 + product % 5 for product in PRODUCTS], "product_rating"),
        ("user_rating", "I", [1 + user % 5 for user in CUSTOMERS], "customer_rating"),
        ("avg_rating", "F", [float(star) for star in STARS], None),
        ("rating_count", "I", STARS, None),
    ],
)
def test_a_rating_is_few_values_that_vary_within_customers_and_products(
    name: str, kind: str, values: list[object], role: str | None
) -> None:
    assert with_values(name, kind, values) == role


def test_of_two_ratings_neither_becomes_an_attribute() -> None:
    rows = {"user_id": CUSTOMERS, "item_id": PRODUCTS, "rating": STARS, "user_rating": STARS}
    found = guessed("user_id:I item_id:I user_rating:I rating:I", rows)
    assert sorted(found.values()) == ["customer_id", "product_id", "rating"]


def test_a_candidate_that_differs_in_every_row_comes_last() -> None:
    rows = {"customer_id": [1, 2, 3, 4], "user_id": [7, 7, 8, 8]}
    assert guessed("customer_id:I user_id:I", rows) == {"user_id": "customer_id"}
    assert guessed("customer_id:I", rows) == {"customer_id": "customer_id"}


@pytest.mark.parametrize("name", ["itemDescription", "Product Name", "title", "Beschreibung"])
def test_without_ids_products_are_named_by_their_names(name: str) -> None:
    """As far as customers have several, and the names come again."""
    column = f"{name.replace(' ', '~')}:S"
    rows = {"Member_number": [1, 1, 2, 2], name: ["milk", "buns", "milk", "soda"]}
    assert guessed(f"Member_number:I {column}", rows)[name] == "product_id"
    with_id = {**rows, "sku": ["a", "b", "a", "c"]}
    assert guessed(f"Member_number:I {column} sku:S", with_id)["sku"] == "product_id"
    for values in (["Ann", "Ann", "Bob", "Bob"], ["a", "b", "c", "d"]):
        found = guessed(f"Member_number:I {column}", {**rows, name: values})
        assert "product_id" not in found.values()


def test_a_guess_never_contradicts_what_was_said() -> None:
    said = {"sku": "customer_id"}
    found = guess_roles(columns("sku:S user_id:S item:S"), said)
    assert found == {**said, "item": "product_id"}
