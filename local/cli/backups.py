"""`recsmith backup` and `recsmith restore`: a home, copied while it is in use and put back."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from local.cli.client import UserError
from local.cli.output import done, out, user_errors, working
from local.cli.system import DEFAULT_HOME, Home
from local.state.backup import Backup, BackupError, back_up
from local.state.backup import restore as put_back


def backup(
    folder: Annotated[Path, typer.Argument(help="A new folder for the copy.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Copy documents, models and jobs into a new folder, while the system runs or not.

    Every file of the copy is read again and compared before the folder appears. The cache is left
    out, and so are the data's files, which Recsmith only reads.

    [bold]Examples[/bold]

      recsmith backup /backups/monday
    """
    with user_errors():
        with working(f"Copying {home}"):
            try:
                made = back_up(home, folder)
            except BackupError as error:
                raise UserError(str(error)) from None
        done(f"{folder} holds {_told(made)}, read again and found whole.")
        out.print(f"  [note]`recsmith restore {folder} --home NEW` makes a home of it.[/]")


def restore(
    folder: Annotated[Path, typer.Argument(help="What `recsmith backup` made.")],
    home: Annotated[
        Path,
        typer.Option(envvar="RECSMITH_HOME", help="A new folder, or an empty one."),
    ] = DEFAULT_HOME,
) -> None:
    """Make a home of a backup, after each of its files has been checked.

    [bold]Examples[/bold]

      recsmith restore /backups/monday --home /data/recsmith
    """
    with user_errors():
        if home.exists() and not os.access(home, os.W_OK | os.X_OK):
            raise UserError(f"--home {home} may not be written to. Choose another folder.")
        with working(f"Restoring {folder}"):
            try:
                found = put_back(folder, home)
            except BackupError as error:
                raise UserError(str(error)) from None
        done(f"{home} holds {_told(found)}, as of {found.made_at}.")
        out.print("  [note]What was running then has ended; `recsmith up` goes on from there.[/]")


def _told(backup: Backup) -> str:
    return f"{backup.files:,} files, {backup.size_bytes / 2**20:,.1f} MiB"
