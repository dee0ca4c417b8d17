"""`recsmith … mark`: how runs are sorted, and lists narrowed by it."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from local.cli.client import Api, UserError
from local.cli.output import done, user_errors
from local.cli.system import DEFAULT_HOME, Home, connected, find
from shared.wording import listed

TagOption = Annotated[str | None, typer.Option("--tag", help="Only those with this tag.")]
ArchivedOption = Annotated[
    bool, typer.Option("--archived", help="Those that are archived, which lists leave out.")
]
OwnerOption = Annotated[
    str | None, typer.Option("--owner", help="Only those that this e-mail address has started.")
]


def marked_items(
    api: Api, path: str, tag: str | None, archived: bool, owner: str | None, **asked: Any
) -> list[dict[str, Any]]:
    """A list's documents: archived ones, or all others."""
    given = {"tag": tag, "owner": owner, "archived": "true" if archived else None}
    asked |= {name: value for name, value in given.items() if value is not None}
    found = api.items(path, **asked)
    return [one for one in found if one["marks"]["archived"] is archived]


def add_mark(app: typer.Typer, path: str, noun: str, command: str) -> None:
    """Adds `mark` to a group of runs.

    Args:
        path: of the resource in the API.
        command: what the group is called.
    """

    def mark(
        wanted: Annotated[str, typer.Argument(metavar="RUN", help="Its id or name.")],
        tag: Annotated[
            list[str] | None, typer.Option("--tag", help="Adds a tag; may be repeated.")
        ] = None,
        untag: Annotated[
            list[str] | None, typer.Option("--untag", help="Removes a tag; may be repeated.")
        ] = None,
        pin: Annotated[
            bool | None, typer.Option("--pin/--unpin", help="Whether it comes first.")
        ] = None,
        archive: Annotated[
            bool | None,
            typer.Option("--archive/--unarchive", help="Whether lists leave it out."),
        ] = None,
        note: Annotated[str | None, typer.Option(help="In place of its description.")] = None,
        name: Annotated[str | None, typer.Option(help="In place of its name.")] = None,
        home: Home = DEFAULT_HOME,
    ) -> None:
        changes = {
            "add_tags": tag,
            "remove_tags": untag,
            "pinned": pin,
            "archived": archive,
            "description": note,
            "name": name,
        }
        given = {key: value for key, value in changes.items() if value not in (None, [])}
        with user_errors():
            if not given:
                raise UserError(
                    "Say what to change: --tag, --untag, --pin, --archive, --note or --name."
                )
            with connected(home) as api:
                found = find(api, path, noun, wanted)
                made = api.patch(f"{path}{found['id']}/", given)
                done(f"{made['name']}: {_said(made['marks'])}.")

    mark.__doc__ = f"""Rename, note, tag, pin or archive a {noun}; its results stay as they are.

    [bold]Examples[/bold]

      recsmith {command} mark "Rich × Standard" --tag paper --pin

      recsmith {command} mark "Rich × Standard" --archive --note "The price was in it."
    """
    app.command("mark")(mark)


def _said(marks: dict[str, Any]) -> str:
    tags = f"tagged {listed(marks['tags'])}" if marks["tags"] else "no tags"
    also = [name for name in ("pinned", "archived") if marks[name]]
    return ", ".join([tags, *also])
