"""`recsmith demo`: two configs become a tested model, on real data."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import duckdb
import typer
from rich.padding import Padding

from local import demo_data
from local.cli.client import Api, UserError
from local.cli.console import done, heading, out, user_errors, working
from local.cli.follow import follow
from local.cli.predict import job_request, path_of, query_features, rate, recommend
from local.cli.quick_tests import show_ended
from local.cli.server import console_line
from local.cli.system import DEFAULT_HOME, Home, connected, settled
from local.cli.tables import GLOBAL_MEAN, POPULARITY, show_ratings, show_recommendations
from shared.documents.dataset import FileSource
from shared.documents.model_config import ModelConfigSpec, ModelType
from shared.documents.quick_test import QuickTest
from shared.jobs import JobRequest
from shared.sources import literal, lockdown, quote, raw_value, relation, source_files
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
            if task is ModelType.RANKING:
                _rate(home, test)
            else:
                _recommend(home, test)
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


@dataclass(frozen=True)
class _Household:
    """Attributes:
    query: raw values of its latest purchase, by the model's feature.
    bought: names of the products that it bought most often, and how often.
    purchases: raw values of both sides, by the model's feature, a row for each of `bought`.
    """

    customer_id: str
    query: dict[str, Any]
    bought: list[tuple[str, int]]
    purchases: dict[str, list[Any]]


def _recommend(home: Path, test: QuickTest) -> None:
    request = job_request(home, test)
    household = _household(request)
    heading(f"For household {household.customer_id}, from the saved model in a fresh process")
    start = time.monotonic()
    with working("Loading the model"):
        best = recommend(request, household.query, _TOP)
    if len(best) < _TOP:
        raise UserError(f"The model recommended {len(best)} products instead of {_TOP}.")
    if unnamed := [product["product_id"] for product in best if not product["name"]]:
        raise UserError(f"Recommended products have no name: {', '.join(unnamed)}.")
    show_recommendations(best, household.bought)
    again = sum(product["name"] in dict(household.bought) for product in best)
    out.print(f"[note]{again} of the {_TOP} also on the list of what it bought most.[/]")
    done("Recommended", time.monotonic() - start)


def _rate(home: Path, test: QuickTest) -> None:
    """What the model expects of the products that a household bought most often."""
    request = job_request(home, test)
    household = _household(request)
    heading(f"For household {household.customer_id}, from the saved model in a fresh process")
    start = time.monotonic()
    with working("Loading the model"):
        ratings = rate(request, household.purchases)
    if len(ratings) < _TOP or not all(math.isfinite(rating) for rating in ratings):
        raise UserError(f"The model gave {len(ratings)} usable ratings instead of {_TOP}.")
    show_ratings(_RATING_COLUMN, [name for name, _ in household.bought], ratings)
    done("Rated", time.monotonic() - start)


def _household(request: JobRequest) -> _Household:
    """The sampled household with the median number of purchases, as the dataset has it."""
    spec = request.examples
    assert isinstance(spec.source, FileSource), "the demo's data is a file"
    files = source_files(spec.source)
    columns = {feature.key: feature.column for feature in spec.features}
    customer, product = quote(columns[spec.customer_key]), quote(columns[spec.product_key])
    time_column = quote(spec.timestamp_column or columns[spec.customer_key])
    name = quote(spec.name_column or columns[spec.product_key])
    features = query_features(request)
    values = ", ".join(raw_value(feature.column, feature.type) for feature in features)
    attributes = "".join(
        f", any_value({raw_value(feature.column, feature.type)})"
        for feature in request.examples.features
        if feature.key in request.examples.candidate_keys
    )
    trained_on = [path_of(request.output_uri) / "examples" / "train" / "part-00000.parquet"]
    train = FileSource(kind="parquet", uri=trained_on[0].as_posix())
    with duckdb.connect(":memory:") as connection:
        for statement in lockdown([*files, *trained_on]):
            connection.execute(statement)
        connection.execute(f"CREATE TEMP VIEW data AS FROM {relation(spec.source, files)}")
        connection.execute(f"CREATE TEMP VIEW train AS FROM {relation(train, trained_on)}")
        found = connection.execute(
            f"SELECT {quote(spec.customer_key)} FROM train GROUP BY 1 ORDER BY count(*), 1 "
            f"LIMIT 1 OFFSET (SELECT count(DISTINCT {quote(spec.customer_key)}) // 2 FROM train)"
        ).fetchone()
        assert found is not None, "the sample that was trained on holds households"
        customer_id = str(found[0])
        of_household = f"FROM data WHERE {customer} = {literal(customer_id)}"
        latest = connection.execute(
            f"SELECT {values} {of_household} ORDER BY {time_column} DESC LIMIT 1"
        ).fetchone()
        assert latest is not None
        bought = connection.execute(
            f"SELECT any_value({name}), count(*) AS times{attributes} {of_household} "
            f"GROUP BY {product} ORDER BY times DESC, {product} LIMIT {_TOP}"
        ).fetchall()
    query = {feature.key: value for feature, value in zip(features, latest, strict=True)}
    described = [f for f in request.examples.features if f.key in request.examples.candidate_keys]
    purchases = {key: [value] * len(bought) for key, value in query.items()}
    for place, feature in enumerate(described, 2):
        purchases[feature.key] = [row[place] for row in bought]
    return _Household(customer_id, query, [(str(row[0]), int(row[1])) for row in bought], purchases)


def _check(test: QuickTest) -> None:
    """Raises UserError where the model did not learn, or not more than what is popular."""
    losses = [epoch.loss for epoch in test.status.epochs]
    if len(losses) < 2 or not losses[-1] < losses[0]:
        shown = ", ".join(f"{loss:.4f}" for loss in losses) or "none"
        raise UserError(f"The loss did not fall. By epoch: {shown}.")
    results = test.status.results
    assert results is not None, "a completed test has results"
    for metric, baseline, higher in (
        ("recall_at_100", POPULARITY, True),
        ("rmse", GLOBAL_MEAN, False),
    ):
        if baseline not in results.baselines:
            continue
        model, plain = results.metrics[metric], results.baselines[baseline][metric]
        if not (model > plain if higher else model < plain):
            raise UserError(f"{metric} is {model:.4f}, no better than {baseline}'s {plain:.4f}.")
    if not test.status.vocabulary:
        raise UserError("The test has no vocabulary statistics.")
