"""Rules of lists as they are given on the command line."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from local.cli.client import UserError
from local.cli.joining import condition

Where = Annotated[
    list[str] | None,
    typer.Option(
        metavar="CONDITION",
        help="Only products that meet it: 'price<=20', 'category in Bakery,Dairy', "
        "'brand not in Acme', 'organic'. A value that reads like a number, or has spaces at its "
        "ends, stands in quotation marks: \"size in '12'\". May be repeated; all hold.",
    ),
]
NotBoughtDays = Annotated[
    float | None,
    typer.Option(metavar="DAYS", help="No product that the customer bought within so many days."),
]
Only = Annotated[
    list[str] | None,
    typer.Option(metavar="PRODUCT", help="Only this product, by its id; may be repeated."),
]
Except = Annotated[
    list[str] | None,
    typer.Option(
        "--except", metavar="PRODUCT", help="Not this product, by its id; may be repeated."
    ),
]
CapOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="COLUMN=N", help="At most so many products of one value; may be repeated."
    ),
]
PinOption = Annotated[
    list[str] | None,
    typer.Option(
        metavar="PLACE=PRODUCT", help="A product at a place, the first being 1; may be repeated."
    ),
]


def rules_of(
    where: list[str] | None,
    not_bought_days: float | None,
    only: list[str] | None,
    excluded: list[str] | None,
    cap: list[str] | None,
    pin: list[str] | None,
) -> dict[str, Any] | None:
    """The rules as they are in JSON; None where none are given. Raises UserError."""
    filters = [_filter(text) for text in where or []]
    if not_bought_days is not None:
        filters.append({"type": "not_bought_within", "days": not_bought_days})
    filters += [
        {"type": kind, "product_ids": products}
        for kind, products in (("only", only), ("except", excluded))
        if products
    ]
    caps = [_cap(text) for text in cap or []]
    pins = [_pin(text) for text in pin or []]
    if not (filters or caps or pins):
        return None
    return {"filters": filters, "caps": caps, "pins": pins}


def _filter(text: str) -> dict[str, Any]:
    """
    >>> _filter("price<=20")
    {'type': 'range', 'column': 'price', 'max': 20}
    >>> _filter("category not in Bakery, Dairy")
    {'type': 'not_in', 'column': 'category', 'values': ['Bakery', 'Dairy']}
    """
    given = condition(text)
    column, op = given["column"], given["op"]
    if op in ("in", "not in"):
        return {"type": op.replace(" ", "_"), "column": column, "values": given["values"]}
    if op in ("==", "!="):
        kind = "in" if op == "==" else "not_in"
        return {"type": kind, "column": column, "values": [given["value"]]}
    if op in ("<=", ">="):
        number = given["value"]
        if isinstance(number, bool) or not isinstance(number, int | float):
            raise UserError(f"{op!r} compares with a number. Received: {text!r}.")
        return {"type": "range", "column": column, "max" if op == "<=" else "min": number}
    raise UserError(
        f"Rules know '<=', '>=', '=', '!=', 'in' and 'not in', not {op!r}. Received: {text!r}."
    )


def _cap(text: str) -> dict[str, Any]:
    column, equals, number = text.rpartition("=")
    if not equals or not column or not number.strip().isdecimal():
        raise UserError(f"A cap is given as COLUMN=N, such as category=2. Received: {text!r}.")
    return {"column": column, "at_most": int(number)}


def _pin(text: str) -> dict[str, Any]:
    place, equals, product = text.partition("=")
    if not equals or not product or not place.strip().isdecimal():
        raise UserError(f"A pin is given as PLACE=PRODUCT, such as 1=1029743. Received: {text!r}.")
    return {"product_id": product, "place": int(place)}
