"""The versions of a document: who changed what and when, what differs between two, and back to one.

No `from __future__ import annotations` here: Typer reads the annotations of functions whose types
are made by `add_version_commands`.
"""

import json
from collections.abc import Callable
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.markup import escape
from rich.text import Text

from local.cli.client import Api, UserError
from local.cli.output import done, heading, out, user_errors
from local.cli.owners import say_owner
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import table
from shared.as_code.kinds import FileKind
from shared.as_code.planning import tag_of
from shared.comparing.spec_differences import Differences

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
    for one in kept:
        saved = datetime.fromisoformat(str(one["created_at"]))
        shown.add_row(
            Text(str(one["revision"])),
            Text(f"{saved:%Y-%m-%d %H:%M}"),
            Text(one["created_by"] or "–"),
            Text(_changed(one["changes"])),
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


def _changed(changes: list[str] | None) -> str:
    """The first few sentences, a line each; None is the first version's."""
    if changes is None:
        return "created"
    more = [f"and {len(changes) - _MOST} more"] if len(changes) > _MOST else []
    return "\n".join([*changes[:_MOST], *more]) or "nothing"


def add_version_commands(
    kind: FileKind, added: Callable[..., Callable[[Any], Any]], document: Any
) -> None:
    """Adds `versions`, `diff` and `restore`.

    Args:
        added: adds a command by its name, summary and examples.
        document: the annotation of an argument that names a document.
    """
    noun = kind.noun

    @added("versions", f"Show every saved change of a {noun}.", "Basic")
    def versions(name: document, home: Home = DEFAULT_HOME) -> None:
        with user_errors(), connected(home) as api:
            found = find(api, kind.path, noun, name)
            show_versions(api, f"{kind.path}{found['id']}/", found)

    @added(
        "diff",
        f"Say what differs between two versions of a {noun}, or between two {noun}s, and what it "
        "did to the metrics.",
        "Basic",
        "Basic --from 2 --to 5",
        "Basic Wide --markdown",
    )
    def diff(
        name: document,
        other: Annotated[
            str | None, typer.Argument(metavar="OTHER", help="Another one's id or name.")
        ] = None,
        from_version: Annotated[
            int | None,
            typer.Option("--from", help="By default, that before; of two, the present one."),
        ] = None,
        to_version: Annotated[
            int | None, typer.Option("--to", help="By default, the present one.")
        ] = None,
        markdown: Annotated[
            bool, typer.Option("--markdown", help="As Markdown, for a pull request.")
        ] = False,
        as_json: Annotated[bool, typer.Option("--json", help="As JSON.")] = False,
        home: Home = DEFAULT_HOME,
    ) -> None:
        with user_errors(), connected(home) as api:
            asked = {
                "from_revision": from_version,
                "to_revision": to_version,
                "other_id": other and find(api, kind.path, noun, other)["id"],
            }
            given = {key: value for key, value in asked.items() if value is not None}
            document_id = find(api, kind.path, noun, name)["id"]
            found = api.get(f"{kind.path}{document_id}/differences/", **given)
            if as_json:
                typer.echo(json.dumps(found, indent=2, ensure_ascii=False))
            elif markdown:
                typer.echo(found["markdown"].rstrip())
            else:
                show_differences(Differences.model_validate(found))

    @added("restore", f"Make a {noun} say what a version of it said.", "Basic 3")
    def restore(
        name: document,
        version: Annotated[int, typer.Argument(metavar="VERSION", help="Its number.")],
        home: Home = DEFAULT_HOME,
    ) -> None:
        with user_errors(), connected(home) as api:
            _restore(api, kind, find(api, kind.path, noun, name), version)


def show_differences(found: Differences) -> None:
    """The server's sentences, and what the change did."""
    before, after = found.before, found.after
    same = before.id == after.id
    sides = f"version {before.revision} → {'' if same else f'{after.name}, '}version"
    heading(f"{before.name}, {sides} {after.revision}")
    for sentence in found.changes or ["Nothing differs."]:
        out.print(f"  {escape(sentence)}", soft_wrap=True)
    if found.effect is not None:
        out.print()
        out.print(escape(found.effect.sentence), soft_wrap=True)
        for warning in found.effect.warnings:
            out.print(f"[bad]![/] {escape(warning)}", soft_wrap=True)


def _restore(api: Api, kind: FileKind, held: dict[str, Any], version: int) -> None:
    """Raises UserError."""
    kept = {one["revision"]: one for one in api.get(f"{kind.path}{held['id']}/versions/")}
    if version not in kept:
        there = ", ".join(map(str, sorted(kept)))
        raise UserError(f"There is no version {version}. Versions are {there}.")
    say_owner(held)
    body = {key: held[key] for key in ("name", "description")} | {"spec": kept[version]["spec"]}
    made = api.put(f"{kind.path}{held['id']}/", body, tag_of(held))
    if made["revision"] == held["revision"]:
        done(f"{held['name']} says that already.")
    else:
        done(
            f"{held['name']} says what version {version} said. This is version {made['revision']}."
        )
