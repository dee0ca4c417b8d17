"""What columns probably mean, by their names."""

from __future__ import annotations

import pytest

from shared.rules.roles import guess_roles


@pytest.mark.parametrize(
    ("columns", "roles"),
    [
        (["UserId", "sku", "mood"], {"UserId": "customer_id", "sku": "product_id"}),
        (
            ["user id", "household_id", "item_id", "Order Date"],
            {"user id": "customer_id", "item_id": "product_id", "Order Date": "transaction_date"},
        ),
        (["product_id", "item_id"], {"product_id": "product_id"}),
        (["brand", "city"], {"brand": "product_brand", "city": "customer_city"}),
        (
            ["product_weight", "user_age"],
            {"product_weight": "product_weight", "user_age": "customer_age"},
        ),
    ],
)
def test_roles_are_guessed_from_names(columns: list[str], roles: dict[str, str]) -> None:
    assert guess_roles(columns, {}) == roles


def test_a_guess_never_contradicts_what_was_said() -> None:
    said = {"sku": "customer_id"}
    assert guess_roles(["sku", "user_id", "item"], said) == {**said, "item": "product_id"}
