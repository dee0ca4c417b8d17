"""What can be done with documents of every kind: commands that each kind's group gets.

No `from __future__ import annotations` here: Typer reads the annotations of functions whose types
are made by `add_commands`.
"""

import os
import shlex
import subprocess
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any

import typer

from local.cli.applying import held_by
from local.cli.as_code import file_errors, read_documents, show_findings
from local.cli.client import Api, UserError
from local.cli.output import done, user_errors
from local.cli.owners import say_owner
from local.cli.system import DEFAULT_HOME, Home, connected, find
from local.cli.tables import AsJson, Columns, as_json_text, fields_table, show_list
from local.cli.versions import add_version_commands
from shared.as_code.documents import FileDocument, document_of
from shared.as_code.kinds import FileKind
from shared.as_code.planning import Holdings, planned, tag_of
from shared.as_code.reading import FilesError, read
from shared.as_code.rendering import rendered

Yes = Annotated[bool, typer.Option("--yes", "-y", help="Without being asked.")]
Called = Annotated[
    str | None, typer.Option("--name", help="By default, what the file or the original says.")
]


def add_commands(app: typer.Typer, kind: FileKind, *, also: tuple[str, ...] = ()) -> None:
    """Adds the commands that a kind's group does not have of its own.

    Args:
        also: `list`, `show` and `create`, where the group has none.
    """
    noun = kind.noun
    example = f"recsmith {kind.command}"
    own = {one.name for one in app.registered_commands}

    def document_named(context: typer.Context, incomplete: str) -> list[str]:
        return names_of(kind, context, incomplete)

    document = Annotated[
        str,
        typer.Argument(
            metavar=kind.key.upper(), help="Its id or name.", autocompletion=document_named
        ),
    ]

    def added(name: str, summary: str, *examples: str) -> Callable[[Any], Any]:
        shown = "\n\n  ".join(f"{example} {name}{f' {one}' if one else ''}" for one in examples)
        heading = "Example" if len(examples) == 1 else "Examples"
        if name in own:
            return lambda function: function
        return app.command(name, help=f"{summary}\n\n[bold]{heading}[/bold]\n\n  {shown}")

    if "list" in also:

        @added("list", f"List the {noun}s.", "", "--columns name,revision")
        def list_all(
            as_json: AsJson = False, columns: Columns = None, home: Home = DEFAULT_HOME
        ) -> None:
            with user_errors(), connected(home) as api:
                show_list(
                    list(api.items(kind.path)),
                    fields_table("name", "id", "status.validation.state", "updated_at"),
                    empty=f"There is no {noun} yet. `{example} create` makes one.",
                    as_json=as_json,
                    columns=columns,
                )

    if "show" in also:

        @added("show", f"Print a {noun} as YAML, as `apply` takes it.", "Basic", "Basic --json")
        def show(name: document, as_json: AsJson = False, home: Home = DEFAULT_HOME) -> None:
            with user_errors(), connected(home) as api:
                found = find(api, kind.path, noun, name)
                typer.echo(as_json_text(found) if as_json else _yaml(kind, found, held_by(api)))

    if "create" in also:

        @added(
            "create",
            f"Create a {noun} from a file of YAML or JSON; - reads standard input.",
            "basic.yaml",
            "- --name Copy",
        )
        def create(
            file: Annotated[str, typer.Argument(metavar="FILE", help="Or - for standard input.")],
            name: Called = None,
            home: Home = DEFAULT_HOME,
        ) -> None:
            with file_errors(), connected(home) as api:
                wanted = one_of_kind(read_documents([file]), kind, name)
                made = created(api, wanted)
                done(f"Created {made['name']} ({made['id']}).")

    if not kind.runs:

        @added("edit", f"Change a {noun} as YAML in $VISUAL or $EDITOR.", "Basic")
        def edit(name: document, home: Home = DEFAULT_HOME) -> None:
            with file_errors(), connected(home) as api:
                _edit(api, kind, find(api, kind.path, noun, name))

    if kind.cloned:

        @added("clone", f"Make a {noun} that says the same.", "Basic", "Basic --name Wide")
        def clone(name: document, new: Called = None, home: Home = DEFAULT_HOME) -> None:
            with user_errors(), connected(home) as api:
                found = find(api, kind.path, noun, name)
                made = api.post(f"{kind.path}{found['id']}/clone/", {"name": new})
                done(f"Created {made['name']} ({made['id']}).")

    @added("delete", f"Delete a {noun} that nothing uses.", "Basic", "Basic --yes")
    def delete(name: document, yes: Yes = False, home: Home = DEFAULT_HOME) -> None:
        with user_errors(), connected(home) as api:
            found = find(api, kind.path, noun, name)
            usage = api.get(f"{kind.path}{found['id']}/usage/")
            if not usage["deletable"]:
                raise UserError(usage["reason"])
            say_owner(found)
            if not yes and not typer.confirm(f"Delete {noun} {found['name']!r}?"):
                raise typer.Exit(1)
            api.delete(f"{kind.path}{found['id']}/", found["revision"])
            done(f"{found['name']} is deleted.")

    if kind.versioned:
        add_version_commands(kind, added, document)


