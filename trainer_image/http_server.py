"""A model behind HTTP: on a laptop, on Cloud Run and as an endpoint of Vertex AI.

    python -m trainer_image.http_server --artifacts URI
    python -m trainer_image.http_server --model ID --alias production --store URI

The first serves one training's folder, as Vertex AI names it in AIP_STORAGE_URI too. The second
follows an alias of a registered model: when the alias moves, the new version is loaded beside the
old one and takes over between two requests. While an experiment runs, its versions answer beside
each other, each customer by one of them. docs/serving.md has the routes.

On SIGTERM or SIGINT it accepts nothing further, answers what it was asked, and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import logging
import os
import re
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets

from shared.jobs import REQUEST_FILE, JobRequest
from shared.registry import Alias
from shared.wording import plural
from trainer_image.job.leave import leave
from trainer_image.job.locations import Locations, open_file, path_of
from trainer_image.job.status import JobFailedError
from trainer_image.job.store import STORE, check_inside
from trainer_image.serving.http.application import (
    INPUTS,
    LIVE,
    METRICS,
    OWN_MACHINE,
    Doors,
    Limits,
    application,
)
from trainer_image.serving.http.follower import Follower
from trainer_image.serving.http.metrics import Metrics
from trainer_image.serving.http.serving import ModelThread, Serving
from trainer_image.serving.http.versions import Asked, Loaded, UnservableError, Version, load

_log = logging.getLogger(__name__)

# A body beyond the limit is read so far, to be refused in words.
_READ_BYTES = 32 << 20
# Longer than the load balancers in front keep a connection, so that they are who close it.
_IDLE_SECONDS = 620.0
_UPLOAD_SECONDS = 30.0
_POLL_SECONDS = 0.02
_LAST_WORDS_SECONDS = 1.0
_ANSWER_BYTES_OF_VERTEX = 1_500_000


def main(arguments: Sequence[str] | None = None, make: Callable[[str], Asked] | None = None) -> int:
    """Serves until it is told to end.

    Args:
        make: loads the model of a job's folder.
    """
    parser = _parser()
    options = parser.parse_args(arguments)
    _check(parser, options)
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s", stream=sys.stderr)
    logging.getLogger("absl").setLevel(logging.ERROR)  # on gradients, which nobody asks for
    # A query is a few small operations, one after another: handing them to other threads costs more
    # than it saves. A large one, as over all products, is still divided among the processors.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    return asyncio.run(_serve(options, make or _predictor))


def _predictor(artifacts_uri: str) -> Asked:
    from trainer_image.serving.predictor import Predictor

    return Predictor(artifacts_uri)


async def _serve(options: argparse.Namespace, make: Callable[[str], Asked]) -> int:
    name = f"[{options.host}]" if ":" in options.host else options.host  # as addresses have it
    try:
        sockets = bind_sockets(options.port, options.host)
    except OSError as error:
        _log.error("%s:%d cannot be used: %s.", name, options.port, error.strerror)
        return 2
    address, port = sockets[0].getsockname()[:2]
    metrics = Metrics()
    serving = Serving(metrics)
    doors = Doors(
        serving,
        ModelThread(serving, metrics, options.max_waiting),
        metrics,
        Limits(options.max_bytes, options.max_instances, options.max_answer_bytes),
        (name, *OWN_MACHINE) if ip_address(address).is_loopback else (),
    )
    routes = application(doors, predict=options.predict_route, health=options.health_route)
    server = HTTPServer(
        routes,
        max_body_size=_READ_BYTES,
        idle_connection_timeout=_IDLE_SECONDS,
        body_timeout=_UPLOAD_SECONDS,
    )
    server.add_sockets(sockets)
    _log.info("Listens at http://%s:%d.", name, port)
    if options.announce is not None:
        options.announce.write_text(f"http://{name}:{port}\n")
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)

    def loaded(version: Version) -> Loaded:
        return load(version, make)

    def keep() -> None:
        if options.artifacts is None:
            follower = Follower(
                serving,
                loaded,
                metrics,
                store=options.store,
                model_id=options.model,
                alias=options.alias,
                seconds=options.poll_seconds,
            )
            follower.run()
        try:
            serving.swap(loaded(_of_folder(options)))
        except UnservableError as error:
            _log.error("%s", error)
            leave(1)

    threading.Thread(target=keep, name="versions", daemon=True).start()
    await stop.wait()
    await _drain(server, doors, options.drain_seconds)
    return 0


async def _drain(server: HTTPServer, doors: Doors, seconds: float) -> None:
    """Accepts nothing further, and answers what was asked, for so long at the most."""
    doors.stopping = True
    server.stop()
    _log.info("Stops, with %s to answer.", plural(len(doors.running), "request"))
    loop = asyncio.get_running_loop()
    deadline = loop.time() + seconds
    while doors.running and loop.time() < deadline:
        await asyncio.sleep(_POLL_SECONDS)
    late = [route for route in doors.running if not route.is_answered]
    if late:
        _log.warning("%s got no answer in time.", plural(len(late), "request"))
    said = [route.refuse(503, "The server ends, and had no time left to answer.") for route in late]
    with contextlib.suppress(TimeoutError):  # of clients that do not read
        await asyncio.wait_for(asyncio.gather(*said, return_exceptions=True), _LAST_WORDS_SECONDS)


def _of_folder(options: argparse.Namespace) -> Version:
    """Raises UnservableError."""
    try:
        if not options.from_vertex:  # whose bucket is its own
            check_inside(options.artifacts)
        with open_file(Locations(path_of(options.artifacts))[REQUEST_FILE], "rb") as file:
            request = JobRequest.model_validate_json(file.read())
    except JobFailedError as error:
        raise UnservableError(str(error)) from None
    except Exception as error:
        raise UnservableError(
            f"{options.artifacts} is no folder of a training: its {REQUEST_FILE} cannot be read "
            f"({type(error).__name__})."
        ) from error
    return Version(
        options.artifacts,
        request.quick_test_id,
        options.model,
        options.model_name or options.model,
        options.model_version,
    )


def _parser() -> argparse.ArgumentParser:
    told = os.environ
    parser = argparse.ArgumentParser(
        prog="python -m trainer_image.http_server", description="A model behind HTTP."
    )
    what = parser.add_argument_group("what is served")
    what.add_argument("--artifacts", help="a training's folder; default: AIP_STORAGE_URI")
    what.add_argument("--model", help="id of a registered model")
    what.add_argument("--alias", type=Alias, default=Alias.PRODUCTION, help="which of its versions")
    what.add_argument("--store", default=told.get(STORE), help=f"of artifacts; default: {STORE}")
    what.add_argument("--poll-seconds", type=_positive, default=3.0, help="between looks at it")
    what.add_argument("--model-version", type=int, help="with --artifacts and --model: its number")
    what.add_argument("--model-name", help="with --artifacts and --model: its name")
    where = parser.add_argument_group("where")
    where.add_argument("--host", default="127.0.0.1", help="0.0.0.0 in a container only")
    port = told.get("AIP_HTTP_PORT") or told.get("PORT") or "8080"
    where.add_argument("--port", type=int, default=port, help="0: a free one")
    where.add_argument("--announce", type=Path, help="a file: gets a line with the address")
    where.add_argument("--predict-route", default=told.get("AIP_PREDICT_ROUTE") or "/predict")
    where.add_argument("--health-route", default=told.get("AIP_HEALTH_ROUTE") or "/health")
    limits = parser.add_argument_group("limits")
    limits.add_argument("--max-bytes", type=_count, default=Limits.body_bytes, help="of a request")
    limits.add_argument("--max-instances", type=_count, default=Limits.instances)
    answers = _ANSWER_BYTES_OF_VERTEX if "AIP_PREDICT_ROUTE" in told else None
    limits.add_argument("--max-answer-bytes", type=_count, default=answers)
    limits.add_argument("--max-waiting", type=_count, default=64, help="requests at once")
    limits.add_argument("--drain-seconds", type=_positive, default=8.0, help="after SIGTERM")
    return parser


def _check(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the process where options contradict each other."""
    options.from_vertex = False
    if options.artifacts is None and (options.model is None or options.model_version is not None):
        options.artifacts = os.environ.get("AIP_STORAGE_URI")
        options.from_vertex = True
        if options.artifacts is None:
            parser.error("give --artifacts URI, or --model ID with --store URI")
    if options.artifacts is None and not options.store:
        parser.error(f"--model is read from a store of artifacts: give --store URI, or set {STORE}")
    if options.artifacts is not None and (options.model is None) != (options.model_version is None):
        parser.error("--artifacts takes --model and --model-version together, or neither")
    routes = [options.predict_route, options.health_route, LIVE, METRICS, INPUTS]
    for route in routes[:2]:
        if not re.fullmatch(r"/[A-Za-z0-9_./:-]*", route) or routes.count(route) > 1:
            parser.error(f"{route!r} cannot be a route of its own")
    options.predict_route, options.health_route = map(re.escape, routes[:2])


def _count(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) >= 1):
        raise argparse.ArgumentTypeError(f"give a whole number of at least 1, not {text!r}")
    return int(text)


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < 86_400:
        raise argparse.ArgumentTypeError(f"give seconds above 0, not {text!r}")
    return number


if __name__ == "__main__":
    leave(main())
