"""`recsmith sweep`: many quick tests, compared."""

from __future__ import annotations

from itertools import product
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.client import Api, UserError
from local.cli.curve_tables import show_curves
from local.cli.follow_sweep import follow_sweep
from local.cli.marks import ArchivedOption, OwnerOption, TagOption, add_mark, marked_items
from local.cli.output import done, expected, heading, out, user_errors
from local.cli.quick_tests import (
    FeatureConfigArgument,
    ModelConfigArgument,
    Strategy,
    Ties,
    split_of,
)
from local.cli.sweep_tables import (
    ablations,
    completed,
    result_in_words,
    show_ablation,
    show_heatmap,
    show_ranked,
    show_rest,
    sweeps_table,
)
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import AsJson, Columns, show_list
from shared.comparing.heatmap import Heatmap
from shared.comparing.learning_curve import LearningCurves
from shared.comparing.table import Comparison
from shared.documents.sweep import SweepState, SweepTest
from shared.wording import plural, sentence

app = typer.Typer(no_args_is_help=True, help="Run many quick tests and compare them.")

FeatureConfigs = Annotated[
    list[str], typer.Argument(metavar="FEATURE_CONFIG", help="Ids or names, one or more.")
]
SweepArgument = Annotated[str, typer.Argument(metavar="SWEEP", help="Its id or name.")]
Rating = Annotated[
    str | None,
    typer.Option(help="What models that rate predict; by default the dataset's rating."),
]
Sample = Annotated[float, typer.Option(help="Per cent of the customers to train on.")]
Minutes = Annotated[
    float | None, typer.Option(help="Start no further test after so many minutes of work.")
]
Usd = Annotated[float | None, typer.Option(help="Start no further test after so much is spent.")]
InFlight = Annotated[int, typer.Option(help="Tests under way at once; a laptop trains one.")]
MaxTests = Annotated[int, typer.Option(help="Refuse a larger grid.")]
SweepName = Annotated[str | None, typer.Option("--name", help="By default, what is in it.")]