def names_of(kind: FileKind, context: typer.Context, incomplete: str) -> list[str]:
    """Names that a shell offers, of a system that runs; none where one would have to be started."""
    from local.cli.note import running
    from local.cli.token import token_of

    home = Path(os.environ.get("RECSMITH_HOME", DEFAULT_HOME))
    try:
        url = running(home, busy=False)  # who presses Tab does not wait
        if url is None:
            return []
        with Api(url, token=token_of(home)) as api:
            return [
                one["name"] for one in api.items(kind.path) if one["name"].startswith(incomplete)
            ]
    except (UserError, OSError):
        return []


def created(api: Api, document: FileDocument) -> dict[str, Any]:
    """Raises UserError, FilesError; one of the same name is no hindrance to the API, but here."""
    holdings = held_by(api)
    step = planned([document], holdings).steps[0]
    if step.held is not None:
        raise UserError(
            f"There is a {document.title} already. Give another name, or `recsmith apply` it."
        )
    made: dict[str, Any] = api.post(document.kind.path, document.body(holdings.ids()))
    return made


def one_of_kind(documents: list[FileDocument], kind: FileKind, name: str | None) -> FileDocument:
    """Raises UserError."""
    if len(documents) != 1 or documents[0].kind is not kind:
        found = ", ".join(one.title for one in documents) or "nothing"
        raise UserError(f"The file has one {kind.noun}. Received: {found}.")
    (one,) = documents
    if name is None:
        return one
    return FileDocument(kind, name, one.description, one.spec, one.text)


def _yaml(kind: FileKind, held: dict[str, Any], holdings: Holdings) -> str:
    names = holdings.names_by_id()
    text = rendered(kind, held["name"], held["description"], held["spec"], names)
    return text.rstrip("\n")


def _edit(api: Api, kind: FileKind, held: dict[str, Any]) -> None:
    """Raises UserError; what was typed is kept then, in a file that it names."""
    say_owner(held)
    editor = os.environ.get("VISUAL") or os.environ.get("EDITOR")
    if not editor:
        raise UserError("Set EDITOR to your editor, such as EDITOR=nano.")
    before = _yaml(kind, held, held_by(api)) + "\n"
    handle, name = tempfile.mkstemp(prefix=f"recsmith-{held['id']}-", suffix=".yaml")
    os.close(handle)
    path = Path(name)
    path.write_text(before, encoding="utf-8")
    try:
        subprocess.run([*shlex.split(editor), name], check=True)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        raise UserError(f"The editor {editor!r} failed: {error}. The text is in {name}.") from None
    if path.read_text(encoding="utf-8") == before:
        path.unlink()
        done("Nothing changed.")
        return
    try:
        texts = read(path.read_bytes(), name)
        if len(texts) != 1:
            raise UserError(f"One document is edited; the file has {len(texts)}.")
        wanted = document_of(texts[0])
        if wanted.kind is not kind:
            raise UserError(f"The kind stays {kind.key}.")
        _replace(api, wanted, held)
    except FilesError as error:
        show_findings(error.findings)
        raise UserError(f"Nothing was changed. The text is kept in {name}.") from None
    except UserError as error:
        message = f"{error} Nothing was changed. The text is kept in {name}."
        raise UserError(message, error.fields, error.code) from None
    path.unlink()
    done(f"{wanted.name} is changed.")


def _replace(api: Api, wanted: FileDocument, held: dict[str, Any]) -> None:
    """Raises UserError, FilesError."""
    holdings = held_by(api)
    others = [one for one in holdings.documents[wanted.kind.key] if one["id"] != held["id"]]
    rest = Holdings({**holdings.documents, wanted.kind.key: others})
    planned([wanted], rest)
    if rest.called(wanted.kind, wanted.name) is not None:
        raise UserError(f"There is another {wanted.title}.")
    api.put(f"{wanted.kind.path}{held['id']}/", wanted.body(holdings.ids()), tag_of(held))
