"""`recsmith dataset`: register files of purchases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli import joining, reading
from local.cli.client import Api, UserError
from local.cli.output import done, heading, out, user_errors, working
from local.cli.roles import given_roles
from local.cli.system import DEFAULT_HOME, Home, connected, find, settled
from local.cli.tables import AsJson, Columns, datasets_table, show_columns, show_list
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE, Dataset
from shared.documents.tables import Tables
from shared.wording import first_of

app = typer.Typer(no_args_is_help=True, help="Register files of purchases, and list them.")

DatasetArgument = Annotated[str, typer.Argument(metavar="DATASET", help="Its id or name.")]

_ADD_EXAMPLES = """
Register a Parquet or CSV file, a folder of them, or a glob pattern; at a deployment a table of
BigQuery, as bq://PROJECT.DATASET.TABLE.

How it is read and what columns mean is told by the files, the columns' types, names and first rows;
what you say goes first. What was understood is shown, and kept with the dataset.

[bold]Examples[/bold]

  recsmith dataset add purchases.parquet

  recsmith dataset add 'sales/2024-*.csv' --name Sales --customer cust_no --product article

  recsmith dataset add bq://my-shop.sales.order_items

  recsmith dataset add purchases.csv --role brand=product_brand --no-guess

  recsmith dataset add export.csv --encoding cp1252 --delimiter ';' --decimal , --day-first

  recsmith dataset add events.csv --products catalogue.csv --available in_stock \\
    --customers members.csv --event-types type:purchase=target,return=negative --from 2024-01-01
"""
_CHANGE_EXAMPLES = """
Change how a dataset is read, or what its columns mean.

[bold]Examples[/bold]

  recsmith dataset change purchases --type price=FLOAT --missing -999

  recsmith dataset change purchases --role stars=rating

  recsmith dataset change purchases --where 'channel in web,app' --until 2025-01-01
