"""`recsmith experiments`: versions of a model compared on customers (A/B tests)."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape

from local.cli.client import Api, UserError
from local.cli.experiment_tables import show_experiment, show_result
from local.cli.models import ModelArgument, find_model
from local.cli.output import done, heading, out, user_errors, working
from local.cli.system import DEFAULT_HOME, Home, connected, settled, waited
from shared.documents.online_experiment import Experiment
from shared.documents.registered_model import RegisteredModel
from shared.editing import find_experiment
from shared.errors import NotFoundError
from shared.online.measuring import ExperimentResult, measured
from shared.online.outcomes import Tables
from shared.problems import InvalidError, from_pydantic
from shared.tables.files import kind_of

app = typer.Typer(
    no_args_is_help=True,
    help="Experiments (A/B tests): versions of a registered model that answer beside each other, "
    "each customer by one of them. docs/online.md has the whole way.",
)
_PATH = "/api/registered-models/"
_BIGQUERY = "bq://"


@app.command("start")
def start(
    model: ModelArgument,
    shares: Annotated[
        list[str],
        typer.Argument(
            metavar="VERSION=SHARE…",
            help="Versions and their shares of customers in percent, the one in production first.",
        ),
    ],
    salt: Annotated[
        str | None,
        typer.Option(help="That of an earlier experiment, to keep its customers where they were."),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Have two to four versions answer beside each other, each customer by one of them.

    Servers of the model follow within seconds, with all versions in memory.

    [bold]Examples[/bold]

      recsmith experiments start Grocery 1=50 2=50

      recsmith experiments start Grocery 1=90 2=10 --salt ex-1f0c9a7b21
    """
    versions = [_version_share(one) for one in shares]
    with user_errors(), connected(home) as api:
        found = find_model(api, model)
        body = {"versions": versions, "salt": salt}
        api.post(f"{_PATH}{found.id}/experiment/start/", body)
        now = _followed(api, found.id)
        if now.status.experiment is None:
            raise UserError("The experiment has not begun.", _problems(now))
        done(f"Experiment {now.status.experiment.id} of {now.name} runs.")
        show_experiment(now.status.experiment)


@app.command("show")
def show(model: ModelArgument, home: Home = DEFAULT_HOME) -> None:
    """Show the experiment that runs, and those that have ended.

    [bold]Example[/bold]

      recsmith experiments show Grocery
    """
    with user_errors(), connected(home) as api:
        found = find_model(api, model)
        running, ended = found.status.experiment, found.status.ended_experiments
        if running is not None:
            show_experiment(running)
        for one in ended:
            show_experiment(one)
        if running is None and not ended:
            out.print(
                f"No experiment of {escape(found.name)} has run yet. `recsmith experiments start` "
                "has versions answer beside each other."
            )


@app.command("end")
def end(model: ModelArgument, home: Home = DEFAULT_HOME) -> None:
    """Have the version in production answer everybody again.

    [bold]Example[/bold]

      recsmith experiments end Grocery
    """
    with user_errors(), connected(home) as api:
        found = find_model(api, model)
        api.post(f"{_PATH}{found.id}/experiment/end/", {})
        now = _followed(api, found.id)
        if now.status.experiment is not None:
            raise UserError("The experiment has not ended.", _problems(now))
        production = now.status.aliases.production
        whom = f"version {production.version}" if production else "no version"
        done(f"The experiment of {now.name} has ended; {whom} answers everybody.")


