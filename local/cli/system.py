"""Which system a command talks to: the one that runs over the home, or its own for a moment."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from local.cli.client import Api, UserError
from local.cli.console import user_errors
from local.cli.note import running


def _folder(home: Path) -> Path:
    """The home, made where it is not there yet; ends the command where it cannot be used."""
    with user_errors():
        try:
            home.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UserError(
                f"--home {home} cannot be made a folder: {error.strerror}. Choose another one."
            ) from None
        if not os.access(home, os.R_OK | os.W_OK | os.X_OK):
            raise UserError(f"--home {home} may not be written to. Choose another folder.")
    return home


Home = Annotated[
    Path,
    typer.Option(
        callback=_folder,
        envvar="RECSMITH_HOME",
        help="Folder of all state: documents, queue, jobs, generated code and models.",
        show_default=True,
    ),
]
DEFAULT_HOME = Path(".recsmith")
_POLL_SECONDS = 0.2
_SETTLE_SECONDS = 600.0
_CONSEQUENCES_SECONDS = 20.0


@contextmanager
def connected(home: Path) -> Iterator[Api]:
    """The running system's API, else that of an own one for as long as the block runs."""
    url = running(home)
    if url is not None:
        with Api(url) as api:
            yield api
        return
    with own_system(home) as api:
        yield api


@contextmanager
def own_system(
    home: Path, port: int = 0, trainings: int = 1, *, spare: bool = False
) -> Iterator[Api]:
    """Runs the whole system in this process. All of it, jobs included, ends with the block.

    Args:
        trainings: as many are under way at the same time.
        spare: a process is kept ready that has loaded TensorFlow for the next one.

    Raises:
        UserError: another process runs over the same home, the port is taken, or what the home
            holds cannot be used.
    """
    from functions.api import create_app
    from local.bootstrap import BadSetting, embedded
    from local.browse import browse
    from local.cli.server import serving
    from local.runtime import HomeInUse
    from local.sqlite import UnusableState

    try:
        system = embedded(home, max_running_jobs=trainings, spare_trainer=spare)
        system.runtime.start()
    except (UnusableState, BadSetting) as error:
        raise UserError(str(error)) from None
    except HomeInUse as error:
        url = running(home)
        where = f" It answers at {url}; the other commands use it by themselves." if url else ""
        raise UserError(f"{error}{where}") from None
    try:
        with serving(create_app(system.ports, browse), home, port) as api:
            yield api
        with suppress(TimeoutError):  # what has just happened has its consequences
            system.runtime.wait_idle(_CONSEQUENCES_SECONDS)
    finally:
        system.runtime.stop()


@contextmanager
def emulated_system(
    home: Path, port: int = 0, trainings: int = 1, *, spare: bool = False
) -> Iterator[Api]:
    """Runs the deployed functions over Google's emulators. All of it ends with the block.

    Args:
        trainings: as many are under way at the same time.
        spare: a process is kept ready that has loaded TensorFlow for the next one.

    Raises:
        UserError: the emulators are not installed, another process runs over the same home, or the
            port is taken.
    """
    from local.cli.server import serving
    from local.emulators import EmulatorsMissing
    from local.runtime import HomeInUse

    try:
        from local.emulated import emulated
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed. `--backend emulators` needs the libraries of Google"
            " Cloud: install recsmith with its extra `gcp`."
        ) from None
    try:
        with (
            emulated(home, trainings=trainings, spare_trainer=spare) as app,
            serving(app, home, port) as api,
        ):
            yield api
    except (EmulatorsMissing, HomeInUse) as error:
        raise UserError(str(error)) from None


def find(api: Api, path: str, noun: str, wanted: str) -> dict[str, Any]:
    """The document of this id, else the one of this name. Raises UserError."""
    named = []
    for document in api.items(path):
        if document["id"] == wanted:
            return document
        if document["name"] == wanted:
            named.append(document)
    if len(named) == 1:
        return named[0]
    if named:
        ids = ", ".join(document["id"] for document in named)
        raise UserError(f"{len(named)} {noun}s are called {wanted!r}. Give an id: {ids}.")
    raise UserError(f"There is no {noun} with the id or name {wanted!r}.")


def settled(api: Api, path: str) -> dict[str, Any]:
    """Waits until a document's present revision has been validated; returns the document.

    Raises:
        UserError: it is invalid, or is not validated in time.
    """
    deadline = time.monotonic() + _SETTLE_SECONDS
    while time.monotonic() < deadline:
        document: dict[str, Any] = api.get(path)
        validation = document["status"]["validation"]
        if validation["revision"] == document["revision"]:
            if validation["state"] == "valid":
                return document
            if validation["state"] == "invalid":
                raise UserError(f"{document['name']!r} is not valid.", validation["problems"])
        time.sleep(_POLL_SECONDS)
    raise UserError(f"{path} was not validated within {_SETTLE_SECONDS:.0f} seconds.")