"""
# Columns that are named where one has to be chosen; all stand in the table above.
_MOST_NAMED = 12
_REQUIRED = {CUSTOMER_ID: "--customer", PRODUCT_ID: "--product"}


@app.command("add", help=_ADD_EXAMPLES)
def add(
    path: Annotated[
        str, typer.Argument(help="File, folder, glob pattern or bq:// table.", metavar="PATH")
    ],
    name: Annotated[str | None, typer.Option(help="Default: the file's name.")] = None,
    customer: Annotated[str | None, typer.Option(help="Column of the customer's id.")] = None,
    product: Annotated[str | None, typer.Option(help="Column of the product's id.")] = None,
    timestamp: Annotated[str | None, typer.Option(help="Column of the purchase's time.")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Another role, as COLUMN=ROLE; may be repeated.")
    ] = None,
    guess: Annotated[bool, typer.Option(help="Guess the roles of other columns.")] = True,
    dry_run: Annotated[bool, typer.Option(help="Show what is understood; add nothing.")] = False,
    format_: reading.Kind = None,
    encoding: reading.Encoding = None,
    delimiter: reading.Delimiter = None,
    quote: reading.Quote = None,
    escape_: reading.Escape = None,
    header_row: reading.HeaderRow = None,
    decimal: reading.Decimal = None,
    day_first: reading.DayFirst = None,
    zone: reading.Zone = None,
    missing: reading.Missing = None,
    type_: reading.Types = None,
    time_format: reading.TimeFormat = None,
    time_of_day: reading.TimeOfDay = None,
    skip_bad_lines: reading.SkipBadLines = None,
    products: joining.Products = None,
    products_key: joining.ProductsKey = None,
    products_latest: joining.ProductsLatest = None,
    available: joining.Available = None,
    customers: joining.Customers = None,
    customers_key: joining.CustomersKey = None,
    customers_latest: joining.CustomersLatest = None,
    where: joining.Where = None,
    since: joining.From = None,
    until: joining.Until = None,
    event_types: joining.EventTypes = None,
    home: Home = DEFAULT_HOME,
) -> None:
    with user_errors():
        said = reading.Said(
            format_,
            encoding,
            delimiter,
            quote,
            escape_,
            header_row,
            decimal,
            day_first,
            zone,
            missing,
            type_,
            time_format,
            time_of_day,
            skip_bad_lines,
        )
        told = joining.Joining(
            products,
            products_key,
            products_latest,
            available,
            customers,
            customers_key,
            customers_latest,
            where,
            since,
            until,
            event_types,
        )
        source = reading.source_of(path, said)
        given = given_roles(customer, product, timestamp, role or [])
        named = Path(path.rstrip("/")).name
        last = named.split(".")[-1 if "table" in source else 0]
        stem = last.strip("*-_ ") or "Purchases"
        with connected(home) as api:
            asked = {"source": source, "column_mapping": given}
            roles = {} if told == joining.Joining() else _roles(api, asked)
            asked |= told.tables(api, {}, roles)
            found = api.post(
                "/api/datasets/inspect/", asked if guess else {"events": None, **asked}
            )
            if not guess:
                found["column_mapping"], found["role_reasons"] = given, {}
            reading.show_understood(found)
            _check(found, given)
            if dry_run:
                return
            spec = {**found["tables"], "column_mapping": found["column_mapping"]}
            made = api.post("/api/datasets/", {"name": name or stem, "spec": spec})
            dataset = _profiled(api, made["id"])
        out.print()
        done(f"{dataset.name}: {dataset.status.row_count:,} rows. Its id is {dataset.id}.")
        _show(dataset)


@app.command("change", help=_CHANGE_EXAMPLES)
def change(
    dataset: DatasetArgument,
    role: Annotated[
        list[str] | None,
        typer.Option(help="A role, as COLUMN=ROLE; COLUMN=none takes it away; may be repeated."),
    ] = None,
    format_: reading.Kind = None,
    encoding: reading.Encoding = None,
    delimiter: reading.Delimiter = None,
    quote: reading.Quote = None,
    escape_: reading.Escape = None,
    header_row: reading.HeaderRow = None,
    decimal: reading.Decimal = None,
    day_first: reading.DayFirst = None,
    zone: reading.Zone = None,
    missing: reading.Missing = None,
    type_: reading.Types = None,
    time_format: reading.TimeFormat = None,
    time_of_day: reading.TimeOfDay = None,
    skip_bad_lines: reading.SkipBadLines = None,
    products: joining.Products = None,
    products_key: joining.ProductsKey = None,
    products_latest: joining.ProductsLatest = None,
    available: joining.Available = None,
    customers: joining.Customers = None,
    customers_key: joining.CustomersKey = None,
    customers_latest: joining.CustomersLatest = None,
    where: joining.Where = None,
    since: joining.From = None,
    until: joining.Until = None,
    event_types: joining.EventTypes = None,
    home: Home = DEFAULT_HOME,
) -> None:
    with user_errors():
        said = reading.Said(
            format_,
            encoding,
            delimiter,
            quote,
            escape_,
            header_row,
            decimal,
            day_first,
            zone,
            missing,
            type_,
            time_format,
            time_of_day,
            skip_bad_lines,
        )
        told = joining.Joining(
            products,
            products_key,
            products_latest,
            available,
            customers,
            customers_key,
            customers_latest,
            where,
            since,
            until,
            event_types,
        )
        with connected(home) as api:
            known = find(api, "/api/datasets/", "dataset", dataset)
            spec = api.get(f"/api/datasets/{known['id']}/")["spec"]
            source, roles = spec["source"], spec["column_mapping"]
            if source["kind"] != "bigquery":
                source["kind"] = format_ or source["kind"]
                source["options"] = said.options(source.get("options"))
            for column, meant in given_roles(None, None, None, role or []).items():
                roles = {name: one for name, one in roles.items() if name != column}
                if meant != "none":
                    roles = {name: one for name, one in roles.items() if one != meant}
                    roles[column] = meant
            known_tables = {
                name: spec[name]
                for name in Tables.model_fields
                if name in spec and name != "source"
            }
            asked = {"source": source, "column_mapping": roles, "events": None}
            asked |= told.tables(api, known_tables, roles)
            found = api.post("/api/datasets/inspect/", asked)
            named = {column["name"] for column in found["columns"]}
            body = {
                "name": known["name"],
                "spec": {
                    **found["tables"],
                    "column_mapping": {n: one for n, one in roles.items() if n in named},
                },
            }
            api.put(f"/api/datasets/{known['id']}/", body, known["revision"])
            changed = _profiled(api, known["id"])
        done(f"{changed.name}: {changed.status.row_count:,} rows.")
        _show(changed)


@app.command("show")
def show(
    dataset: DatasetArgument,
    as_json: AsJson = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Show a dataset's columns, what becomes of its rows, and whether its source has changed since
    they were read.

    [bold]Examples[/bold]

      recsmith dataset show purchases

      recsmith dataset show purchases --json > purchases.json
    """
    with user_errors(), connected(home) as api:
        known = find(api, "/api/datasets/", "dataset", dataset)
        whole = api.get(f"/api/datasets/{known['id']}/")
        if as_json:
            typer.echo(json.dumps(whole, indent=2, ensure_ascii=False))
            return
        found = Dataset.model_validate(whole)
        heading(f"{found.name}  ({found.id})")
        if found.status.row_count is None:
            out.print("Not profiled yet")
        _show(found)


