"""`recsmith quick-test`, `train` and `generate`."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.syntax import Syntax

from local.cli.client import Api, UserError
from local.cli.follow import failure, follow
from local.cli.marks import ArchivedOption, OwnerOption, TagOption, add_mark, marked_items
from local.cli.output import done, expected, heading, out, user_errors
from local.cli.results import show_measured
from local.cli.segments import show_segments
from local.cli.system import DEFAULT_HOME, Home, connected, find, waited
from local.cli.tables import AsJson, Columns, fields_table, show_list, show_results
from shared.codegen import standalone_script
from shared.comparing.segments import SegmentTable
from shared.documents.feature_config import TOWERS
from shared.documents.quick_test import QuickTest, TestState

app = typer.Typer(no_args_is_help=True, help="Train two configs on a sample and measure them.")

FeatureConfigArgument = Annotated[
    str, typer.Argument(metavar="FEATURE_CONFIG", help="Id or name of a feature config.")
]
ModelConfigArgument = Annotated[
    str, typer.Argument(metavar="MODEL_CONFIG", help="Id or name of a model config.")
]
Strategy = Annotated[
    str | None,
    typer.Option(
        help="Which rows are held out: the latest (temporal), random ones (random), one of each "
        "customer (leave_one_out), or all of some products (products). By default the latest where "
        "there are times."
    ),
]
Ties = Annotated[
    str | None,
    typer.Option(
        metavar="whole|hash",
        help="Rows of one moment in a temporal split: held out whole, or a part of them by hash.",
    ),
]
Rules = Annotated[
    str | None,
    typer.Option(
        metavar="RULES",
        help="Id or name of a rule set: lists are measured under its rules too, to see what they "
        "cost.",
    ),
]
QuickTestArgument = Annotated[str, typer.Argument(metavar="QUICK_TEST", help="Its id or name.")]


@app.command("run")
def run(
    feature_config: FeatureConfigArgument,
    model_config: ModelConfigArgument,
    rating: Annotated[
        str | None,
        typer.Option(help="What models that rate predict; by default the dataset's rating."),
    ] = None,
    sample: Annotated[float, typer.Option(help="Per cent of the customers to train on.")] = 10.0,
    epochs: Annotated[int, typer.Option(help="Passes over the sample.")] = 2,
    patience: Annotated[
        int | None,
        typer.Option(
            help="End after so many epochs without a lower validation loss; 0 trains all epochs. "
            "By default the model's, from 3 epochs on."
        ),
    ] = None,
    runner: Annotated[str, typer.Option(help="direct, or tfx for TFX's own pipeline.")] = "direct",
    batch_size: Annotated[int | None, typer.Option(help="Instead of the config's.")] = None,
    learning_rate: Annotated[float | None, typer.Option(help="Instead of the config's.")] = None,
    seed: Annotated[int, typer.Option(help="Of sampling, shuffling and initial weights.")] = 42,
    split: Strategy = None,
    ties: Ties = None,
    without: Annotated[
        list[str] | None,
        typer.Option(metavar="TOWER:COLUMN", help="A column to leave out; may be repeated."),
    ] = None,
    segment_by: Annotated[
        list[str] | None,
        typer.Option(
            metavar="COLUMN", help="A column of few values to split results by; may be repeated."
        ),
    ] = None,
    rules: Rules = None,
    name: Annotated[str | None, typer.Option(help="By default, both configs' names.")] = None,
    holdout: Annotated[float, typer.Option(help="Per cent of the rows that are held out.")] = 10.0,
    judged_on: Annotated[
        str,
        typer.Option(
            metavar="test|validation",
            help="The slice that judges; validation is for choosing among many settings.",
        ),
    ] = "test",
    sample_by: Annotated[
        str, typer.Option(metavar="customer|row", help="What the sample is drawn of.")
    ] = "customer",
    trained: Annotated[
        float, typer.Option(help="Per cent of the sample's customers that are trained on.")
    ] = 100.0,
    judged: Annotated[
        float, typer.Option(help="Per cent of the sample's customers who are judged by.")
    ] = 100.0,
    training_seed: Annotated[
        int | None, typer.Option(help="Of initial weights, shuffling and dropout.")
    ] = None,
    setting: Annotated[
        list[str] | None,
        typer.Option(
            metavar="NAME=VALUE", help="In place of what the configs say; may be repeated."
        ),
    ] = None,
    feature_revision: Annotated[
        int | None, typer.Option(help="Of the feature config; by default the present one.")
    ] = None,
    model_revision: Annotated[
        int | None, typer.Option(help="Of the model config; by default the present one.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Run a quick test and follow it to its end.

    [bold]Examples[/bold]

      recsmith quick-test run "My features" Standard

      recsmith quick-test run fc-ab12 mc-cd34 --sample 25 --epochs 5 --runner tfx

      recsmith quick-test run "My features" Standard --without product:brand

      recsmith quick-test run "My features" Standard --segment-by age_group

      recsmith quick-test run "My features" Standard --rules "Front page"
      recsmith quick-test run Rich Standard --split leave_one_out --setting temperature=0.05
    """
    with user_errors(), connected(home) as api:
        spec: dict[str, Any] = {
            **_configs(api, feature_config, model_config),
            "rating_column": rating,
            "data_sample_percent": sample,
            "epochs": epochs,
            "early_stopping_patience": patience,
            "runner": runner,
            "batch_size_override": batch_size,
            "learning_rate_override": learning_rate,
            "seed": seed,
            "leave_out": _left_out(without or []),
            "segment_columns": segment_by or [],
            "rule_set_id": _rule_set(api, rules),
            "sample_by": sample_by,
            "trained_percent": trained,
            "judged_percent": judged,
            "training_seed": training_seed,
            "settings": settings_of(setting or []),
            "feature_config_revision": feature_revision,
            "model_config_revision": model_revision,
            "split": {
                **split_of(split, ties).get("split", {}),
                "holdout_percent": holdout,
                "judged_on": judged_on,
            },
        }
        made = api.post("/api/quick-tests/", {"name": name, "spec": spec})
        heading(f"{made['name']}  ({made['id']})")
        _say_expected(api, spec)
        test = follow(api.follow(f"/api/quick-tests/{made['id']}/events/"))
        show_ended(test)


