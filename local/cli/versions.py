"""`recsmith versions`: who changed what of a dataset or config, and when."""

from __future__ import annotations

from datetime import datetime
from itertools import zip_longest
from typing import Annotated, Any

import typer
from rich.text import Text

from local.cli.client import Api, UserError
from local.cli.output import heading, out, user_errors
from local.cli.system import DEFAULT_HOME, Home, connected
from local.cli.tables import table
from shared.rules.field_changes import changes
from shared.wording import first_of

_KINDS = ("datasets", "feature-configs", "model-configs")
_MOST = 6


def versions(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Id or name of a dataset or config.")],
    home: Home = DEFAULT_HOME,
) -> None:
    """Show every saved change of a dataset, a feature config or a model config: who made it, when,
    and which fields it changed. Where nobody signs in, nobody is named.

    [bold]Example[/bold]

      recsmith versions "My features"
    """
    with user_errors(), connected(home) as api:
        show_versions(api, *_find(api, name))


def show_versions(api: Api, path: str, found: dict[str, Any]) -> None:
    """Every saved change of a document, which has this path in the API."""
    kept = api.get(f"{path}versions/")
    heading(f"{found['name']}  ({found['id']})")
    shown = table("version", "saved", "by", "changed")
    for column in shown.columns[1:]:
        column.justify = "left"
    for after, before in zip_longest(kept, kept[1:]):
        saved = datetime.fromisoformat(str(after["created_at"]))
        shown.add_row(
            Text(str(after["revision"])),
            Text(f"{saved:%Y-%m-%d %H:%M}"),
            Text(after["created_by"] or "–"),
            Text("created" if before is None else _changed(before, after)),
        )
    out.print(shown)


def _find(api: Api, wanted: str) -> tuple[str, dict[str, Any]]:
    """A document's path in the API, and the document. Raises UserError."""
    named = []
    for kind in _KINDS:
        for document in api.items(f"/api/{kind}/"):
            if document["id"] == wanted:
                return f"/api/{kind}/{wanted}/", document
            if document["name"] == wanted:
                named.append((f"/api/{kind}/{document['id']}/", document))
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(document["id"] for _, document in named)
        raise UserError(f"{len(named)} documents are called {wanted!r}. Give an id: {ids}.")
    raise UserError(f"There is no dataset or config with the id or name {wanted!r}.")


def _changed(before: dict[str, Any], after: dict[str, Any]) -> str:
    """The fields that differ, the first few by name."""
    fields = [
        change.path
        for part in ("name", "description", "spec")
        for change in changes("" if part == "spec" else part, before[part], after[part])
    ]
    return first_of(fields, _MOST) or "nothing"
