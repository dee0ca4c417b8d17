"""`recsmith recommend`: what a quick test's model says to a customer."""

from __future__ import annotations

from typing import Annotated

import typer

from local.cli.client import UserError
from local.cli.console import out, user_errors, working
from local.cli.quick_tests import QuickTestArgument
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import show_ratings, show_recommendations
from shared.predictions import MAX_K

_BOUGHT = 10  # products of a history that are shown


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
    k: Annotated[int, typer.Option(help="How many products.", min=1, max=MAX_K)] = 10,
    home: Home = DEFAULT_HOME,
) -> None:
    """Recommend products, by a quick test's saved model.

    While the system is up, it keeps the model loaded and answers at once. Without a customer,
    columns that are not set are missing, which the model knows how to take.

    [bold]Examples[/bold]

      recsmith recommend qt-ab12 --customer 2375

      recsmith recommend qt-ab12 --customer 2375 --set store_id=321 --k 20

      recsmith recommend qt-ab12 --set household_id=2375
    """
    with user_errors():
        body = {
            "customer_id": customer,
            "values": _values(values or []),
            "k": k,
            "product_ids": products or [],
        }
        if customer is None and not values:
            raise UserError(
                "Say for whom: --customer ID, or raw values by --set COLUMN=VALUE, "
                "such as --set household_id=2375."
            )
        with connected(home) as api:
            found = find(api, "/api/quick-tests/", "quick test", quick_test)
            with working("Asking the model"):
                answer = api.post(f"/api/quick-tests/{found['id']}/predictions/", body)
        if not answer["known"]:
            out.print("[note]The training rows have no such customer.[/]")
        show_recommendations(answer["recommendations"], answer["history"][:_BOUGHT])
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
