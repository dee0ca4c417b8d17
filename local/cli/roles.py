"""Roles of columns as they are said on the command line."""

from __future__ import annotations

from local.cli.client import UserError
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE


def given_roles(
    customer: str | None, product: str | None, timestamp: str | None, others: list[str]
) -> dict[str, str]:
    """By column. Raises UserError where one is not written as it should be, or has two roles."""
    given: dict[str, str] = {}
    pairs: list[tuple[str | None, str]] = [
        (customer, CUSTOMER_ID),
        (product, PRODUCT_ID),
        (timestamp, TRANSACTION_DATE),
    ]
    for other in others:
        column, equals, role = other.rpartition("=")
        if not equals or not column or not role:
            raise UserError(f"A role is given as COLUMN=ROLE. Received: {other!r}.")
        pairs.append((column, role))
    for named, meant in pairs:
        if named is None:
            continue
        if named in given:
            raise UserError(f"Column {named!r} has two roles: {given[named]} and {meant}.")
        given[named] = meant
    return given