@app.command("profile")
def profile(dataset: DatasetArgument, home: Home = DEFAULT_HOME) -> None:
    """Read a dataset's source again, after it has changed.

    [bold]Example[/bold]

      recsmith dataset profile purchases
    """
    with user_errors(), connected(home) as api:
        known = find(api, "/api/datasets/", "dataset", dataset)
        before = known["status"]["row_count"]
        api.post(f"/api/datasets/{known['id']}/profile/", {})
        found = _profiled(api, known["id"])
        was = f" (before: {before:,})" if before is not None else ""
        done(f"{found.name}: {found.status.row_count:,} rows{was}.")
        _show(found)


@app.command("list")
def list_(as_json: AsJson = False, columns: Columns = None, home: Home = DEFAULT_HOME) -> None:
    """List the registered datasets.

    [bold]Examples[/bold]

      recsmith dataset list

      recsmith dataset list --columns name,status.row_count
    """
    with user_errors(), connected(home) as api:
        show_list(
            list(api.items("/api/datasets/")),
            datasets_table,
            empty="There is no dataset yet. Add one: recsmith dataset add PATH",
            as_json=as_json,
            columns=columns,
        )


def _check(found: dict[str, Any], given: dict[str, str]) -> None:
    """Asks for what only the user knows. Raises UserError."""
    mapping: dict[str, str] = found["column_mapping"]
    columns = [f"{one['name']} ({one['type']})" for one in found["columns"]]
    for needed, option in _REQUIRED.items():
        if needed not in mapping.values():
            raise UserError(
                f"Which column is the {needed}? Say it with {option}; it may be STRING or INTEGER. "
                f"The columns are {first_of(columns, _MOST_NAMED)}."
            )
    asked = [one for one in found["problems"] if one["code"] == "day_or_month_first"]
    if asked and TRANSACTION_DATE not in mapping.values():
        raise UserError(f"{asked[0]['message']} One of them is {asked[0]['received']!r}.")


def _profiled(api: Api, dataset_id: str) -> Dataset:
    with working("Profiling"):
        return Dataset.model_validate(settled(api, f"/api/datasets/{dataset_id}/"))


def _roles(api: Api, asked: dict[str, Any]) -> dict[str, str]:
    """The roles of the events' own columns."""
    mapping: dict[str, str] = api.post("/api/datasets/inspect/", {**asked, "events": None})[
        "column_mapping"
    ]
    return mapping


def _show(dataset: Dataset) -> None:
    show_columns(dataset)
    for name, side in dataset.status.sides.items():
        out.print()
        out.print(f"[note]{name.capitalize()}: {escape(side.told)}.[/]", soft_wrap=True)
    if dataset.status.rows is not None:
        out.print()
        for sentence in dataset.status.rows.told:
            out.print(f"[note]{sentence}[/]", soft_wrap=True)
    for problem in dataset.status.validation.problems:
        out.print(f"[bad]![/] {escape(problem.message)}", soft_wrap=True)
