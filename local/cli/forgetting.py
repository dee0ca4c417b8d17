"""`recsmith forget`: a customer who asks to be forgotten."""

from __future__ import annotations

from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.output import done, out, user_errors
from local.cli.system import DEFAULT_HOME, Home, connected, find


def forget(
    customer: Annotated[str, typer.Argument(help="The customer's id, as the data has it.")],
    dataset: Annotated[
        str | None, typer.Option(help="Id or name of the dataset that is meant; default: all.")
    ] = None,
    models: Annotated[
        bool, typer.Option("--models", help="Delete the tests that know the customer as well.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without being asked.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Remove a customer's id from profiles, messages, caches and logs, and say what still knows it.

    Take the customer out of the data first: what is profiled and tested afterwards is clean.

    [bold]Examples[/bold]

      recsmith forget 2375

      recsmith forget C-1003 --dataset purchases --models --yes
    """
    with user_errors(), connected(home) as api:
        asked: dict[str, Any] = {"customer_id": customer}
        if dataset is not None:
            asked["dataset_id"] = find(api, "/api/datasets/", "dataset", dataset)["id"]
        plan = api.post("/api/customers/erasure-plan/", asked)
        going = [f"{one['name']} ({one['id']})" for one in plan["knowing"] if not one["reason"]]
        _list("To be cleaned or removed:", plan["removed"] or ["nothing"])
        if models:
            _list("To be deleted, with models and runs in MLflow:", going or ["nothing"])
        if not yes and not typer.confirm("Do it?"):
            raise typer.Exit(1)
        found = api.post("/api/customers/erasure/", {**asked, "models": models})
        _list("Cleaned or removed:", found["removed"])
        _list("Deleted, with models and runs in MLflow:", found["deleted"])
        _list("Still know the customer:", [_knows(one) for one in found["knowing"]])
        if any(one["reason"] is None for one in found["knowing"]):
            out.print("  [note]--models deletes those that have ended.[/]")
        _list("Named by what users wrote:", found["named_in"])
        _list("Rows are removed by whoever owns them, in:", found["sources"])
        out.print("[note]`recsmith dataset profile` and new tests are clean once they are.[/]")
        done("Done.")


def _knows(one: dict[str, Any]) -> str:
    sure = "" if one["certain"] else " (perhaps: its files do not say whom they know)"
    kept = f" {one['reason']}" if one["reason"] else ""
    return f"{one['name']} ({one['id']}){sure}.{kept} To test it again: {one['again']}"


def _list(title: str, lines: list[str]) -> None:
    if lines:
        out.print(title)
    for line in lines:
        out.print(f"  {escape(line)}", soft_wrap=True)
