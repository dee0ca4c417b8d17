"""`recsmith rules`: rules of lists under a name."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.table import Table

from local.cli.client import UserError
from local.cli.output import done, heading, out, user_errors, working
from local.cli.system import DEFAULT_HOME, Home, connected, find, settled
from local.cli.tables import AsJson, Columns, Documents, show_list, table
from shared.wording import plural

app = typer.Typer(no_args_is_help=True, help="Rules of lists under a name: filters, caps, pins.")

RuleSetArgument = Annotated[str, typer.Argument(metavar="RULES", help="Its id or name.")]
_FILE = typer.Argument(metavar="FILE", help="The rules as JSON: filters, caps and pins.")
DatasetOption = Annotated[
    str, typer.Option("--dataset", metavar="DATASET", help="Whose products they are about.")
]
_PATH = "/api/rule-sets/"


@app.command("list")
def list_rule_sets(
    as_json: AsJson = False, columns: Columns = None, home: Home = DEFAULT_HOME
) -> None:
    """List rule sets.

    [bold]Examples[/bold]

      recsmith rules list

      recsmith rules list --columns name,revision
    """
    with user_errors(), connected(home) as api:
        show_list(
            list(api.items(_PATH)),
            _tabled,
            empty="There is no rule set yet. `recsmith rules add` makes one.",
            as_json=as_json,
            columns=columns,
        )


def _tabled(found: Documents) -> Table:
    shown = table("id", "name", "filters", "caps", "pins", "state")
    for one in found:
        rules = one["spec"]["rules"]
        counts = (str(len(rules[part])) for part in ("filters", "caps", "pins"))
        state = one["status"]["validation"]["state"]
        shown.add_row(one["id"], escape(one["name"]), *counts, state)
    return shown


@app.command("add")
def add(
    file: Annotated[Path, _FILE],
    dataset: DatasetOption,
    name: Annotated[str | None, typer.Option(help="By default, the file's name.")] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Keep rules under a name, so that requests can give the name.

    A rule set that has the name already is changed.

    [bold]Example[/bold]

      recsmith rules add front-page.json --dataset purchases
    """
    with user_errors(), connected(home) as api:
        of = find(api, "/api/datasets/", "dataset", dataset)
        body = {"name": name or file.stem, "spec": _spec(file, of["id"])}
        named = [one for one in api.items(_PATH) if one["name"] == body["name"]]
        if len(named) > 1:
            raise UserError(f"Several rule sets are called {body['name']!r}: delete all but one.")
        if named:
            made = api.put(f"{_PATH}{named[0]['id']}/", body, named[0]["revision"])
        else:
            made = api.post(_PATH, body)
        with working("Checking the rules"):
            settled(api, f"{_PATH}{made['id']}/")
        done(f"{'Changed' if named else 'Added'} {made['name']} ({made['id']}).")


@app.command("show")
def show(rules: RuleSetArgument, home: Home = DEFAULT_HOME) -> None:
    """Print a rule set's rules as JSON, as `rules add` takes them.

    [bold]Example[/bold]

      recsmith rules show front-page
    """
    with user_errors(), connected(home) as api:
        found = find(api, _PATH, "rule set", rules)
        typer.echo(json.dumps(found["spec"]["rules"], indent=2, ensure_ascii=False))


@app.command("check")
def check(
    file: Annotated[Path, _FILE],
    dataset: DatasetOption,
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="TEST", help="Count which of this test's products fit."),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Say what is wrong with rules, and how many products fit; nothing is stored.

    [bold]Examples[/bold]

      recsmith rules check front-page.json --dataset purchases

      recsmith rules check front-page.json --dataset purchases --test qt-ab12
    """
    with user_errors(), connected(home) as api:
        of = find(api, "/api/datasets/", "dataset", dataset)
        body: dict[str, Any] = {"spec": _spec(file, of["id"])}
        if test is not None:
            body["quick_test_id"] = find(api, "/api/quick-tests/", "quick test", test)["id"]
        with working("Checking the rules"):
            found = api.post(f"{_PATH}validate/", body)
        if not found["valid"]:
            wrong = [one for one in found["problems"] if one["level"] == "error"]
            raise UserError("These rules are not valid.", wrong)
        done("The rules are valid.")
        if (preview := found["preview"]) is not None:
            heading(f"{preview['fitting']:,} of {plural(preview['products'], 'product')} fit")
            shown = table("filter", "fitting by itself")
            for one in preview["filters"]:
                shown.add_row(escape(one["filter"]), f"{one['fitting']:,}")
            out.print(shown)


def _spec(file: Path, dataset_id: str) -> dict[str, Any]:
    """Raises UserError."""
    try:
        rules = json.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(f"{file} cannot be read: {error.strerror or error}.") from None
    except ValueError as error:
        raise UserError(f"{file} is not JSON: {error}.") from None
    return {"dataset_id": dataset_id, "rules": rules}
