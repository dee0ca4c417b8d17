"""`recsmith api`: any operation of the HTTP API, with the rights that the other commands have."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer

from local.cli.client import Api, UserError
from local.cli.output import done, user_errors
from local.cli.system import DEFAULT_HOME, Home, connected
from local.cli.tables import AsJson, as_json_text, fields_table, show_list
from shared.as_code.walking import STANDARD_INPUT
from shared.wording import alternatives

_DESCRIPTION = "/api/openapi.json"
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def api(
    method: Annotated[
        str | None, typer.Argument(metavar="METHOD", help="GET, POST, PUT, PATCH or DELETE.")
    ] = None,
    path: Annotated[
        str | None, typer.Argument(metavar="PATH", help="With the ids in it, from /api/ on.")
    ] = None,
    query: Annotated[
        list[str] | None,
        typer.Option("--query", "-q", metavar="NAME=VALUE", help="Repeat it for several."),
    ] = None,
    body: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="JSON to send; - reads standard input."),
    ] = None,
    revision: Annotated[
        str | None,
        typer.Option(
            "--if-match", metavar="REVISION", help="Only where the document is still this one."
        ),
    ] = None,
    to: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", help="Write the answer there.")
    ] = None,
    as_json: AsJson = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Call an operation of the HTTP API and print what it answers; without METHOD and PATH, list
    all of them. An event stream is printed as it comes, to its end.

    [bold]Examples[/bold]

      recsmith api

      recsmith api GET /api/quick-tests/ -q limit=5 -q state=completed

      recsmith api POST /api/quick-tests/validate/ --body test.json

      recsmith api DELETE /api/rule-sets/rs-ab12/ --if-match 3
    """
    with user_errors():
        if method is None or path is None:
            if method is not None:
                raise UserError("Give a PATH, too, such as /api/datasets/.")
            with connected(home) as system:
                _list(system, as_json)
            return
        verb = method.upper()
        if verb not in _METHODS:
            raise UserError(f"METHOD is {alternatives(_METHODS)}. Received: {method!r}.")
        if not path.startswith("/"):
            raise UserError(f"PATH starts with /, such as /api/datasets/. Received: {path!r}.")
        asked: dict[str, Any] = {"params": _pairs(query or [])}
        if body is not None:
            asked["json"] = _read(body)
        if revision is not None:
            asked["headers"] = {"If-Match": revision}
        with connected(home) as system, system.answer(verb, path, **asked) as answer:
            _print(answer) if to is None else _write(answer, to)


def _list(system: Api, as_json: bool) -> None:
    """Method, path and summary of each operation."""
    show_list(
        [
            {"method": method.upper(), "path": path, "summary": told.get("summary", "")}
            for path, methods in system.get(_DESCRIPTION)["paths"].items()
            for method, told in methods.items()
        ],
        fields_table("method", "path", "summary"),
        empty="The system describes no operation.",
        as_json=as_json,
        columns=None,
    )


def _pairs(given: list[str]) -> list[tuple[str, str]]:
    """Raises UserError."""
    pairs = []
    for one in given:
        name, equals, value = one.partition("=")
        if not name or not equals:
            raise UserError(f"--query is NAME=VALUE. Received: {one!r}.")
        pairs.append((name, value))
    return pairs


def _read(body: Path) -> Any:
    """Raises UserError where it cannot be read, or is no JSON."""
    try:
        text = sys.stdin.read() if str(body) == STANDARD_INPUT else body.read_text(encoding="utf-8")
        return json.loads(text)
    except OSError as error:
        raise UserError(f"{body} cannot be read: {error.strerror}.") from None
    except ValueError as error:
        raise UserError(f"{body} is no JSON: {error}.") from None


def _print(answer: httpx.Response) -> None:
    kind = answer.headers.get("content-type", "").partition(";")[0]
    if kind == "text/event-stream":
        for line in answer.iter_lines():
            typer.echo(line)
    elif kind.endswith("json"):
        if text := answer.read():  # of a deletion there is none
            typer.echo(as_json_text(json.loads(text)))
    else:
        for piece in answer.iter_bytes():
            sys.stdout.buffer.write(piece)
        sys.stdout.flush()


def _write(answer: httpx.Response, to: Path) -> None:
    """Raises UserError."""
    try:
        with to.open("wb") as written:
            for piece in answer.iter_bytes():
                written.write(piece)
    except OSError as error:
        raise UserError(f"{to} cannot be written: {error.strerror}.") from None
    done(f"{to} is written.")
