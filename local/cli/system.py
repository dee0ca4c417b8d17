"""Which system a command talks to: the one that runs over the home, or its own for a moment."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from pathlib import Path
from typing import Annotated, Any

import typer

from local.cli import sign_in
from local.cli.client import Api, UserError
from local.cli.note import running
from local.cli.output import err, leave_at_once, user_errors
from local.cli.token import token_of

# What runs here, or looks after the files of this machine, whatever somebody is signed in to.
_HERE = frozenset(
    {"up", "demo", "mlflow", "backup", "restore", "compile", "dead-letters", "cloud"} | {"serve"}
)
THIS_MACHINE = "here"


# The one that the command talks to, as its options say; None: this machine.
_deployment: ContextVar[str | None] = ContextVar("deployment", default=None)


def wanted_url(context: typer.Context) -> str | None:
    """The deployment that the command talks to, by --url or the last sign-in; None: this machine.

    Raises:
        UserError: the command is of this machine only, or two places are named.
    """
    root = context.find_root()
    given: str | None = root.params.get("url")
    named = given not in (None, "", THIS_MACHINE) and _typed(root, "url")
    homed = _typed(context, "home")
    if root.invoked_subcommand in _HERE:
        if named:
            raise UserError(f"`recsmith {root.invoked_subcommand}` is of this machine: no --url.")
        return None
    if named and homed:
        raise UserError("Give --url for a deployment, or --home for this machine, not both.")
    if homed or given == THIS_MACHINE:
        return None
    return sign_in.address(given) if given else sign_in.current()


def _typed(context: Any, option: str) -> bool:
    source = context.get_parameter_source(option)
    return source is not None and source.name == "COMMANDLINE"


def _folder(context: typer.Context, home: Path) -> Path:
    """The home, made where it is not there yet, unless the command talks to a deployment; ends the
    command where it cannot be used."""
    with user_errors():
        deployment = wanted_url(context)
        _deployment.set(deployment)
        if deployment is not None:
            return home
        try:
            home.mkdir(mode=0o700, parents=True, exist_ok=True)
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
_POLL_SECONDS, _DEPLOYED_POLL_SECONDS = 0.2, 2.0
_SETTLE_SECONDS = 600.0
_CONSEQUENCES_SECONDS = 20.0


def deployment() -> str | None:
    """The address of the deployment that the command talks to; None: this machine."""
    return _deployment.get()


@contextmanager
def connected(home: Path) -> Iterator[Api]:
    """The deployment's API, or the running system's, else that of an own one for as long as the
    block runs."""
    deployment = _deployment.get()
    if deployment is not None:
        err.print(f"[note]At {deployment}[/]", soft_wrap=True)
        with Api(deployment, sign_in.Bearer(deployment)) as api:
            yield api
        return
    url = running(home)
    if url is not None:
        with Api(url, token=token_of(home)) as api:
            yield api
        return
    with own_system(home) as api:
        yield api


@contextmanager
def own_system(
    home: Path,
    port: int = 0,
    trainings: int = 1,
    *,
    spare: bool = False,
    token: bool | None = None,
    keeps_schedules: bool = False,
) -> Iterator[Api]:
    """Runs the whole system in this process. All of it, jobs included, ends with the block.

    Args:
        trainings: as many are under way at the same time.
        spare: a process is kept ready that has loaded TensorFlow for the next one.
        token: whether the home's token is asked for; None is as the last time.
        keeps_schedules: begins what schedules ask for, while it runs.

    Raises:
        UserError: another process runs over the same home, the port is taken, or what the home
            holds cannot be used.
    """
    from functions.api import create_app
    from local.cli.server import serving
    from local.data.browse import browse
    from local.runtime import HomeInUseError
    from local.state.sqlite import UnusableStateError
    from local.wiring import BadSettingError, embedded

    try:
        system = embedded(
            home,
            max_running_jobs=trainings,
            spare_trainer=spare,
            keeps_schedules=keeps_schedules,
        )
        system.runtime.start()
    except (UnusableStateError, BadSettingError) as error:
        raise UserError(str(error)) from None
    except HomeInUseError as error:
        url = running(home)
        where = f" It answers at {url}; the other commands use it by themselves." if url else ""
        raise UserError(f"{error}{where}") from None
    try:
        with serving(create_app(system.ports, browse), home, port, token=token) as api:
            yield api
        with suppress(TimeoutError):  # what has just happened has its consequences
            system.runtime.wait_idle(_CONSEQUENCES_SECONDS)
    finally:
        system.runtime.stop()


@contextmanager
def emulated_system(
    home: Path,
    port: int = 0,
    trainings: int = 1,
    *,
    spare: bool = False,
    token: bool | None = None,
) -> Iterator[Api]:
    """Runs the deployed functions over Google's emulators. All of it ends with the block.

    Args:
        trainings: as many are under way at the same time.
        spare: a process is kept ready that has loaded TensorFlow for the next one.
        token: whether the home's token is asked for; None is as the last time.

    Raises:
        UserError: the emulators are not installed, another process runs over the same home, the
            port is taken, or a variable of the environment is not allowed.
    """
    from local.cli.server import serving
    from local.emulated.emulators import EmulatorsMissingError
    from local.runtime import HomeInUseError
    from local.wiring import BadSettingError

    try:
        from local.emulated.system import emulated
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed. `--backend emulators` needs the libraries of Google"
            " Cloud: install recsmith with its extra `gcp`."
        ) from None
    leave_at_once()  # of gRPC's threads
    try:
        with (
            emulated(home, trainings=trainings, spare_trainer=spare) as app,
            serving(app, home, port, token=token) as api,
        ):
            yield api
    except (EmulatorsMissingError, HomeInUseError, BadSettingError) as error:
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


def waited(
    api: Api, path: str, until: Callable[[dict[str, Any]], bool], seconds: float = 60.0
) -> dict[str, Any] | None:
    """A document once something holds of it; None where that takes longer."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        document: dict[str, Any] = api.get(path)
        if until(document):
            return document
        # Where each look is paid for, seldom.
        time.sleep(_DEPLOYED_POLL_SECONDS if api.deployed else _POLL_SECONDS)
    return None


def settled(api: Api, path: str) -> dict[str, Any]:
    """Waits until a document's present revision has been validated; returns the document.

    Raises:
        UserError: it is invalid, or is not validated in time.
    """
    document = waited(api, path, _judged, _SETTLE_SECONDS)
    if document is None:
        raise UserError(f"{path} was not validated within {_SETTLE_SECONDS:.0f} seconds.")
    validation = document["status"]["validation"]
    if validation["state"] == "invalid":
        raise UserError(f"{document['name']!r} is not valid.", validation["problems"])
    return document


def _judged(document: dict[str, Any]) -> bool:
    validation = document["status"]["validation"]
    judged = validation["revision"] == document["revision"]
    return judged and validation["state"] in ("valid", "invalid")
