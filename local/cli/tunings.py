"""`recsmith tune` and `recsmith tuning`: settings searched by trials."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.client import Api, UserError
from local.cli.follow_tuning import follow_tuning
from local.cli.marks import ArchivedOption, OwnerOption, TagOption, add_mark, marked_items
from local.cli.output import done, expected, heading, out, user_errors
from local.cli.quick_tests import (
    FeatureConfigArgument,
    ModelConfigArgument,
    Strategy,
    Ties,
    split_of,
)
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import AsJson, Columns, show_list
from local.cli.tuning_tables import show_space, show_tuning, tunings_table
from shared.documents.series import SweepState
from shared.documents.tuning import SEEDS, Searched, TuningSpec
from shared.wording import plural, sentence

app = typer.Typer(no_args_is_help=True, help="Show, stop and cancel tunings; `tune` starts one.")

TuningArgument = Annotated[str, typer.Argument(metavar="TUNING", help="Its id or name.")]
_USUAL = TuningSpec(feature_config_id="any", model_config_id="any")


def tune(
    feature_config: FeatureConfigArgument,
    model_config: ModelConfigArgument,
    trials: Annotated[int, typer.Option(help="At most so many, the default among them.")] = (
        _USUAL.trials
    ),
    minutes: Annotated[float | None, typer.Option(help="What all tests together may take.")] = None,
    usd: Annotated[float | None, typer.Option(help="What all tests together may cost.")] = None,
    search: Annotated[
        list[str] | None,
        typer.Option(
            help="What to search: `temperature=0.03:0.3`, `output_width=32,64,128`, or a column "
            "that may be left out, `buyer.city`. May be repeated; without it, what is usual.",
        ),
    ] = None,
    space: Annotated[
        Path | None,
        typer.Option(help="The search space as a JSON file, as --show-space prints it."),
    ] = None,
    sample: Annotated[float, typer.Option(help="Per cent of the customers to train on.")] = (
        _USUAL.data_sample_percent
    ),
    epochs: Annotated[int, typer.Option(help="Passes over the sample.")] = _USUAL.epochs,
    seed: Annotated[int, typer.Option(help="Of the sample and the search.")] = _USUAL.seed,
    rating: Annotated[
        str | None,
        typer.Option(help="What models that rate predict; by default the dataset's rating."),
    ] = None,
    split: Strategy = None,
    ties: Ties = None,
    in_flight: Annotated[
        int, typer.Option(help="Trials under way at once on rented machines; a laptop runs one.")
    ] = _USUAL.in_flight,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Say what it would search and take, and end.")
    ] = False,
    space_as_json: Annotated[
        bool, typer.Option("--show-space", help="Print the search space as JSON, and end.")
    ] = False,
    name: Annotated[str | None, typer.Option("--name", help="By default, what is tuned.")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Search better settings for two configs, and say whether they are better than the default.

    Trials are quick tests that see the validation slice only. The best of them and the default are
    then compared on the test slice, with three training seeds each. `recsmith tuning stop` ends the
    search early and keeps what it found.

    [bold]Examples[/bold]

      recsmith tune "My features" Standard --trials 30 --minutes 60

      recsmith tune "My features" Standard --search temperature=0.03:0.3 --search buyer.city
    """
    with user_errors(), connected(home) as api:
        features = find(api, "/api/feature-configs/", "feature config", feature_config)
        model = find(api, "/api/model-configs/", "model config", model_config)
        spec = {
            "feature_config_id": features["id"],
            "model_config_id": model["id"],
            "space": _space(search, space),
            "trials": trials,
            "budget_minutes": minutes,
            "budget_usd": usd,
            "in_flight": in_flight,
            "rating_column": rating,
            "data_sample_percent": sample,
            "epochs": epochs,
            "seed": seed,
            **split_of(split, ties),
        }
        forecast = api.post("/api/tunings/validate/", {"spec": spec})
        if space_as_json:
            searched = [Searched.model_validate(one) for one in forecast["space"]]
            plain = [one.model_dump(mode="json", exclude_none=True) for one in searched]
            typer.echo(json.dumps(plain, indent=2))
            return
        if not forecast["valid"]:
            wrong = [one for one in forecast["problems"] if one["level"] == "error"]
            raise UserError("That cannot be tuned.", wrong)
        title = name or f"{features['name']} × {model['name']}"[:200]
        heading(f"Tune {title}")
        _say_forecast(forecast, trials)
        if estimate:
            return
        made = api.post("/api/tunings/", {"name": title, "spec": spec})
        out.print(f"[note]Started as {made['id']}.[/]")
        _follow(api, made["id"])