@app.command("list")
def list_all(
    state: Annotated[TestState | None, typer.Option(help="Only those in this state.")] = None,
    features: Annotated[
        str | None, typer.Option("--feature-config", help="Only tests of this one.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model-config", help="Only tests of this one.")
    ] = None,
    tag: TagOption = None,
    archived: ArchivedOption = False,
    owner: OwnerOption = None,
    as_json: AsJson = False,
    columns: Columns = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """List quick tests and full trainings, latest change first.

    [bold]Examples[/bold]

      recsmith quick-test list --state completed

      recsmith quick-test list --tag paper

      recsmith quick-test list --columns id,name,status.metrics
    """
    with user_errors(), connected(home) as api:
        asked = {} if state is None else {"state": state.value}
        for name, path, noun in (
            (features, "feature-configs", "feature config"),
            (model, "model-configs", "model config"),
        ):
            if name is not None:
                found = find(api, f"/api/{path}/", noun, name)
                asked[f"{noun.replace(' ', '_')}_id"] = found["id"]
        tests = marked_items(api, "/api/quick-tests/", tag, archived, owner, **asked)
        show_list(
            tests,
            fields_table("id", "name", "status.state", "updated_at"),
            empty="There is no such test. `recsmith quick-test run` makes one.",
            as_json=as_json,
            columns=columns,
        )


@app.command("show")
def show(
    quick_test: QuickTestArgument,
    segments: Annotated[
        bool,
        typer.Option(
            "--segments", help="For new, light and heavy customers, head and tail products…"
        ),
    ] = False,
    metric: Annotated[
        str | None, typer.Option(help="Of the segments: another one, such as mrr or rmse.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Show a quick test; follow it if it still runs.

    [bold]Examples[/bold]

      recsmith quick-test show qt-ab12

      recsmith quick-test show qt-ab12 --segments --metric recall_at_10
    """
    with user_errors(), connected(home) as api:
        if metric is not None and not segments:
            raise UserError("--metric is of the segments. Give --segments too.")
        found = find(api, "/api/quick-tests/", "quick test", quick_test)
        heading(f"{found['name']}  ({found['id']})")
        show_ended(follow(api.follow(f"/api/quick-tests/{found['id']}/events/")))
        if segments:
            asked = {} if metric is None else {"metric": metric}
            answer = api.get(f"/api/quick-tests/{found['id']}/segments/", **asked)
            show_segments(SegmentTable.model_validate(answer))


@app.command("delete")
def delete(
    quick_test: QuickTestArgument,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without being asked.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Delete a quick test or full training that has ended, with all that it left.

    [bold]Example[/bold]

      recsmith quick-test delete qt-ab12
    """
    with user_errors(), connected(home) as api:
        found = find(api, "/api/quick-tests/", "quick test", quick_test)
        plan = api.get(f"/api/quick-tests/{found['id']}/usage/")
        if not plan["deletable"]:
            raise UserError(plan["reason"])
        out.print(f"With {escape(found['name'])} ({found['id']}) go:")
        for what in plan["removes"]:
            out.print(f"  {what}")
        if not yes and not typer.confirm("Delete it?"):
            raise typer.Exit(1)
        api.delete(f"/api/quick-tests/{found['id']}/", found["revision"])
        done(f"{found['name']} is deleted.")


add_mark(app, "/api/quick-tests/", "quick test", "quick-test")


def train(
    quick_test: QuickTestArgument,
    epochs: Annotated[int, typer.Option(help="At most so many passes.")] = 20,
    patience: Annotated[
        int,
        typer.Option(
            help="End after so many epochs without a lower validation loss; 0 trains all epochs."
        ),
    ] = 2,
    sample: Annotated[float, typer.Option(help="Per cent of the customers to train on.")] = 100.0,
    runner: Annotated[str | None, typer.Option(help="By default the quick test's.")] = None,
    model_name: Annotated[
        str | None,
        typer.Option(
            help="The registered model that it becomes a version of. By default the one that has a "
            "version of the same configs, else the dataset's name."
        ),
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option(
            metavar="RULES",
            help="Id or name of a rule set to measure lists under too. By default the quick "
            "test's.",
        ),
    ] = None,
    no_rules: Annotated[
        bool, typer.Option("--no-rules", help="Measure under no rule set.")
    ] = False,
    warm_start: Annotated[
        bool,
        typer.Option(
            "--warm-start",
            help="Begin with the weights of the model's version in production, or of its latest "
            "one where none is. Fewer epochs mostly do then.",
        ),
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Train what a quick test has tried on all data, keep the model, and register it.

    The feature config is promoted once it is trained. `recsmith models promote` brings the model
    into production.

    [bold]Examples[/bold]

      recsmith train qt-ab12

      recsmith train qt-ab12 --epochs 50 --patience 5

      recsmith train qt-ab12 --model-name Grocery

      recsmith train qt-ab12 --rules "Front page"

      recsmith train qt-ab12 --warm-start --epochs 5
    """
    with user_errors(), connected(home) as api:
        if rules is not None and no_rules:
            raise UserError("--rules and --no-rules exclude each other. Give one of them.")
        found = find(api, "/api/quick-tests/", "quick test", quick_test)
        body = {
            "epochs": epochs,
            "early_stopping_patience": patience,
            "data_sample_percent": sample,
            "runner": runner,
            "model_name": model_name,
            "warm_start": warm_start,
            "rule_set_id": "" if no_rules else _rule_set(api, rules),
        }
        made = api.post(f"/api/quick-tests/{found['id']}/full-training/", body)
        heading(f"{made['name']}  ({made['id']})")
        _say_expected(api, made["spec"])
        show_ended(follow(api.follow(f"/api/quick-tests/{made['id']}/events/")))
        say_registered(api, made["id"])


def say_registered(api: Api, quick_test_id: str) -> dict[str, Any] | None:
    """Waits until a completed full training is registered, and says as what, which is returned;
    None where that takes longer."""
    path = f"/api/quick-tests/{quick_test_id}/"
    found = waited(api, path, lambda test: test["status"]["registered"] is not None)
    registered = found["status"]["registered"] if found else None
    if registered is None:
        out.print("[note]It is registered soon: see `recsmith models list`.[/]")
        return None
    done(f"Registered as version {registered['version']} of {registered['name']}.")
    command = (
        f"recsmith models promote {shlex.quote(registered['model_id'])} {registered['version']}"
    )
    out.print(f"[note]`{escape(command)}` brings it into production.[/]", soft_wrap=True)
    return dict(registered)


def _say_expected(api: Api, spec: dict[str, Any]) -> None:
    forecast = api.post("/api/quick-tests/estimate/", {"spec": spec})
    for problem in forecast["problems"]:
        if problem["code"] == "source_not_above_baselines":
            out.print(f"[bad]{escape(problem['message'])}[/]", soft_wrap=True)
    estimate = forecast["estimate"]
    if estimate is not None:
        out.print(f"[note]Expected: {expected(estimate)}[/]")
    if forecast["tells_apart"]:
        out.print(f"[note]{escape(forecast['tells_apart'])}[/]", soft_wrap=True)


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
        Path | None,
        typer.Option(
            "--out", help="Write both modules here instead, and run.py, which needs no Recsmith."
        ),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Print the two modules that a quick test would run, or write them with a script to run them.

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
        if folder is not None:
            modules["run.py"] = standalone_script()
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


def _rule_set(api: Api, rules: str | None) -> str | None:
    return None if rules is None else find(api, "/api/rule-sets/", "rule set", rules)["id"]


def split_of(strategy: str | None, ties: str | None) -> dict[str, Any]:
    given = {"strategy": strategy, "ties": ties}
    split = {name: value for name, value in given.items() if value is not None}
    return {"split": split} if split else {}


def settings_of(values: list[str]) -> dict[str, float]:
    """`NAME=VALUE` each. Raises UserError."""
    found: dict[str, float] = {}
    for value in values:
        name, _, number = value.partition("=")
        try:
            found[name] = float(number)
        except ValueError:
            raise UserError(
                f"A setting is given as NAME=VALUE, such as temperature=0.05. Received: {value!r}."
            ) from None
    return found


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
