"""How the command speaks: one palette, errors in one form, plain lines without a terminal."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import typer
from rich.console import Console
from rich.markup import escape
from rich.theme import Theme

from local.cli.client import UserError
from shared.problems import InvalidError
from shared.wording import field as called

_THEME = Theme(
    {
        "good": "green",
        "bad": "red",
        "note": "dim",
        "title": "bold",
        "number": "default",
        "bar.complete": "green",
        "bar.finished": "green",
    }
)
_LOG_WIDTH = 120


def _console(*, stderr: bool = False) -> Console:
    console = Console(theme=_THEME, highlight=False, stderr=stderr)
    if not console.is_terminal:
        console.width = _LOG_WIDTH
    return console


out = _console()
err = _console(stderr=True)

INTERRUPTED = 130


def heading(text: str) -> None:
    out.print()
    out.print(f"[title]{escape(text)}[/]")


def done(text: str, seconds: float | None = None, to: Console = out) -> None:
    took = "" if seconds is None else f"  [note]{duration(seconds)}[/]"
    to.print(f"[good]✓[/] {escape(text)}{took}")


def duration(seconds: float) -> str:
    """`0.4 s`, `12.3 s`, `2 min 05 s`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s"


def expected(estimate: dict[str, Any]) -> str:
    """`about 40.0 s (25.0 s to 1 min 02 s), about 0.12 USD; by 3 earlier runs on this system`."""
    seconds, cost = estimate["seconds"], estimate["cost_usd"]
    low, likely, high = (duration(seconds[name]) for name in ("low", "likely", "high"))
    money = f", about {cost['likely']:.2f} USD" if cost else ""
    read = estimate["bytes_read"]
    reads = f", reads {read / 2**30:.1f} GiB of BigQuery" if read is not None else ""
    return f"about {likely} ({low} to {high}){money}{reads}; by {escape(estimate['basis'])}"


@contextmanager
def working(text: str) -> Iterator[None]:
    """Shows that something is under way. What is piped on is the answer alone, so that without a
    terminal it is told where errors are."""
    if out.is_terminal:
        with out.status(f"{escape(text)} …", spinner_style="note"):
            yield
    else:
        err.print(f"{escape(text)} …")
        yield


@contextmanager
def user_errors(status: int = 1) -> Iterator[None]:
    """Ends the command with an exit status and one clear message for what a user can mend."""
    try:
        yield
    except UserError as error:
        show_error(str(error), error.fields)
        raise _ending(status) from None
    except InvalidError as error:
        show_error("That cannot be used.", [problem.model_dump() for problem in error.problems])
        raise _ending(status) from None
    except KeyboardInterrupt:
        with suppress(OSError):  # of a terminal that was closed
            err.print("[note]Stopped.[/]")
        raise _ending(INTERRUPTED) from None
    except BrokenPipeError:
        sys.stderr.close()
        raise typer.Exit(1) from None


_LEAVES_AT_ONCE = threading.Event()


def leave_at_once() -> None:
    """From now on the command's end is the process's own. For who lets native libraries run threads
    of theirs: Python may wait for ever for a lock that one of them held."""
    _LEAVES_AT_ONCE.set()


def _ending(status: int) -> typer.Exit:
    """What ends the command. Where a thread could not be ended, as in the middle of a profile, the
    process leaves at once: Python would tear the thread out of DuckDB, which aborts."""
    runtime = sys.modules.get("local.runtime")
    left = runtime is not None and any(thread.is_alive() for thread in runtime.LEFT_BEHIND)
    if left or _LEAVES_AT_ONCE.is_set():
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    return typer.Exit(status)


def show_error(message: str, fields: list[dict[str, Any]]) -> None:
    err.print(f"[bad]✗ {escape(message)}[/]")
    for field in fields:
        received = field.get("received")
        shown = "" if received is None else f" [note]Received: {escape(repr(received))}[/]"
        path = f"[title]{escape(called(field['path']))}[/]: " if field.get("path") else ""
        err.print(f"  {path}{escape(field['message'])}{shown}")
