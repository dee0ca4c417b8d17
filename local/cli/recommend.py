"""`recsmith recommend`: what a quick test's model says to a customer."""

from __future__ import annotations

import re
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.client import UserError
from local.cli.given_rules import (
    CapOption,
    Except,
    NotBoughtDays,
    Only,
    PinOption,
    Where,
    rules_of,
)
from local.cli.output import out, user_errors, working
from local.cli.quick_tests import QuickTestArgument
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import show_applied, show_explanations, show_ratings, show_recommendations
from shared.predictions import MAX_K, ListName

_BOUGHT = 10  # products of a history that are shown
_DAYS = re.compile(r"[-+]?\d+(\.\d+)?")
_EVENT = re.compile(rf"(.+):({_DAYS.pattern})=(.*)", re.DOTALL)


def recommend(
    quick_test: QuickTestArgument,
    customer: Annotated[
        str | None, typer.Option(help="Id; other values are those of their latest training row.")
    ] = None,
    values: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="COLUMN=VALUE", help="A raw value; may be repeated."),
    ] = None,
    products: Annotated[
        list[str] | None,
        typer.Option("--rate", metavar="PRODUCT", help="Rate this product; may be repeated."),
    ] = None,
    which: Annotated[
        ListName,
        typer.Option(
            "--list", help="Of all products, of those bought before, or of those never bought."
        ),
    ] = ListName.ALL,
    history: Annotated[
        list[str] | None,
        typer.Option(
            metavar="PRODUCT[:DAYS[=KIND]]",
            help="Bought so many days ago, 0 by default; may be repeated. It replaces what the "
            "model knows of the customer. KIND is for models that tell kinds of events apart.",
        ),
    ] = None,
    where: Where = None,
    not_bought_days: NotBoughtDays = None,
    only: Only = None,
    excluded: Except = None,
    cap: CapOption = None,
    pin: PinOption = None,
    rules: Annotated[
        str | None,
        typer.Option("--rules", metavar="RULES", help="A rule set, by its id or name."),
    ] = None,
    k: Annotated[int, typer.Option(help="How many products.", min=1, max=MAX_K)] = 10,
    explain: Annotated[
        bool, typer.Option("--explain", help="Take the score of each product apart.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Recommend products, by a quick test's saved model.

    While the system is up, it keeps the model loaded and answers at once. Without a customer,
    columns that are not set are missing, which the model knows how to take.

    [bold]Examples[/bold]

      recsmith recommend qt-ab12 --customer 2375

      recsmith recommend qt-ab12 --customer 2375 --set store_id=321 --k 20

      recsmith recommend qt-ab12 --set household_id=2375

      recsmith recommend qt-ab12 --customer 2375 --list discover

      recsmith recommend qt-ab12 --history 1029743:3 --history 995242

      recsmith recommend qt-ab12 --history 1029743:3=view

      recsmith recommend qt-ab12 --customer 2375 --k 3 --explain

      recsmith recommend qt-ab12 --customer 2375 --where 'price<=20' --not-bought-days 30

      recsmith recommend qt-ab12 --customer 2375 --cap category=2 --pin 1=1029743

      recsmith recommend qt-ab12 --customer 2375 --rules "Front page"
    """
    with user_errors():
        body = {
            "customer_id": customer,
            "values": _values(values or []),
            "k": k,
            "product_ids": products or [],
            "list": which,
            "history": [_purchase(text) for text in history] if history else None,
            "explain": explain,
            "rules": rules_of(where, not_bought_days, only, excluded, cap, pin),
            "rule_set": rules,
        }
        if customer is None and not values and not history:
            raise UserError(
                "Say for whom: --customer ID, raw values by --set COLUMN=VALUE, such as "
                "--set household_id=2375, or purchases by --history PRODUCT:DAYS."
            )
        with connected(home) as api:
            found = find(api, "/api/quick-tests/", "quick test", quick_test)
            with working("Asking the model"):
                answer = api.post(f"/api/quick-tests/{found['id']}/predictions/", body)
        if not answer["known"] and not history:
            out.print("[note]The training rows have no such customer.[/]")
        if unknown := answer["unknown_products"]:
            told = ", ".join(escape(product) for product in unknown)
            out.print(f"[note]In no training row, and left out of the history: {told}.[/]")
        if not answer["recommendations"]:
            out.print("[note]There are no such products.[/]")
        show_recommendations(answer["recommendations"], answer["history"][:_BOUGHT])
        if (applied := answer["applied"]) is not None:
            show_applied(applied)
        if explain:
            show_explanations(answer["recommendations"])
        if answer["ratings"]:
            out.print()
            show_ratings("rating", answer["ratings"])


def _values(texts: list[str]) -> dict[str, str]:
    values: dict[str, str] = {}
    for text in texts:
        column, equals, value = text.partition("=")
        if not equals or not column:
            raise UserError(f"A value is given as COLUMN=VALUE. Received: {text!r}.")
        values[column] = value
    return values


def _purchase(text: str) -> dict[str, Any]:
    """A past purchase, or an event of a kind; an id may have colons of its own."""
    if event := _EVENT.fullmatch(text):
        product, days, _, kind = event.groups()
        return {"product_id": product, "days_ago": float(days), "kind": kind}
    product, _, days = text.rpartition(":")
    if product and _DAYS.fullmatch(days):
        return {"product_id": product, "days_ago": float(days)}
    return {"product_id": text}
