"""`recsmith quick-test`, `train` and `generate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.syntax import Syntax

from local.cli.client import Api, UserError
from local.cli.console import done, expected, heading, out, user_errors
from local.cli.follow import failure, follow
from local.cli.results import show_measured
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import show_results
from shared.documents.feature_config import TOWERS
from shared.documents.quick_test import QuickTest, TestState

app = typer.Typer(no_args_is_help=True, help="Train two configs on a sample and measure them.")

FeatureConfigArgument = Annotated[
    str, typer.Argument(metavar="FEATURE_CONFIG", help="Id or name of a feature config.")
]
ModelConfigArgument = Annotated[
    str, typer.Argument(metavar="MODEL_CONFIG", help="Id or name of a model config.")
]
QuickTestArgument = Annotated[str, typer.Argument(metavar="QUICK_TEST", help="Its id or name.")]


@app.command("run")
def run(
    feature_config: FeatureConfigArgument,
    model_config: ModelConfigArgument,
    rating: Annotated[
        str | None, typer.Option(help="Column to predict, for ranking and multitask models.")
    ] = None,
    sample: Annotated[float, typer.Option(help="Per cent of the customers to train on.")] = 10.0,
    epochs: Annotated[int, typer.Option(help="Passes over the sample.")] = 2,
    runner: Annotated[str, typer.Option(help="direct, or tfx for TFX's own pipeline.")] = "direct",
    batch_size: Annotated[int | None, typer.Option(help="Instead of the config's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Instead of the config's.")] = None,
    seed: Annotated[int, typer.Option(help="Of sampling, shuffling and initial weights.")] = 42,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="TOWER:COLUMN", help="A column to leave out; may be repeated."),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Run a quick test and follow it to its end.

    [bold]Examples[/bold]

      recsmith quick-test run "My features" Standard

      recsmith quick-test run fc-ab12 mc-cd34 --sample 25 --epochs 5 --runner tfx

      recsmith quick-test run "My features" Standard --without product:brand
    """
    with user_errors(), connected(home) as api:
        spec: dict[str, Any] = {
            **_configs(api, feature_config, model_config),
            "rating_column": rating,
            "data_sample_percent": sample,
            "epochs": epochs,
            "runner": runner,
            "batch_size_override": batch_size,
            "learning_rate_override": learning_rate,
            "seed": seed,
            "leave_out": _left_out(without or []),
        }
        made = api.post("/api/quick-tests/", {"spec": spec})
        heading(f"{made['name']}  ({made['id']})")
        _say_expected(api, spec)
        test = follow(api.follow(f"/api/quick-tests/{made['id']}/events/"))
        show_ended(test)


@app.command("show")
def show(quick_test: QuickTestArgument, home: Home = DEFAULT_HOME) -> None:
    """Show a quick test; follow it if it still runs.

    [bold]Example[/bold]

      recsmith quick-test show qt-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/quick-tests/", "quick test", quick_test)
        heading(f"{found['name']}  ({found['id']})")
        show_ended(follow(api.follow(f"/api/quick-tests/{found['id']}/events/")))


def train(
    quick_test: QuickTestArgument,
    epochs: Annotated[int, typer.Option(help="At most so many passes.")] = 20,
    patience: Annotated[
        int, typer.Option(help="End after so many epochs without a lower validation loss.")
    ] = 2,
    sample: Annotated[float, typer.Option(help="Per cent of the customers to train on.")] = 100.0,
    runner: Annotated[str | None, typer.Option(help="By default the quick test's.")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Train what a quick test has tried on all data, and keep the model.

    The feature config is promoted once it is trained.

    [bold]Examples[/bold]

      recsmith train qt-ab12

      recsmith train qt-ab12 --epochs 50 --patience 5
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/quick-tests/", "quick test", quick_test)
        body = {
            "epochs": epochs,
            "early_stopping_patience": patience,
            "data_sample_percent": sample,
            "runner": runner,
        }
        made = api.post(f"/api/quick-tests/{found['id']}/full-training/", body)
        heading(f"{made['name']}  ({made['id']})")
        _say_expected(api, made["spec"])
        show_ended(follow(api.follow(f"/api/quick-tests/{made['id']}/events/")))


def _say_expected(api: Api, spec: dict[str, Any]) -> None:
    estimate = api.post("/api/quick-tests/estimate/", {"spec": spec})["estimate"]
    if estimate is not None:
        out.print(f"[note]Expected: {expected(estimate)}[/]")


def show_ended(test: QuickTest) -> None:
    """Results, or a UserError that says why there are none."""
    if test.status.state is not TestState.COMPLETED:
        raise UserError(failure(test))
    show_measured(test)
    show_results(test)
    for warning in test.status.warnings:
        where = f"[note]({escape(warning.path)})[/]"
        out.print(f"[bad]![/] {escape(warning.message)} {where}", soft_wrap=True)


def generate(
    feature_config: FeatureConfigArgument,
    model_config: ModelConfigArgument,
    folder: Annotated[
        Path | None, typer.Option("--out", help="Write both modules here instead.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Print the two modules that a quick test would run.

    [bold]Examples[/bold]

      recsmith generate "My features" Standard

      recsmith generate fc-ab12 mc-cd34 --out generated/
    """
    with user_errors(), connected(home) as api:
        answer = api.post(
            "/api/generate-trainer-code/", _configs(api, feature_config, model_config)
        )["data"]
        if not answer["is_valid"]:
            raise UserError(answer["validation_error"])
        modules = {
            "preprocessing.py": answer["preprocessing_code"],
            "trainer.py": answer["trainer_code"],
        }
        for name, source in modules.items():
            if folder is not None:
                folder.mkdir(parents=True, exist_ok=True)
                (folder / name).write_text(source)
                done(str(folder / name))
            elif out.is_terminal:
                out.print(Syntax(source, "python", background_color="default"))
            else:
                out.out(source, highlight=False, end="")


def _configs(api: Api, feature_config: str, model_config: str) -> dict[str, str]:
    features = find(api, "/api/feature-configs/", "feature config", feature_config)
    model = find(api, "/api/model-configs/", "model config", model_config)
    return {"feature_config_id": features["id"], "model_config_id": model["id"]}


def _left_out(values: list[str]) -> list[dict[str, str]]:
    found = []
    for value in values:
        tower, _, column = value.partition(":")
        if tower not in TOWERS or not column:
            raise UserError(
                "A column to leave out is given as TOWER:COLUMN, such as product:brand. "
                f"Received: {value!r}."
            )
        found.append({"tower": tower, "column": column})
    return found
