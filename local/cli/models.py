"""`recsmith models`: registered models, and which of their versions is in production."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
from rich.markup import escape

from local.cli.client import Api, UserError
from local.cli.model_tables import models_table, show_audit, show_use, show_versions
from local.cli.output import done, heading, out, user_errors, working
from local.cli.system import DEFAULT_HOME, Home, connected, find, settled, waited
from local.cli.tables import AsJson, Columns, show_list
from shared.documents.registered_model import (
    RegisteredModel,
    RegisteredVersion,
    registered_model_id,
)

app = typer.Typer(
    no_args_is_help=True,
    help="Registered models: full trainings under one name, one of which is in production.",
)
ModelArgument = Annotated[str, typer.Argument(metavar="MODEL", help="Its id or name.")]
Reason = Annotated[str | None, typer.Option(help="Why, for the audit list.")]
_PATH = "/api/registered-models/"


@app.command("list")
def list_all(as_json: AsJson = False, columns: Columns = None, home: Home = DEFAULT_HOME) -> None:
    """List the registered models, latest change first.

    [bold]Examples[/bold]

      recsmith models list

      recsmith models list --columns name,status.aliases.production.version
    """
    with user_errors(), connected(home) as api:
        show_list(
            list(api.items(_PATH)),
            models_table,
            empty="No model is registered yet. `recsmith train` trains one in full and registers "
            "it.",
            as_json=as_json,
            columns=columns,
        )


@app.command("show")
def show(model: ModelArgument, home: Home = DEFAULT_HOME) -> None:
    """Show a model's versions, which of them is in production, how to use it, and who promoted it.

    [bold]Example[/bold]

      recsmith models show Grocery
    """
    with user_errors(), connected(home) as api:
        found = find_model(api, model)
        heading(f"{found.name}  ({found.id})")
        show_versions(found, _versions(api, found))
        show_audit(found)
        if found.status.aliases.production is not None:
            test_id = found.status.aliases.production.quick_test_id
            show_use(api.get(f"/api/quick-tests/{test_id}/use/"))


@app.command("promote")
def promote(
    model: ModelArgument,
    version: Annotated[int, typer.Argument(metavar="VERSION", help="Its number.", min=1)],
    reason: Annotated[
        str | None,
        typer.Option(
            help="Why, for the audit list. Needed where the version is worse than the one in "
            "production, or cannot be compared with it."
        ),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Bring a version into production, where it is not worse on the same held-out rows.

    [bold]Examples[/bold]

      recsmith models promote Grocery 3

      recsmith models promote Grocery 3 --reason "the catalogue has changed"
    """
    with user_errors(), connected(home) as api:
        promote_version(api, find_model(api, model).id, version, reason)


@app.command("rollback")
def rollback(model: ModelArgument, reason: Reason = None, home: Home = DEFAULT_HOME) -> None:
    """Bring the version back that was in production before.

    [bold]Example[/bold]

      recsmith models rollback Grocery --reason "empty lists for new customers"
    """
    with user_errors(), connected(home) as api:
        roll_back(api, find_model(api, model).id, reason)