@app.command("show")
def show(tuning: TuningArgument, home: Home = DEFAULT_HOME) -> None:
    """Show a tuning's trials and verdict; follow it if it still runs.

    [bold]Example[/bold]

      recsmith tuning show tu-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/tunings/", "tuning", tuning)
        heading(f"{found['name']}  ({found['id']})")
        _follow(api, found["id"])


@app.command("list")
def list_all(
    state: Annotated[SweepState | None, typer.Option(help="Only those in this state.")] = None,
    tag: TagOption = None,
    archived: ArchivedOption = False,
    owner: OwnerOption = None,
    as_json: AsJson = False,
    columns: Columns = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """List the tunings, latest change first.

    [bold]Examples[/bold]

      recsmith tuning list --state running

      recsmith tuning list --columns name,status.state
    """
    with user_errors(), connected(home) as api:
        asked = {} if state is None else {"state": state.value}
        show_list(
            marked_items(api, "/api/tunings/", tag, archived, owner, **asked),
            tunings_table,
            empty="There is no tuning yet. `recsmith tune` starts one.",
            as_json=as_json,
            columns=columns,
        )


@app.command("stop")
def stop(tuning: TuningArgument, home: Home = DEFAULT_HOME) -> None:
    """End the search, and compare the best so far with the default.

    [bold]Example[/bold]

      recsmith tuning stop tu-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/tunings/", "tuning", tuning)
        state = api.post(f"/api/tunings/{found['id']}/stop/", {})["status"]["state"]
        ended = SweepState(state).ended
        done(f"{found['name']} {f'is {state}' if ended else 'makes no more trials'}.")


add_mark(app, "/api/tunings/", "tuning", "tuning")


@app.command("cancel")
def cancel(tuning: TuningArgument, home: Home = DEFAULT_HOME) -> None:
    """Cancel a tuning and its running tests, without a verdict; its trials stay.

    [bold]Example[/bold]

      recsmith tuning cancel tu-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/tunings/", "tuning", tuning)
        state = api.post(f"/api/tunings/{found['id']}/cancel/", {})["status"]["state"]
        ended = SweepState(state).ended
        done(f"{found['name']} is {state if ended else 'being cancelled'}.")


def _space(search: list[str] | None, file: Path | None) -> list[dict[str, Any]] | None:
    """Raises UserError."""
    if file is not None:
        try:
            found = json.loads(file.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise UserError(f"The search space {file} cannot be read: {error}") from None
        return found if isinstance(found, list) else [found]
    return None if search is None else [_searched(one) for one in search]


def _searched(text: str) -> dict[str, Any]:
    """`temperature=0.03:0.3`, `output_width=32,64`, `buyer.city`. Raises UserError."""
    setting, is_range, values = text.partition("=")
    tower, is_column, column = text.partition(".")
    if not is_range and is_column and tower in ("buyer", "product"):
        return {"setting": "included", "tower": tower, "column": column}
    try:
        if ":" in values:
            low, high = map(float, values.split(":"))
            return {"setting": setting, "low": low, "high": high}
        return {"setting": setting, "values": [float(value) for value in values.split(",")]}
    except ValueError:
        raise UserError(
            f"{text!r} says no range. Write `temperature=0.03:0.3`, `output_width=32,64,128`, or a "
            "column such as `buyer.city`."
        ) from None


def _say_forecast(forecast: dict[str, Any], trials: int) -> None:
    show_space([Searched.model_validate(one) for one in forecast["space"]])
    tests = f"{plural(trials, 'trial')} and {2 * SEEDS} tests that compare"
    if forecast["estimate"] is not None:
        out.print(f"[note]{tests}, {expected(forecast['estimate'])}[/]")
    else:
        out.print(f"[note]{tests}[/]")
    for problem in forecast["problems"]:
        out.print(f"[note]{escape(sentence(problem['message']))}[/]")


def _follow(api: Api, tuning_id: str) -> None:
    """Shows a tuning to its end. Raises UserError where it has nothing to show for it."""
    tuning = follow_tuning(api.follow(f"/api/tunings/{tuning_id}/events/"))
    out.print()
    show_tuning(tuning)
    if tuning.status.state is SweepState.FAILED:
        raise UserError(f"The tuning failed: {tuning.status.error}")
    if tuning.status.state is SweepState.CANCELLED:
        raise UserError("The tuning is cancelled.")
