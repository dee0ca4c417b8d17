"""`recsmith apply`, `diff`, `validate`, `export` and `schema`: documents kept in files."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import ValidationError
from rich.markup import escape

from local.cli.applying import carry_out, check_offline, held_by, other_version, path_of, plan_of
from local.cli.client import Api, UserError
from local.cli.exporting import export_into, stream_of
from local.cli.output import done, err, user_errors, working
from local.cli.plan_shown import due, show_plan, title
from local.cli.system import DEFAULT_HOME, Home, connected, settled
from shared.as_code.documents import FileDocument
from shared.as_code.files import documents_in, documents_of
from shared.as_code.kinds import KINDS, FileKind, kind_called
from shared.as_code.reading import FilesError, Finding
from shared.as_code.schema import schema as schema_of
from shared.as_code.walking import STANDARD_INPUT, File, files_in
from shared.documents.dataset import Dataset
from shared.problems import Problem, shorten
from shared.wording import alternatives, capital, plural

Paths = Annotated[
    list[str],
    typer.Argument(metavar="PATH", help="Files, folders of files, or - for standard input."),
]
_TROUBLE = 2  # of `diff`, as of diff(1): 1 means that something differs
_DONE = {"create": "created", "update": "updated", "mark": "marked"}


@contextmanager
def file_errors(status: int = 1) -> Iterator[None]:
    """Ends the command with every finding at its line and column."""
    with user_errors(status):
        try:
            yield
        except FilesError as error:
            show_findings(error.findings)
            count = len(error.findings)
            wrong = "thing is" if count == 1 else "things are"
            so_far = error.done or "Nothing was changed."
            raise UserError(f"{count} {wrong} wrong. {so_far}") from None


def show_findings(findings: Sequence[Finding]) -> None:
    for one in sorted(findings):
        path = f" {one.path}:" if one.path else ""
        received = "" if one.received is None else f" Received: {shorten(one.received)!r}."
        mark = "[bad]error[/]" if one.level == "error" else "warning"
        text = escape(f"{path} {one.message}{received}")
        err.print(f"{escape(str(one.place))}: {mark}:{text}", soft_wrap=True)


def read_documents(paths: Sequence[str]) -> list[FileDocument]:
    """Raises FilesError."""
    return documents_in(paths, sys.stdin.buffer.read)


def _read_files(paths: Sequence[str]) -> tuple[list[File], list[FileDocument]]:
    """With what they hold, each found right by itself. Raises FilesError."""
    found = list(files_in(paths, sys.stdin.buffer.read))
    documents = documents_of(found)
    return [one for one in found if isinstance(one, File)], documents


def apply(
    paths: Paths,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Without being asked.")] = False,
    wait: Annotated[
        bool, typer.Option(help="Until the system has judged what was written.")
    ] = True,
    home: Home = DEFAULT_HOME,
) -> None:
    """Make the system hold what files say: create and change documents; delete none.

    All files are checked before anything is written. The plan is shown, then asked about. Sweeps
    and tunings start when they are created. Exit status: 0 applied or nothing to do, 1 refused.

    [bold]Examples[/bold]

      recsmith apply configs/

      recsmith --url https://… apply configs/ --yes

      recsmith export feature-config Basic | recsmith apply - --yes
    """
    with file_errors():
        files, documents = _read_files(paths)
        with connected(home) as api:
            steps = _plan(api, files, judge=True)
            show_plan(steps)
            if not due(steps):
                return
            _agreed(yes, paths)
            with working("Applying"):
                made = carry_out(api, files, steps)
            for one in made:
                done(f"{capital(title(one))} {_DONE[one['action']]}.")
            if wait:
                _wait(api, made, documents)


def diff(paths: Paths, home: Home = DEFAULT_HOME) -> None:
    """Show how what the system holds differs from what files say.

    Exit status: 0 the same, 1 something differs, 2 they could not be compared.

    [bold]Examples[/bold]

      recsmith diff configs/

      recsmith diff configs/basic.yaml
    """
    with file_errors(_TROUBLE):
        files, _ = _read_files(paths)
        with connected(home) as api:
            steps = _plan(api, files, judge=False)
        show_plan(steps)
    if any(step["action"] in ("create", "update") for step in steps):
        raise typer.Exit(1)


def validate(
    paths: Paths,
    profile: Annotated[
        list[Path] | None,
        typer.Option(
            metavar="FILE",
            help="A dataset with its columns, as `recsmith dataset show NAME --json` prints it: "
            "documents over it are checked by it; may be repeated.",
        ),
    ] = None,
    with_system: Annotated[
        bool, typer.Option("--with-system", help="By the system and what it knows of the data.")
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Check files without writing anything, by default without a system.

    Exit status: 0 valid, 1 not.

    [bold]Examples[/bold]

      recsmith validate configs/

      recsmith validate configs/ --profile groceries.json

      recsmith validate configs/ --with-system
    """
    with file_errors():
        files, documents = _read_files(paths)
        datasets = {one.name: one for one in map(_profile, profile or [])}
        findings = check_offline(documents, datasets)
        if with_system:
            with connected(home) as api:
                _plan(api, files, judge=True)
        else:
            show_findings(findings)
        done(f"{plural(len(documents), 'document')} valid.")


