"""`recsmith demo`: two configs become a tested model, on real data."""

from __future__ import annotations

import time
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.padding import Padding

from local import demo_data
from local.cli.client import Api, UserError
from local.cli.follow import follow
from local.cli.output import done, heading, out, user_errors, working
from local.cli.quick_tests import show_ended
from local.cli.system import DEFAULT_HOME, Home, connected, settled
from local.cli.tables import show_ratings, show_recommendations
from shared.baselines import baseline as baseline_of
from shared.documents.dataset import FileSource
from shared.documents.model_config import ModelType
from shared.documents.quick_test import QuickTest
from shared.jobs import MetricsReport
from shared.metrics import metric
from shared.predictions import MAX_LISTED
from shared.rules.differences import against_baseline
from shared.tasks import TASKS, filled_in
from shared.wording import percentage, plural

# On a sample half as large, some 200 households, the model's lead over a list of what each bought
# before lies within the interval.
_SAMPLE_PERCENT = 25.0
_EPOCHS = 2
_TOP = 10
_PRESET = "recommended"
_RATING_COLUMN = "quantity"


class Algorithm(StrEnum):
    BRUTE_FORCE = "brute_force"
    SCANN = "scann"


def demo(
    task: Annotated[
        ModelType, typer.Option(help="What is learned; models that rate predict quantities.")
    ] = ModelType("retrieval"),
    algorithm: Annotated[
        Algorithm, typer.Option(help="How the best products are searched.")
    ] = Algorithm.BRUTE_FORCE,
    serve: Annotated[
        bool,
        typer.Option(
            "--serve",
            help="Go on: train in full, promote, serve, ask, fill a table, roll back.",
        ),
    ] = False,
    data_only: Annotated[
        bool,
        typer.Option("--data-only", help="Write the purchases to HOME/demo, and stop there."),
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Two configs become a tested model: real purchases, one laptop, a few minutes.

    Registers a year of 2,469 households' groceries, makes a feature config from smart defaults
    and the recommended model config, trains on a sample of the households, measures recall beside
    what needs no model, and recommends ten products to one household. Exit status 0 only if all of
    it happened and the model learned something.

    [bold]Example[/bold]

      recsmith demo

      recsmith demo --serve

      recsmith demo --task multitask --algorithm scann

      recsmith demo --data-only
    """
    # With the HTTP server, which others need not load.
    from local.cli.demo_use import use
    from local.cli.server import address, console_line

    with user_errors():
        began = time.monotonic()
        heading("Recsmith demo")
        out.print(f"[note]{demo_data.LICENCE_NOTE}[/]")
        path = _prepare(home)
        if data_only:
            done(path.as_posix())
            return
        with connected(home) as api:
            out.print(f"[note]Console:[/] {console_line(api, home)}", soft_wrap=True)
            out.print(f"[note]API:     {address(api, home, '/api/docs')}[/]", soft_wrap=True)
            test = _run(api, path, task, algorithm)
            show_ended(test)
            household = _predict(api, test, task)
            _check(test)
            if serve:
                use(api, home, test, household)
        out.print()
        done("All of it happened", time.monotonic() - began)


def _prepare(home: Path) -> Path:
    start = time.monotonic()
    with working("Preparing the demo data"):
        path = demo_data.prepare(home)
    done("Demo data", time.monotonic() - start)
    return path


def _run(api: Api, path: Path, task: ModelType, algorithm: Algorithm) -> QuickTest:
    start = time.monotonic()
    source = FileSource(kind="parquet", uri=path.as_posix())
    spec = {"source": source.model_dump(), "column_mapping": demo_data.MAPPING}
    with working("Profiling the purchases"):
        dataset = _ensure(api, "/api/datasets/", demo_data.NAME, spec)
    rows, columns = dataset["status"]["row_count"], len(dataset["status"]["columns"])
    done(f"Dataset: {rows:,} purchases, {columns} columns", time.monotonic() - start)

    defaults = api.get(f"/api/datasets/{dataset['id']}/smart-defaults/")
    features = _ensure(api, "/api/feature-configs/", f"{demo_data.NAME}, smart defaults", defaults)
    done("Feature config, by smart defaults")
    for tower in ("buyer", "product"):
        chosen = [feature["column"] for feature in features["spec"][f"{tower}_model_features"]]
        out.print(Padding(f"[note]{tower}:[/] {', '.join(chosen)}", (0, 0, 0, 4)))

    preset = api.get(f"/api/model-configs/presets/{_PRESET}/")
    trained = {**preset["spec"], "model_type": task.value, "retrieval_algorithm": algorithm.value}
    if not TASKS[task].retrieves:
        trained["reranker"] = None  # it would have nothing to order
    name = preset["name"]
    if trained != preset["spec"]:
        name = f"{name}, {task.value}, {algorithm.value}"
    model = _ensure(api, "/api/model-configs/", name, filled_in(trained))
    done(f"Model config: {name}. {preset['description']}")

    body = {
        "feature_config_id": features["id"],
        "model_config_id": model["id"],
        "data_sample_percent": _SAMPLE_PERCENT,
        "epochs": _EPOCHS,
        "rating_column": _RATING_COLUMN if TASKS[task].rates else None,
    }
    test = api.post("/api/quick-tests/", {"spec": body})
    sample = f"{percentage(_SAMPLE_PERCENT)} of the households"
    heading(f"Quick test {test['id']}: {sample}, {plural(_EPOCHS, 'epoch')}")
    return follow(api.follow(f"/api/quick-tests/{test['id']}/events/"))


def _ensure(api: Api, path: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The valid document of this name and spec: the one of an earlier run, or a new one."""
    for document in api.items(path):
        if document["name"] == name and document["spec"] == spec:
            return settled(api, f"{path}{document['id']}/")
    made = api.post(path, {"name": name, "spec": spec})
    return settled(api, f"{path}{made['id']}/")


def _predict(api: Api, test: QuickTest, task: ModelType) -> str:
    """Asks the model about one household, which is returned, as anybody may over the API."""
    start = time.monotonic()
    path = f"/api/quick-tests/{test.id}"
    with working("Loading the saved model in a process of its own"):
        inputs = api.get(f"{path}/prediction-inputs/", limit=MAX_LISTED)
    done("Loaded the saved model in a process of its own", time.monotonic() - start)
    start = time.monotonic()
    # Of the busiest households the least busy one, which buys as most do.
    household: str = inputs["customers"][-1]["customer_id"]
    found = api.post(f"{path}/predictions/", {"customer_id": household, "k": _TOP})
    if not found["known"]:
        raise UserError(f"Household {household} is not among those that were trained on.")
    heading(f"For household {household}, from the saved model")
    if TASKS[task].retrieves:
        _recommend(found)
    else:
        _rate(api, path, household, found)
    done("Predicted", time.monotonic() - start)
    return household


def _recommend(found: dict[str, Any]) -> None:
    best = found["recommendations"]
    if len(best) < _TOP:
        raise UserError(f"The model recommended {len(best)} products instead of {_TOP}.")
    if unnamed := [product["product_id"] for product in best if not product["name"]]:
        raise UserError(f"Recommended products have no name: {', '.join(unnamed)}.")
    show_recommendations(best, found["history"][:_TOP])
    again = sum(product["bought_before"] for product in best)
    out.print(f"[note]It bought {again} of the {_TOP} before.[/]")


def _rate(api: Api, path: str, household: str, found: dict[str, Any]) -> None:
    """What the model expects of the products that a household bought most often."""
    bought = [product["product_id"] for product in found["history"][:_TOP]]
    answer = api.post(
        f"{path}/predictions/", {"customer_id": household, "k": 1, "product_ids": bought}
    )
    ratings = answer["ratings"]
    if len(ratings) < _TOP:
        raise UserError(f"The model gave {len(ratings)} ratings instead of {_TOP}.")
    show_ratings(_RATING_COLUMN, ratings)


def _check(test: QuickTest) -> None:
    """Raises UserError where the model did not learn, or not more than what is popular."""
    losses = [epoch.loss for epoch in test.status.epochs]
    if len(losses) < 2 or not losses[-1] < losses[0]:
        shown = ", ".join(f"{loss:.4f}" for loss in losses) or "none"
        raise UserError(f"The loss did not fall. By epoch: {shown}.")
    results = test.status.results
    assert results is not None, "a completed test has results"
    for name, baseline in (("recall_at_100", "popularity"), ("rmse", "global_mean")):
        if baseline in results.baselines:
            _beats(name, baseline, results)
    if not test.status.vocabulary:
        raise UserError("The test has no vocabulary statistics.")


def _beats(name: str, baseline: str, results: MetricsReport) -> None:
    """Raises UserError unless the model is better, and clearly so where there is an interval."""
    model, plain = results.metrics[name], results.baselines[baseline][name]
    found = against_baseline(name, baseline, results)
    if found == "better" or (found is None and metric(name).better(model, plain)):
        return
    raise UserError(
        f"{metric(name).label} is {model:.4f}, not clearly better than "
        f"{baseline_of(baseline).doing} ({plain:.4f})."
    )
