"""`recsmith curve`: what more customers, or more epochs, would make of a test."""

from __future__ import annotations

from typing import Annotated

import typer

from local.cli.client import UserError
from local.cli.output import heading, out, user_errors
from local.cli.quick_tests import QuickTestArgument
from local.cli.sweeps import InFlight, Minutes, Usd, follow, say_forecast
from local.cli.system import DEFAULT_HOME, Home, connected, find
from shared.documents.learning_curve import LearningCurve

_USUAL = LearningCurve()


def curve(
    quick_test: QuickTestArgument,
    shares: Annotated[
        list[float] | None,
        typer.Option(
            "--share",
            help="Per cent of the customers to train on; may be repeated. By default 5, 10, 25, 50 "
            "and 100, without those of fewer than 100 customers.",
        ),
    ] = None,
    epochs: Annotated[
        list[int] | None,
        typer.Option(
            help="May be repeated. By default half, twice and four times as many as in the test."
        ),
    ] = None,
    only_customers: Annotated[
        bool, typer.Option("--only-customers", help="No curve by epochs.")
    ] = False,
    only_epochs: Annotated[
        bool, typer.Option("--only-epochs", help="No curve by customers.")
    ] = False,
    sample: Annotated[
        float, typer.Option(help="Per cent of the data's customers, of whom the shares are.")
    ] = _USUAL.data_sample_percent,
    in_flight: InFlight = _USUAL.in_flight,
    minutes: Minutes = None,
    usd: Usd = None,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would test and take, and end.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", help="By default, the test's.")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Draw a completed test's learning curves, and say what follows: more data, more epochs, a
    smaller or a larger model.

    The same configs and settings are trained on shares of the customers, and for other numbers of
    epochs. All are judged by the same held-out purchases.

    [bold]Examples[/bold]

      recsmith curve qt-ab12

      recsmith curve qt-ab12 --sample 25 --only-customers

      recsmith curve qt-ab12 --share 20 --share 50 --epochs 4 --epochs 8
    """
    with user_errors(), connected(home) as api:
        if only_customers and only_epochs:
            raise UserError("Give --only-customers or --only-epochs, not both.")
        found = find(api, "/api/quick-tests/", "quick test", quick_test)
        body = {
            "name": name,
            "shares": [] if only_epochs else shares or None,
            "epochs": [] if only_customers else epochs or None,
            "data_sample_percent": sample,
            "in_flight": in_flight,
            "budget_minutes": minutes,
            "budget_usd": usd,
        }
        path = f"/api/quick-tests/{found['id']}/learning-curve/"
        forecast = api.post(f"{path}validate/", body)
        if not forecast["valid"]:
            wrong = [one for one in forecast["problems"] if one["level"] == "error"]
            raise UserError("No learning curves can be drawn.", wrong)
        heading(name or f"Learning curves of {found['name']}")
        say_forecast(forecast)
        if estimate:
            for test in forecast["tests"]:
                out.print(f"  {test['label']}")
            return
        made = api.post(path, body)
        out.print(f"[note]Started as {made['id']}.[/]")
        follow(api, made["id"])
