"""`recsmith dataset`: register files of purchases."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from local.cli.client import UserError
from local.cli.console import done, out, user_errors, working
from local.cli.system import DEFAULT_HOME, Home, connected, settled
from local.cli.tables import show_columns, show_datasets
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE, Dataset, FileSource
from shared.rules.roles import guess_roles

app = typer.Typer(no_args_is_help=True, help="Register files of purchases, and list them.")

_ADD_EXAMPLES = """
Register a Parquet or CSV file, a folder of them, or a glob pattern.

Roles of columns are guessed from common names; what you say goes before any guess.

[bold]Examples[/bold]

  recsmith dataset add purchases.parquet

  recsmith dataset add 'sales/2024-*.csv' --name Sales --customer cust_no --product article

  recsmith dataset add purchases.csv --role brand=product_brand --no-guess
"""
_REQUIRED = {CUSTOMER_ID: "--customer", PRODUCT_ID: "--product"}


@app.command("add", help=_ADD_EXAMPLES)
def add(
    path: Annotated[str, typer.Argument(help="File, folder or glob pattern.", metavar="PATH")],
    name: Annotated[str | None, typer.Option(help="Default: the file's name.")] = None,
    customer: Annotated[str | None, typer.Option(help="Column of the customer's id.")] = None,
    product: Annotated[str | None, typer.Option(help="Column of the product's id.")] = None,
    timestamp: Annotated[str | None, typer.Option(help="Column of the purchase's time.")] = None,
    role: Annotated[
        list[str] | None, typer.Option(help="Another role, as COLUMN=ROLE; may be repeated.")
    ] = None,
    guess: Annotated[bool, typer.Option(help="Guess the roles of other columns.")] = True,
    home: Home = DEFAULT_HOME,
) -> None:
    with user_errors():
        source = _source(path)
        given = _given(customer, product, timestamp, role or [])
        from local.data import DuckDBDataSource

        columns = [column.name for column in DuckDBDataSource(home).inspect(source)]
        mapping = guess_roles(columns, given) if guess else given
        for column, guessed in mapping.items():
            if column not in given:
                out.print(f"[note]Guessed:[/] {escape(column)} is [title]{guessed}[/]")
        for needed, option in _REQUIRED.items():
            if needed not in mapping.values():
                raise UserError(
                    f"Which column is the {needed}? Say it with {option}. "
                    f"The columns are {', '.join(columns)}."
                )
        stem = Path(path.rstrip("/")).name.split(".")[0].strip("*-_ ") or "Purchases"
        body = {
            "name": name or stem,
            "spec": {"source": source.model_dump(), "column_mapping": mapping},
        }
        with connected(home) as api:
            made = api.post("/api/datasets/", body)
            with working("Profiling"):
                dataset = Dataset.model_validate(settled(api, f"/api/datasets/{made['id']}/"))
        done(f"{dataset.name}: {dataset.status.row_count:,} rows. Its id is {dataset.id}.")
        show_columns(dataset)


@app.command("list")
def list_(home: Home = DEFAULT_HOME) -> None:
    """List the registered datasets.

    [bold]Example[/bold]

      recsmith dataset list
    """
    with user_errors():
        with connected(home) as api:
            datasets = [Dataset.model_validate(data) for data in api.items("/api/datasets/")]
        if datasets:
            show_datasets(datasets)
        else:
            out.print("There is no dataset yet. Add one: recsmith dataset add PATH")


def _source(path: str) -> FileSource:
    absolute = path if "://" in path else Path(path).expanduser().absolute().as_posix()
    names = Path(path)
    csv = "csv" in names.suffix.lower()
    if not names.suffix and names.is_dir():
        csv = not any(names.rglob("*.parquet")) and any(names.rglob("*.csv"))
    return FileSource(kind="csv" if csv else "parquet", uri=absolute)


def _given(
    customer: str | None, product: str | None, timestamp: str | None, others: list[str]
) -> dict[str, str]:
    given: dict[str, str] = {}
    pairs: list[tuple[str | None, str]] = [
        (customer, CUSTOMER_ID),
        (product, PRODUCT_ID),
        (timestamp, TRANSACTION_DATE),
    ]
    for other in others:
        column, equals, role = other.rpartition("=")
        if not equals or not column or not role:
            raise UserError(f"A role is given as COLUMN=ROLE. Received: {other!r}.")
        pairs.append((column, role))
    for named, meant in pairs:
        if named is None:
            continue
        if named in given:
            raise UserError(f"Column {named!r} has two roles: {given[named]} and {meant}.")
        given[named] = meant
    return given