@app.command("run")
def run(
    feature_configs: FeatureConfigs,
    models: Annotated[
        list[str], typer.Option("--model", help="Id or name of a model config; may be repeated.")
    ],
    learning_rates: Annotated[
        list[float] | None, typer.Option("--learning-rate", help="May be repeated.")
    ] = None,
    batch_sizes: Annotated[
        list[int] | None, typer.Option("--batch-size", help="May be repeated.")
    ] = None,
    epochs: Annotated[list[int] | None, typer.Option(help="May be repeated.")] = None,
    seeds: Annotated[
        list[int] | None,
        typer.Option("--seed", help="Of initial weights and shuffling; may be repeated."),
    ] = None,
    rating: Rating = None,
    sample: Sample = 10.0,
    split: Strategy = None,
    ties: Ties = None,
    in_flight: InFlight = 2,
    max_tests: MaxTests = 20,
    minutes: Minutes = None,
    usd: Usd = None,
    name: SweepName = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Test every combination of the given configs and settings, and follow it to its end.

    [bold]Examples[/bold]

      recsmith sweep run Basic Rich --model Small --model Deep

      recsmith sweep run Rich --model Small --learning-rate 0.001 --learning-rate 0.01
    """
    with user_errors(), connected(home) as api:
        features = [
            find(api, "/api/feature-configs/", "feature config", f) for f in feature_configs
        ]
        found = [find(api, "/api/model-configs/", "model config", model) for model in models]
        spec = {
            "feature_config_ids": [document["id"] for document in features],
            "model_config_ids": [document["id"] for document in found],
            "overrides": _grid(
                learning_rate_override=learning_rates,
                batch_size_override=batch_sizes,
                epochs=epochs,
                training_seed=seeds,
            ),
            "rating_column": rating,
            "data_sample_percent": sample,
            **split_of(split, ties),
            "in_flight": in_flight,
            "max_tests": max_tests,
            "budget_minutes": minutes,
            "budget_usd": usd,
        }
        named = [document["name"] for document in (*features, *found)]
        _run(api, name or f"Sweep of {', '.join(named)}"[:200], spec)


@app.command("ablate")
def ablate(
    feature_config: FeatureConfigArgument,
    model_config: ModelConfigArgument,
    rating: Rating = None,
    sample: Sample = 10.0,
    split: Strategy = None,
    ties: Ties = None,
    epochs: Annotated[int, typer.Option(help="Passes over the sample.")] = 2,
    in_flight: InFlight = 2,
    max_tests: MaxTests = 20,
    minutes: Minutes = None,
    usd: Usd = None,
    name: SweepName = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Find out what each column is worth: test with all of them, then without each in turn.

    [bold]Example[/bold]

      recsmith sweep ablate "My features" Standard --sample 25
    """
    with user_errors(), connected(home) as api:
        features = find(api, "/api/feature-configs/", "feature config", feature_config)
        model = find(api, "/api/model-configs/", "model config", model_config)
        spec = {
            "feature_config_ids": [features["id"]],
            "model_config_ids": [model["id"]],
            "ablation": True,
            "rating_column": rating,
            "data_sample_percent": sample,
            **split_of(split, ties),
            "epochs": epochs,
            "in_flight": in_flight,
            "max_tests": max_tests,
            "budget_minutes": minutes,
            "budget_usd": usd,
        }
        _run(api, name or f"Columns of {features['name']}"[:200], spec)


@app.command("show")
def show(sweep: SweepArgument, home: Home = DEFAULT_HOME) -> None:
    """Show a sweep's results; follow it if it still runs.

    [bold]Example[/bold]

      recsmith sweep show sw-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/sweeps/", "sweep", sweep)
        heading(f"{found['name']}  ({found['id']})")
        follow(api, found["id"])


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
    """List the sweeps, latest change first.

    [bold]Examples[/bold]

      recsmith sweep list --state running

      recsmith sweep list --columns name,status.state
    """
    with user_errors(), connected(home) as api:
        asked = {} if state is None else {"state": state.value}
        show_list(
            marked_items(api, "/api/sweeps/", tag, archived, owner, **asked),
            sweeps_table,
            empty="There is no sweep yet. `recsmith sweep run` starts one.",
            as_json=as_json,
            columns=columns,
        )


add_mark(app, "/api/sweeps/", "sweep", "sweep")


@app.command("cancel")
def cancel(sweep: SweepArgument, home: Home = DEFAULT_HOME) -> None:
    """Cancel a sweep and its running tests; what has completed stays.

    [bold]Example[/bold]

      recsmith sweep cancel sw-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/sweeps/", "sweep", sweep)
        state = api.post(f"/api/sweeps/{found['id']}/cancel/", {})["status"]["state"]
        done(f"{found['name']} is {state}.")


def _grid(**settings: list[Any] | None) -> list[dict[str, Any]]:
    """Every combination of the settings that are given."""
    given = {field: values for field, values in settings.items() if values}
    return [dict(zip(given, values, strict=True)) for values in product(*given.values())]


def _run(api: Api, name: str, spec: dict[str, Any]) -> None:
    made = api.post("/api/sweeps/", {"name": name, "spec": spec})
    heading(f"{made['name']}  ({made['id']})")
    say_forecast(api.post("/api/sweeps/validate/", {"spec": spec}))
    follow(api, made["id"])


def say_forecast(forecast: dict[str, Any]) -> None:
    """How many tests there will be, what they take, and what is to be said of them."""
    if forecast["estimate"] is not None:
        tests = plural(len(forecast["tests"]), "test")
        out.print(f"[note]{tests}, {expected(forecast['estimate'])}[/]")
    for problem in forecast["problems"]:
        out.print(f"[note]{escape(sentence(problem['message']))}[/]")


def follow(api: Api, sweep_id: str) -> None:
    """Shows a sweep to its end. Raises UserError where it has nothing to show for it."""
    sweep = follow_sweep(api.follow(f"/api/sweeps/{sweep_id}/events/"))
    if sweep.status.state is SweepState.FAILED:
        raise UserError(f"The sweep failed: {sweep.status.error}")
    there = {item["id"] for item in api.items("/api/quick-tests/", sweep_id=sweep_id)}
    tests = [test for test in completed(sweep.status.tests) if test.quick_test_id in there]
    out.print()
    if sweep.spec.ablation:
        _show_ablations(api, tests)
    elif sweep.spec.learning_curve:
        found = api.get(f"/api/sweeps/{sweep_id}/learning-curve/")
        show_curves(LearningCurves.model_validate(found))
    else:
        _show_grid(api, tests)
    show_rest(sweep, there)
    if sweep.status.state is SweepState.CANCELLED:
        raise UserError("The sweep is cancelled.")


def _show_grid(api: Api, tests: list[SweepTest]) -> None:
    ids = [test.quick_test_id for test in tests]
    if len(ids) < 2:
        for test in tests:
            out.print(f"{escape(test.label)}: {result_in_words(test)}")
        return
    show_ranked(tests, _compared(api, ids))
    heatmap = api.post("/api/quick-tests/heatmap/", {"quick_test_ids": ids})
    show_heatmap(Heatmap.model_validate(heatmap))


def _show_ablations(api: Api, tests: list[SweepTest]) -> None:
    found = list(ablations(tests))
    for whole, without in found:
        ids = [test.quick_test_id for test in (whole, *without)]
        names = None
        if len(found) > 1:
            names = {
                config_id: _name(api, path, config_id)
                for path, config_id in (
                    ("feature-configs", whole.feature_config_id),
                    ("model-configs", whole.model_config_id),
                )
            }
        show_ablation(whole, without, _compared(api, ids, whole.quick_test_id), names)
    if found:
        out.print(
            "[note]Differences are paired by customer, with their 95% interval. Where a column "
            "says what another says too, neither seems worth much.[/]"
        )


def _compared(api: Api, ids: list[str], base: str | None = None) -> Comparison:
    body = {"quick_test_ids": ids, "base": base}
    return Comparison.model_validate(api.post("/api/quick-tests/compare/", body))


def _name(api: Api, path: str, config_id: str) -> str:
    try:
        return str(api.get(f"/api/{path}/{config_id}/")["name"])
    except UserError:  # deleted meanwhile
        return config_id