@app.command("card")
def card(
    model: ModelArgument,
    version: Annotated[
        int | None, typer.Option(help="By default the one in production, else the latest.", min=1)
    ] = None,
    file: Annotated[
        Path | None, typer.Option("--out", help="Where to write it.", dir_okay=False)
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write a version's model card: what it was trained on, what it is good and bad at, its cost.

    The card is Markdown; without --out it is printed.

    [bold]Examples[/bold]

      recsmith models card Grocery

      recsmith models card Grocery --version 2 --out card.md
    """
    with user_errors(), connected(home) as api:
        found = find_model(api, model)
        usual = found.status.aliases.production or found.status.latest
        number = version or (usual.version if usual else 1)
        content = api.download("GET", f"{_PATH}{found.id}/versions/{number}/card/")
        if file is None:
            out.out(content.decode(), highlight=False, end="")
            return
        try:
            file.write_bytes(content)
        except OSError as error:
            raise UserError(f"{file} cannot be written: {error.strerror}.") from None
        done(str(file))


@app.command("download")
def download(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="A registered model, or a test; its id or name.")
    ],
    version: Annotated[
        int | None,
        typer.Option(
            help="Of a registered model; by default the one in production, else the latest.", min=1
        ),
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option("--out", help="By default, the id with .zip, in this folder.", dir_okay=False),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Save a trained model as a ZIP file of its folder `model/`, a SavedModel of TensorFlow.

    [bold]Examples[/bold]

      recsmith models download Grocery

      recsmith models download Grocery --version 2 --out grocery.zip

      recsmith models download qt-ab12
    """
    with user_errors(), connected(home) as api:
        path, name = _saved_model(api, model, version)
        target = file or Path(f"{name}.zip")
        if target.exists() and not force:
            raise UserError(f"{target} is there already. Give another --out, or --force.")
        with working("Downloading"):
            api.save(path, target)
        done(str(target))


def _saved_model(api: Api, wanted: str, version: int | None) -> tuple[str, str]:
    """Where the API has a model's archive, and what to call it. Raises UserError."""
    if any(wanted in (one["id"], one["name"]) for one in api.items(_PATH)):
        found = find_model(api, wanted)
        usual = found.status.aliases.production or found.status.latest
        number = version or (usual.version if usual else 1)
        return f"{_PATH}{found.id}/versions/{number}/model.zip/", f"{found.id}-{number}"
    try:
        test = find(api, "/api/quick-tests/", "registered model or test", wanted)
    except UserError as error:
        lists = "`recsmith models list` and `recsmith tests list` show them."
        raise UserError(f"{error} {lists}") from None
    if version is not None:
        raise UserError(f"{test['name']} is a test, which has one model. Leave --version out.")
    return f"/api/quick-tests/{test['id']}/model.zip/", str(test["id"])


def promote_version(api: Api, model_id: str, version: int, reason: str | None) -> None:
    """Brings a version into production, and says how that was judged. Raises UserError."""
    body = {"version": version, "reason": reason}
    _say_promoted(api, api.post(f"{_PATH}{model_id}/promote/", body))


def roll_back(api: Api, model_id: str, reason: str | None) -> None:
    """Brings the version back that was in production before. Raises UserError."""
    _say_promoted(api, api.post(f"{_PATH}{model_id}/rollback/", {"reason": reason}))


def _say_promoted(api: Api, answer: dict[str, Any]) -> None:
    """Waits until the aliases have followed and servers are told, and says what they are."""
    out.print(escape(answer["verdict"]["sentence"]), soft_wrap=True)
    path = f"{_PATH}{answer['model']['id']}/"
    settled(api, path)
    found = waited(api, path, lambda model: not model["status"]["pointer_due"])
    if found is None:
        raise UserError("Servers have not been told yet; they are as soon as the store can be had.")
    now = RegisteredModel.model_validate(found)
    aliases = now.status.aliases
    if aliases.production is None:
        raise UserError(f"No version of {now.name!r} is in production.")
    before = f"; before it: version {aliases.previous.version}" if aliases.previous else ""
    done(f"Version {aliases.production.version} of {now.name} is in production{before}.")


def find_model(api: Api, wanted: str) -> RegisteredModel:
    """By id, or by name whatever the case of its letters. Raises UserError."""
    called = registered_model_id(wanted)
    for found in api.items(_PATH):
        if found["id"] in (wanted, called):
            return RegisteredModel.model_validate(found)
    return RegisteredModel.model_validate(find(api, _PATH, "registered model", wanted))


def _versions(api: Api, model: RegisteredModel) -> list[RegisteredVersion]:
    found = api.get(f"{_PATH}{model.id}/versions/")["items"]
    return [RegisteredVersion.model_validate(one) for one in found]
