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
from local.cli.console import done, heading, out, user_errors, working
from local.cli.follow import follow
from local.cli.quick_tests import show_ended
from local.cli.system import DEFAULT_HOME, Home, connected, settled
from local.cli.tables import show_ratings, show_recommendations
from shared.comparing.words import BASELINES
from shared.documents.dataset import FileSource
from shared.documents.model_config import ModelConfigSpec, ModelType
from shared.documents.quick_test import QuickTest
from shared.jobs import MetricsReport
from shared.predictions import MAX_LISTED
from shared.rules.differences import against_baseline
from shared.rules.metrics import metric
from shared.tasks.rating_head import rating_head

_SAMPLE_PERCENT = 10.0
_EPOCHS = 2
_TOP = 10
_PRESET = "standard"
_RATING_COLUMN = "quantity"


class Algorithm(StrEnum):
    BRUTE_FORCE = "brute_force"
    SCANN = "scann"


def demo(
    task: Annotated[
        ModelType, typer.Option(help="What is learned; ranking and multitask rate quantities.")
    ] = ModelType.RETRIEVAL,
    algorithm: Annotated[
        Algorithm, typer.Option(help="How the best products are searched.")
    ] = Algorithm.BRUTE_FORCE,
    home: Home = DEFAULT_HOME,
) -> None:
    """Two configs become a tested model: real purchases, one laptop, a few minutes.

    Registers a year of 2,469 households' groceries, makes a feature config from smart defaults
    and the standard model config, trains on 10 % of the households, measures recall beside
    popularity, and recommends ten products to one household. Exit status 0 only if all of it
    happened and the model learned something.

    [bold]Example[/bold]

      recsmith demo

      recsmith demo --task multitask --algorithm scann
    """
    from local.cli.server import console_line  # with the HTTP server, which others need not load

    with user_errors():
        began = time.monotonic()
        heading("Recsmith demo")
        out.print(f"[note]{demo_data.LICENCE_NOTE}[/]")
        path = _prepare(home)
        with connected(home) as api:
            out.print(f"[note]Console:[/] {console_line(api.url)}")
            out.print(f"[note]API:     {api.url}/api/docs[/]")
            test = _run(api, path, task, algorithm)
            show_ended(test)
            _predict(api, test, task)
        _check(test)
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
    spec = {**preset["spec"], "model_type": task.value, "retrieval_algorithm": algorithm.value}
    name = preset["name"]
    if task is not ModelType.RETRIEVAL or algorithm is not Algorithm.BRUTE_FORCE:
        name = f"{name}, {task.value}, {algorithm.value}"
    if task is not ModelType.RETRIEVAL:
        layers = ModelConfigSpec.model_validate(spec).buyer_tower_layers
        spec["rating_head_layers"] = [
            layer.model_dump(mode="json") for layer in rating_head(layers)
        ]
    model = _ensure(api, "/api/model-configs/", name, spec)
    done(f"Model config: {name}. {preset['description']}")

    body = {
        "feature_config_id": features["id"],
        "model_config_id": model["id"],
        "data_sample_percent": _SAMPLE_PERCENT,
        "epochs": _EPOCHS,
        "rating_column": None if task is ModelType.RETRIEVAL else _RATING_COLUMN,
    }
    test = api.post("/api/quick-tests/", {"spec": body})
    heading(f"Quick test {test['id']}: {_SAMPLE_PERCENT:g} % of the households, {_EPOCHS} epochs")
    return follow(api.follow(f"/api/quick-tests/{test['id']}/events/"))


def _ensure(api: Api, path: str, name: str, spec: dict[str, Any]) -> dict[str, Any]:
    """The valid document of this name and spec: the one of an earlier run, or a new one."""
    for document in api.items(path):
        if document["name"] == name and document["spec"] == spec:
            return settled(api, f"{path}{document['id']}/")
    made = api.post(path, {"name": name, "spec": spec})
    return settled(api, f"{path}{made['id']}/")


def _predict(api: Api, test: QuickTest, task: ModelType) -> None:
    """Asks the model about one household, as anybody may over the API."""
    start = time.monotonic()
    path = f"/api/quick-tests/{test.id}"
    with working("Loading the saved model in a process of its own"):
        inputs = api.get(f"{path}/prediction-inputs/", limit=MAX_LISTED)
    done("Loaded the saved model in a process of its own", time.monotonic() - start)
    start = time.monotonic()
    # Of the busiest households the least busy one, which buys as most do.
    household = inputs["customers"][-1]["customer_id"]
    found = api.post(f"{path}/predictions/", {"customer_id": household, "k": _TOP})
    if not found["known"]:
        raise UserError(f"Household {household} is not among those that were trained on.")
    heading(f"For household {household}, from the saved model")
    if task is ModelType.RANKING:
        _rate(api, path, household, found)
    else:
        _recommend(found)
    done("Predicted", time.monotonic() - start)


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
        f"{name} is {model:.4f}, not clearly better than {BASELINES[baseline]} ({plain:.4f})."
    )
