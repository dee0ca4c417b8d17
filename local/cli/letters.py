"""`recsmith dead-letters`: events that were given up on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.table import Table

from local.cli.client import UserError
from local.cli.note import running
from local.cli.output import done, out, user_errors
from local.cli.system import DEFAULT_HOME, Home
from local.cli.tables import AsJson, Columns, Documents, show_list, table
from local.state.event_bus import SqliteEventBus
from local.state.sqlite import Database, UnusableStateError
from shared.errors import NotFoundError
from shared.handlers import ROUTES

app = typer.Typer(
    no_args_is_help=True,
    help="Events that no attempt could get handled: look at them, and have them tried again.",
)


@app.command("list")
def list_all(
    home: Home = DEFAULT_HOME,
    full: Annotated[bool, typer.Option(help="With the message, and where it failed.")] = False,
    as_json: AsJson = False,
    columns: Columns = None,
) -> None:
    """List them with the reason, the oldest first.

    [bold]Examples[/bold]

      recsmith dead-letters list

      recsmith dead-letters list --full

      recsmith dead-letters list --columns id,document
    """
    with user_errors(), _bus(home) as events:
        letters = events.dead_letters()
        show_list(
            [asdict(letter) for letter in letters],
            _tabled,
            empty="There are no dead letters.",
            as_json=as_json,
            columns=columns,
        )
        if as_json or columns is not None or not letters:
            return
        for letter in letters if full else ():
            out.print(f"\n[title]{letter.id}[/] {escape(letter.body[:2000])}")
            out.print(escape(letter.traceback))
        out.print("[note]`recsmith dead-letters retry ID` has one tried again.[/]")


def _tabled(found: Documents) -> Table:
    shown = table("Id", "Attempts", "Since", "Step", "Document", "Reason")
    for column in shown.columns[2:]:
        column.justify = "left"
    for letter in found:
        shown.add_row(
            str(letter["id"]),
            str(letter["attempts"]),
            letter["at"][:19].replace("T", " "),
            escape(letter["subscription"]),
            escape(letter["document"]),
            escape(letter["reason"][:300]),
        )
    return shown


@app.command("retry")
def retry(
    letters: Annotated[
        list[int] | None, typer.Argument(metavar="[ID]...", help="As `list` shows them.")
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All of them.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Have dead letters delivered again, with all attempts before them.

    [bold]Examples[/bold]

      recsmith dead-letters retry 3 4

      recsmith dead-letters retry --all
    """
    with user_errors(), _bus(home) as events:
        if bool(letters) == every:
            raise UserError("Name the dead letters by id, or give --all.")
        wanted = [letter.id for letter in events.dead_letters()] if every else letters or []
        for number in wanted:
            try:
                events.retry(number)
            except NotFoundError as error:
                raise UserError(f"{error} `recsmith dead-letters list` shows them.") from None
        done(f"{len(wanted)} to be delivered again.")
        if running(home) is None:
            out.print("  [note]Nothing runs over this folder: that happens with `recsmith up`.[/]")


@contextmanager
def _bus(home: Path) -> Iterator[SqliteEventBus]:
    """The queue, whether or not a system runs over it. Raises UserError."""
    if not (home / "state.db").exists():
        if (home / "emulators").exists():
            raise UserError(
                "The dead letters of `up --backend emulators` are in the emulator's subscription"
                " `dead-letters`, and end with it."
            )
        raise UserError(f"{home} holds no system yet.")
    try:
        database = Database(home / "state.db")
    except UnusableStateError as error:
        raise UserError(str(error)) from None
    try:
        yield SqliteEventBus(database, ROUTES)
    finally:
        database.close()