def export(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help=f"{alternatives(KINDS)}.")
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", help="Id or name.")] = None,
    everything: Annotated[
        bool, typer.Option("--all", help="All but sweeps and tunings, which start when applied.")
    ] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--out", metavar="FOLDER", help="A file for each, in place of one text."),
    ] = None,
    full: Annotated[
        bool, typer.Option("--full", help="With the settings that have their defaults.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write over files that say something else, comments too."),
    ] = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write documents as YAML, as `apply` takes them.

    [bold]Examples[/bold]

      recsmith export --all --out configs/

      recsmith export feature-config Basic

      recsmith export rules --out configs/
    """
    with file_errors():
        if everything == (kind is not None):
            raise UserError("Say what to export: a KIND, a KIND and a NAME, or --all.")
        kinds = [one for one in KINDS.values() if not one.runs]
        if kind is not None:
            kinds = [known_kind(kind)]
        with connected(home) as api:
            holdings = held_by(api)
        if folder is None:
            typer.echo(stream_of(holdings, kinds, name, whole=full), nl=False)
            return
        result = export_into(folder, holdings, kinds, name, whole=full, force=force)
        for path in result.written:
            done(path)
        done(f"{len(result.written)} written, {len(result.unchanged)} unchanged.")


def schema(
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", help="Of one kind; by default of all.")
    ] = None,
) -> None:
    """Print the JSON Schema of files, by which editors complete and check them.

    [bold]Examples[/bold]

      recsmith schema > recsmith.schema.json

      recsmith schema feature-config
    """
    with user_errors():
        kinds = None if kind is None else [known_kind(kind)]
        typer.echo(json.dumps(schema_of(kinds), indent=2, ensure_ascii=False))


def known_kind(text: str) -> FileKind:
    """Raises UserError."""
    found = kind_called(text)
    if found is None:
        kinds = alternatives(KINDS)
        raise UserError(f"There is no kind {text!r}. Kinds are {kinds}.")
    return found


def _plan(api: Api, files: Sequence[File], *, judge: bool) -> list[dict[str, Any]]:
    """Steps, as the API has them. Raises FilesError."""
    if (told := other_version(api)) is not None:
        err.print(f"[bad]![/] {escape(told)}", soft_wrap=True)
    with working("Checking the documents"):
        steps, findings = plan_of(api, files, judge=judge)
    show_findings(findings)
    return steps


def _agreed(yes: bool, paths: Sequence[str]) -> None:
    """Raises UserError where nobody can be asked; ends the command at a no."""
    if yes:
        return
    if STANDARD_INPUT in paths or not sys.stdin.isatty():
        raise UserError("Nobody can be asked here. Give --yes to apply. Nothing was applied.")
    if not typer.confirm("Apply?"):
        raise typer.Exit(1)


def _wait(api: Api, made: Sequence[dict[str, Any]], documents: Sequence[FileDocument]) -> None:
    """Until everything has been judged. Raises FilesError with what is not valid."""
    by_name = {(one.kind.key, one.name): one for one in documents}
    findings = []
    for one in made:
        with working(f"Checking {title(one)}"):
            try:
                settled(api, path_of(one))
            except UserError as error:
                if not error.fields:
                    raise
                document = by_name[one["kind"], one["name"]]
                findings += [
                    document.finding(Problem(**field))
                    for field in error.fields
                    if field["level"] == "error"
                ]
    if findings:
        show_findings(findings)
        raise UserError("Applied, but not all of it is valid: mend it and apply again.")


def _profile(path: Path) -> Dataset:
    """Raises UserError."""
    try:
        return Dataset.model_validate_json(path.read_bytes())
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror or error}.") from None
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "the file"
        raise UserError(
            f"{path} is not a dataset as `recsmith dataset show NAME --json` prints it: "
            f"{where}: {first['msg']}."
        ) from None
