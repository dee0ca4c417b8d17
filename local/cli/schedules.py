"""`recsmith schedules`: when models are trained again on new data."""

from __future__ import annotations

from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from local.cli.client import Api
from local.cli.models import find_model
from local.cli.output import done, heading, out, user_errors
from local.cli.owners import say_owner
from local.cli.system import DEFAULT_HOME, Home, connected, find, settled
from local.cli.tables import AsJson, Columns, Documents, as_json_text, show_list, table
from shared.documents.schedule import Schedule, ScheduledRun

app = typer.Typer(
    no_args_is_help=True,
    help="When models are trained again on new data, compared and promoted.",
)
ScheduleArgument = Annotated[str, typer.Argument(metavar="SCHEDULE", help="Its id or name.")]
_PATH = "/api/schedules/"


@app.command("list")
def list_schedules(
    model: Annotated[
        str | None, typer.Option(metavar="MODEL", help="Of this registered model only.")
    ] = None,
    as_json: AsJson = False,
    columns: Columns = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """List schedules, with when each fires next and how its last run ended.

    [bold]Examples[/bold]

      recsmith schedules list

      recsmith schedules list --model Grocery --json
    """
    with user_errors(), connected(home) as api:
        query = {} if model is None else {"model": find_model(api, model).id}
        show_list(
            list(api.items(_PATH, **query)),
            _tabled,
            empty="There is no schedule yet. `recsmith schedules create` makes one.",
            as_json=as_json,
            columns=columns,
        )


def _tabled(found: Documents) -> Table:
    shown = table("id", "name", "cron", "next", "last run")
    for schedule in map(Schedule.model_validate, found):
        last = next(iter(schedule.status.history), None)
        shown.add_row(
            schedule.id,
            escape(schedule.name),
            schedule.spec.cron,
            _next(schedule),
            _outcome(last) if last else "—",
        )
    return shown


@app.command("show")
def show(schedule: ScheduleArgument, as_json: AsJson = False, home: Home = DEFAULT_HOME) -> None:
    """Show what a schedule does, when it fires next, and how its last runs ended.

    [bold]Example[/bold]

      recsmith schedules show Nightly
    """
    with user_errors(), connected(home) as api:
        found = _found(api, schedule)
        if as_json:
            typer.echo(as_json_text(found))
            return
        _show(Schedule.model_validate(found))


@app.command("create")
def create(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="Its id or name.")],
    cron: Annotated[
        str,
        typer.Option(
            help="Minute, hour, day of the month, month, day of the week, such as '0 3 * * mon'."
        ),
    ],
    zone: Annotated[str, typer.Option(help="Whose time that is, such as Europe/Berlin.")] = "UTC",
    name: Annotated[str | None, typer.Option(help="By default, the model's name.")] = None,
    promote: Annotated[
        bool,
        typer.Option(
            "--promote/--never-promote",
            help="Bring a new version into production where it is not worse than the one there, on "
            "the same newest held-out rows.",
        ),
    ] = True,
    epochs: Annotated[
        int | None, typer.Option(help="In place of those of the version in production.")
    ] = None,
    sample: Annotated[float | None, typer.Option(help="Per cent of the data, likewise.")] = None,
    warm_start: Annotated[
        bool,
        typer.Option(
            "--warm-start",
            help="Begin with the weights of the version in production in place of random ones.",
        ),
    ] = False,
    tell: Annotated[
        list[str] | None,
        typer.Option(metavar="CHANNEL", help="Tell this channel alone; may be given repeatedly."),
    ] = None,
    as_json: AsJson = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Train a model again and again: as the version in production was trained, on newer data.

    [bold]Examples[/bold]

      recsmith schedules create Grocery --cron "0 3 * * *" --zone Europe/Berlin

      recsmith schedules create Grocery --cron "0 3 * * mon" --never-promote

      recsmith schedules create Grocery --cron "0 3 * * *" --warm-start --epochs 5
    """
    with user_errors(), connected(home) as api:
        found = find_model(api, model)
        spec: dict[str, Any] = {
            "model_id": found.id,
            "cron": cron,
            "zone": zone,
            "epochs": epochs,
            "data_sample_percent": sample,
            "warm_start": warm_start,
            "promotion": "unless_worse" if promote else "never",
            "tell": tell or [],
        }
        made = api.post(_PATH, {"name": name or found.name, "spec": spec})
        now = settled(api, f"{_PATH}{made['id']}/")
        if as_json:
            typer.echo(as_json_text(now))
            return
        done(f"{now['name']} ({now['id']}) fires next {_next(Schedule.model_validate(now))}.")


@app.command("pause")
def pause(schedule: ScheduleArgument, as_json: AsJson = False, home: Home = DEFAULT_HOME) -> None:
    """Let a schedule rest; a run that is under way goes on.

    [bold]Example[/bold]

      recsmith schedules pause Nightly
    """
    with user_errors(), connected(home) as api:
        now = _asked(api, schedule, "pause")
        if as_json:
            typer.echo(as_json_text(now))
            return
        done(f"{now['name']} is paused. `recsmith schedules resume {now['id']}` ends that.")


@app.command("resume")
def resume(schedule: ScheduleArgument, as_json: AsJson = False, home: Home = DEFAULT_HOME) -> None:
    """Let a paused schedule fire again, from its next time on.

    [bold]Example[/bold]

      recsmith schedules resume Nightly
    """
    with user_errors(), connected(home) as api:
        now = _asked(api, schedule, "resume")
        if as_json:
            typer.echo(as_json_text(now))
            return
        done(f"{now['name']} fires next {_next(Schedule.model_validate(now))}.")


@app.command("run")
def run(schedule: ScheduleArgument, as_json: AsJson = False, home: Home = DEFAULT_HOME) -> None:
    """Have a run begin now, of a paused schedule too; `show` says how far it is.

    Runs go on while the system is up: start `recsmith up` first.

    [bold]Example[/bold]

      recsmith schedules run Nightly
    """
    with user_errors(), connected(home) as api:
        found = _found(api, schedule)
        now = api.post(f"{_PATH}{found['id']}/run/", {})
        if as_json:
            typer.echo(as_json_text(now))
            return
        done(f"A run of {now['name']} begins within a minute, where the system is up.")
        out.print(f"  [note]recsmith schedules show {now['id']}[/]")


@app.command("delete")
def delete(schedule: ScheduleArgument, home: Home = DEFAULT_HOME) -> None:
    """Delete a schedule. Its versions stay; of a run that is under way, nothing is promoted.

    [bold]Example[/bold]

      recsmith schedules delete Nightly
    """
    with user_errors(), connected(home) as api:
        found = _found(api, schedule)
        say_owner(found)
        api.delete(f"{_PATH}{found['id']}/", found["revision"])
        done(f"Deleted {found['name']} ({found['id']}).")


def _found(api: Api, wanted: str) -> dict[str, Any]:
    return find(api, _PATH, "schedule", wanted)


def _asked(api: Api, wanted: str, verb: str) -> dict[str, Any]:
    found = _found(api, wanted)
    say_owner(found)
    api.post(f"{_PATH}{found['id']}/{verb}/", {})
    return settled(api, f"{_PATH}{found['id']}/")


def _show(schedule: Schedule) -> None:
    spec, status = schedule.spec, schedule.status
    heading(f"{schedule.name}  ({schedule.id})")
    facts = {
        "model": spec.model_id,
        "cron": f"{spec.cron} ({spec.zone})",
        "next": _next(schedule),
        "begins": "with the last weights" if spec.warm_start else "from scratch",
        "promotes": "unless it is worse" if spec.promotion == "unless_worse" else "never",
    }
    if status.run is not None:
        training = f": {status.run.quick_test_id}" if status.run.quick_test_id else ""
        facts["under way"] = f"{status.run.stage}{training}"
    elif status.requested_at is not None:
        facts["under way"] = "a run was asked for"
    for problem in status.validation.problems:
        facts["problem"] = problem.message
    for name, fact in facts.items():
        out.print(f"[note]{name:<15}[/]{escape(fact)}", soft_wrap=True)
    for one in status.history:
        at = one.due_at.astimezone(ZoneInfo(spec.zone))
        out.print()
        training = f"  [note]{one.quick_test_id}[/]" if one.quick_test_id else ""
        out.print(f"{at:%Y-%m-%d %H:%M}  {_outcome(one)}{training}", soft_wrap=True)
        out.print(f"  {escape(one.sentence)}", soft_wrap=True)
        if one.error:
            out.print(f"  [note]{escape(one.error)}[/]", soft_wrap=True)


def _next(schedule: Schedule) -> str:
    """In the schedule's own time."""
    at = schedule.status.next_at
    if at is None:
        return "paused" if not schedule.spec.enabled else "never: it is not valid"
    return f"{at.astimezone(ZoneInfo(schedule.spec.zone)):%Y-%m-%d %H:%M %Z}"


def _outcome(run: ScheduledRun) -> str:
    return (run.outcome or run.stage).replace("_", " ")
