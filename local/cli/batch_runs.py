"""A run of `trainer_image.batch`, as a terminal follows it."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from local.cli.client import UserError
from local.cli.output import done, duration, out
from local.cli.told_model import told_of
from local.jobs.batches import batch_lines
from local.jobs.environment import trainer_python
from shared.batches import FORMATS, MANIFEST, BatchError, Content, FileFormat, Manifest
from shared.registry import Alias
from shared.wording import alternatives, plural

_FRESH = timedelta(days=1)  # how old what is loaded into a table may be
_LINE_SECONDS = 10.0  # between lines of progress in a log


@dataclass(frozen=True)
class Run:
    """What is asked for, and where it goes.

    Attributes:
        folder: of this machine, or of a bucket as `gs://…`.
        customers: a list of them, or `all`.
        unknown: customers of the list whom the model does not know are answered, too.
        rules: a rule set, by its id or name.
        lists: arguments of `trainer_image.batch` that say which products are recommended.
    """

    model: str
    alias: Alias
    folder: Path | str
    content: Content
    file_format: FileFormat | None
    shards: int | None
    home: Path
    customers: str
    unknown: bool
    rules: str | None = None
    lists: tuple[str, ...] = ()


def arguments_of(run: Run) -> list[str]:
    """Of `trainer_image.batch`, but for the model, the folder and the list of customers.

    Raises UserError where the contents are not written in the format.
    """
    formats = FORMATS[run.content]
    if run.file_format not in (None, *formats):
        raise UserError(
            f"--format: {run.content} are written as {alternatives(formats)}. Received: "
            f"{run.file_format}."
        )
    arguments = ["--write", run.content.value, *run.lists]
    arguments += ["--format", (run.file_format or formats[0]).value]
    if run.unknown:
        arguments.append("--unknown")
    if run.shards is not None:
        arguments += ["--shards", str(run.shards)]
    return arguments


def filled(run: Run) -> Manifest:
    """The run in its folder of this machine, once it is complete. Raises UserError."""
    asked = arguments_of(run)
    told, _ = told_of(run.home, run.model, run.alias)
    arguments = [*told, "--out", str(run.folder), *asked]
    if run.customers != "all":
        arguments += ["--customers", str(Path(run.customers).absolute())]
    store = (run.home / "artifacts").resolve().as_uri()
    lines = batch_lines(trainer_python(), arguments, store=store, log=run.home / "batch.log")
    try:
        _follow(lines, run.content)
    except KeyboardInterrupt:
        out.print("[note]What is done stays: the same command goes on where it was.[/]")
        raise
    except BatchError as error:
        raise UserError(str(error)) from None
    return Manifest.model_validate_json((Path(run.folder) / MANIFEST).read_bytes())


def content_of(customers: str) -> bytes:
    """Of a list on this machine. Raises UserError."""
    try:
        return Path(customers).read_bytes()
    except OSError as error:
        raise UserError(f"--customers: {customers} cannot be read: {error.strerror}.") from None


def goes_on(run: Run, manifest: Manifest, *, means: bool) -> bool:
    """Whether a complete run that waits to be loaded into a table still is what is asked for; says
    so, or why not.

    Args:
        means: the model that made it is still the one that is asked for.
    """
    why = None
    if not means:
        why = f"is of {manifest.model}, which {run.model!r} no longer means"
    elif datetime.now(UTC) - manifest.made_at > _FRESH:
        why = "is more than a day old"
    if why is None:
        out.print(f"  Going on to load run {manifest.run_id}, of {escape(str(manifest.model))}")
    else:
        out.print(f"  Run {manifest.run_id}, not loaded yet, {escape(why)}: it is made anew")
    return why is None


def _follow(lines: Iterable[dict[str, Any]], content: Content) -> None:
    """Shows how far a run is: in place on a terminal, now and then in a log."""
    columns = (
        TextColumn("  {task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f}"),
        TextColumn("[note]{task.fields[rate]}[/]"),
        TimeRemainingColumn(),
    )
    told_at = time.monotonic()
    with Progress(*columns, console=out, disable=not out.is_terminal) as progress:
        bar = progress.add_task(f"{content.subject}s", total=None, rate="", visible=False)
        for line in lines:
            if "run" in line:
                begun = "Going on with" if line["resumed"] else "Began"
                out.print(f"  {begun} run {line['run']}, of {escape(line['model'])}")
            elif "done" in line:
                rate = f"{line['per_second']:,.0f}/s" if line["per_second"] else ""
                progress.update(
                    bar, completed=line["done"], total=line["of"], rate=rate, visible=True
                )
                if not out.is_terminal and time.monotonic() - told_at > _LINE_SECONDS:
                    told_at = time.monotonic()
                    left = line["seconds_left"]
                    after = "" if left is None else f", {duration(left)} left"
                    out.print(
                        f"  {line['done']:,} of {plural(line['of'], content.subject)}"
                        f"{f', {rate}' if rate else ''}{after}"
                    )


_LEFT_OUT = {
    "unknown": "unknown to the model, left out (--unknown answers them as strangers)",
    "duplicates": "listed again, counted once",
    "missing": "listed without an id, left out",
    "too_long": "with an id of more than 1,000 characters, left out",
    "unavailable": "not available, left out",
}


def report(manifest: Manifest, target: str) -> None:
    subject = manifest.settings.content.subject
    rows = plural(manifest.rows, "row")
    done(f"{rows} for {plural(manifest.subjects, subject)} in {target}, by {manifest.model}")
    for why, count in manifest.left_out.items():
        out.print(f"  [note]{plural(count, subject)} {_LEFT_OUT.get(why, why)}.[/]")
    for note in manifest.notes:
        out.print(f"  [note]{escape(note)}[/]")