@app.command("measure")
def measure(
    model: ModelArgument,
    exposures: Annotated[
        str,
        typer.Option(
            help="The log of exposures: JSON lines, CSV or Parquet, a file or a folder; or "
            "bq://project.dataset.table."
        ),
    ],
    outcomes: Annotated[
        str, typer.Option(help="What customers bought: customer, product, time; likewise.")
    ],
    days: Annotated[
        float, typer.Option(help="How long after the first exposure an outcome counts.")
    ] = 7.0,
    column: Annotated[
        list[str] | None,
        typer.Option(
            help="What a column is called, as exposures.time=shown_at or outcomes.value=price; "
            "may be repeated. Usual names: exposures.customer_id, version, time, experiment_id, "
            "assigned_by, product_ids; outcomes.customer_id, product_id, time, value."
        ),
    ] = None,
    zone: Annotated[
        str | None, typer.Option(help="Of times that name none, such as Europe/Berlin; else UTC.")
    ] = None,
    experiment: Annotated[
        str | None, typer.Option(help="Its id; by default the one that runs, or the last one.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Say what an experiment has shown, by the shop's own log and orders. Nothing is stored.

    The tables are read on this machine, also where the model is a deployment's. Of a table in
    BigQuery what is needed is queried, from the experiment's beginning on.

    [bold]Examples[/bold]

      recsmith experiments measure Grocery --exposures exposures.jsonl --outcomes orders.parquet

      recsmith experiments measure Grocery --exposures log/ --outcomes orders.csv --days 14 --column outcomes.customer_id=client --zone Europe/Berlin

      recsmith experiments measure Grocery --exposures log/ --outcomes bq://my-shop.sales.orders
    """  # noqa: E501
    from local.data.outcomes import DuckDBOutcomes

    with user_errors():
        tables = _tables(exposures, outcomes, days, column or [], zone)
        with connected(home) as api:
            found = find_model(api, model)
        one = _experiment(found, experiment)
        try:
            with working("Counting outcomes"):
                read = DuckDBOutcomes(home / "tmp").read(one, tables)
        except InvalidError as invalid:
            raise UserError(
                "The tables cannot be used.",
                [problem.model_dump(mode="json") for problem in invalid.problems],
            ) from None
        result: ExperimentResult = measured(one, read)
        if as_json:
            typer.echo(result.model_dump_json(indent=2))
            return
        heading(f"{found.name}: experiment {one.id}")
        show_result(one, result)


def _percent(text: str | float) -> float:
    """5 of `5` and of `5%`. Raises ValueError."""
    return float(str(text).strip().removesuffix("%"))


def _percent_option(text: str | float) -> float:
    try:
        return _percent(text)
    except ValueError:
        raise typer.BadParameter(f"Give a number in percent, as 5 or 5%, not {text!r}.") from None


def _in_percent(help: str) -> Any:  # noqa: A002
    return typer.Option(help=help, metavar="PERCENT", parser=_percent_option)


@app.command("size")
def size(
    rate: Annotated[float, _in_percent(help="Of the control's customers who buy, in percent.")],
    change: Annotated[
        float,
        _in_percent(help="Of that rate, in percent, that is to be found: 10 finds 5.5 beside 5."),
    ],
    share: Annotated[
        float, _in_percent(help="Of customers who get the other version, in percent.")
    ] = 50.0,
    power: Annotated[
        float, _in_percent(help="In how many of 100 experiments such a change is found.")
    ] = 80.0,
    per_day: Annotated[
        float | None, typer.Option(help="Customers who come for the first time each day.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Say how many customers an experiment takes, and how many days.

    [bold]Example[/bold]

      recsmith experiments size --rate 5 --change 10 --per-day 2000
    """
    with user_errors(), connected(home) as api:
        body = {
            "rate_percent": rate,
            "change_percent": change,
            "share_percent": share,
            "power_percent": power,
            "customers_per_day": per_day,
        }
        out.print(escape(api.post(f"{_PATH}sample-size/", body)["sentence"]), soft_wrap=True)


def _version_share(text: str) -> dict[str, Any]:
    version, _, share = text.partition("=")
    try:
        return {"version": int(version), "share_percent": _percent(share)}
    except ValueError:
        raise typer.BadParameter(
            f"Give a version and its share of customers, as 2=50, not {text!r}."
        ) from None


def _followed(api: Api, model_id: str) -> RegisteredModel:
    """The model once its status has followed and servers are told. Raises UserError."""
    path = f"{_PATH}{model_id}/"
    settled(api, path)
    found = waited(api, path, lambda model: not model["status"]["pointer_due"])
    if found is None:
        raise UserError("Servers have not been told yet; they are as soon as the store can be had.")
    return RegisteredModel.model_validate(found)


def _problems(model: RegisteredModel) -> list[Any]:
    return [one.model_dump(mode="json") for one in model.status.validation.problems]


def _experiment(model: RegisteredModel, wanted: str | None) -> Experiment:
    try:
        return find_experiment(model, wanted)
    except NotFoundError as error:
        raise UserError(f"{error} `recsmith experiments show {model.id}` lists them.") from None


def _tables(
    exposures: str, outcomes: str, days: float, columns: list[str], zone: str | None
) -> Tables:
    """Raises UserError."""
    told: dict[str, Any] = {"exposures": {}, "outcomes": {}}
    for one in columns:
        role, _, name = one.partition("=")
        table, _, field = role.partition(".")
        if table not in told or not field or not name:
            raise UserError(f"Say a column as outcomes.time=bought_at, not {one!r}.")
        told[table][field] = name
    for table, path in (("exposures", exposures), ("outcomes", outcomes)):
        told[table]["source"] = _source(path, zone)
    try:
        return Tables.model_validate({**told, "days": days})
    except ValidationError as error:
        problems = from_pydantic(
            error, "", frozenset({"parquet", "csv", "json", "excel", "bigquery"})
        )
        raise UserError(
            "The tables cannot be used.", [one.model_dump(mode="json") for one in problems]
        ) from None


def _source(given: str, zone: str | None) -> dict[str, Any]:
    """Raises UserError."""
    if given.startswith(_BIGQUERY):
        return {"kind": "bigquery", "table": given.removeprefix(_BIGQUERY)}
    path = Path(given)
    place = path.expanduser().absolute()
    names = [one.name for one in place.rglob("*")] if place.is_dir() else [place.name]
    kind = kind_of(names)
    if kind is None:
        raise UserError(f"{path} is read by its name's end: .csv, .parquet, .jsonl or .xlsx.")
    source: dict[str, Any] = {"kind": kind, "uri": str(place)}
    return {**source, "options": {"zone": zone}} if zone else source
