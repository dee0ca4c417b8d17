"""The routes: predictions, health, liveness and metrics."""

from __future__ import annotations

import asyncio
import json
import logging
from asyncio import Future
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from http.client import responses
from typing import Any, TypeVar

from tornado.iostream import StreamClosedError
from tornado.web import Application, RequestHandler, stream_request_body

from shared.predictions import QUICK_TEST_HEADER, Prediction, PredictionInputs
from shared.problems import InvalidError, Problem, listed
from shared.tables.faults import without_values
from trainer_image.job.status import describe
from trainer_image.serving.http.contract import (
    of_instance,
    read_inputs_request,
    read_instances,
)
from trainer_image.serving.http.metrics import Metrics
from trainer_image.serving.http.serving import Answered, BusyError, ModelThread, Serving
from trainer_image.serving.http.trial import NotServedError
from trainer_image.serving.http.versions import Version

_log = logging.getLogger(__name__)

T = TypeVar("T")

_RETRY_SECONDS = 1
# Requests whose bodies are held at once, those included that are still being received.
_MOST_BODIES = 256
# Above so many bytes of a request, or products of an answer, JSON takes more than a moment.
_LONG, _MANY = 50_000, 500
_BUSY = "Too many requests wait for the model. Try again in a moment."
LIVE, METRICS, INPUTS = "/live", "/metrics", "/inputs"
OWN_MACHINE = ("127.0.0.1", "localhost", "[::1]")


@dataclass(frozen=True)
class Limits:
    """What one request may be.

    Attributes:
        body_bytes: of the request.
        answer_bytes: None where whoever carries the answer sets no bound.
    """

    body_bytes: int = 1_500_000
    instances: int = 500
    answer_bytes: int | None = None


@dataclass
class Doors:
    """What the routes share.

    Attributes:
        hosts: names that a request may give the server; none where any will do.
        stopping: no further connection is accepted, and health says so.
        running: what has been asked of models and not yet been sent.
    """

    serving: Serving
    model: ModelThread
    metrics: Metrics
    limits: Limits
    hosts: Sequence[str] = ()
    stopping: bool = False

    def __post_init__(self) -> None:
        self.running: set[_Route] = set()


def application(doors: Doors, *, predict: str, health: str) -> Application:
    """The routes of a server, by the paths of two of them."""
    given = {"doors": doors}
    return Application(
        [
            (predict, Predict, given),
            (health, Health, given),
            (INPUTS, Inputs, given),
            (LIVE, Live, given),
            (METRICS, ForPrometheus, given),
        ],
        default_handler_class=Nowhere,
        default_handler_args=given,
        log_function=_count,
    )


class _Route(RequestHandler):
    """Answers in JSON, errors too."""

    name = "none"

    def initialize(self, doors: Doors) -> None:
        self.doors = doors

    def set_default_headers(self) -> None:
        self.clear_header("Server")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Type", "application/json")

    def prepare(self) -> None:
        if self.doors.stopping:
            self.set_header("Connection", "close")
        # A page that a browser shows may have led a name of its own here.
        if self.doors.hosts and self.request.host_name not in self.doors.hosts:
            self.refuse(403, f"This server is called {self.doors.hosts[0]}.")

    @property
    def is_answered(self) -> bool:
        """Whether the answer is on its way; the client may not have read it."""
        return bool(self._finished)

    def refuse_as_not_loaded(self) -> Future[None]:
        return self.refuse(503, self.doors.serving.fault or "The model is being loaded.")

    def name_version(self, version: Version) -> None:
        """In the headers, as what answers."""
        self.set_header(QUICK_TEST_HEADER, version.quick_test_id)
        if version.model_id is not None:
            self.set_header("Recsmith-Model", version.model_id)
            self.set_header("Recsmith-Model-Version", str(version.version))

    def refuse(self, status: int, message: str, problems: Collection[Problem] = ()) -> Future[None]:
        self.set_status(status)
        if status in (429, 503):
            self.set_header("Retry-After", str(_RETRY_SECONDS))
        told = [problem.model_dump(mode="json") for problem in problems]
        return self.finish({"error": message, "problems": told})  # type: ignore[no-any-return]

    def write_error(self, status_code: int, **_: Any) -> None:
        self.refuse(status_code, f"{responses.get(status_code, 'Error')}.")


@stream_request_body
class Predict(_Route):
    name = "predict"

    def prepare(self) -> None:
        self._body = bytearray()
        self._received = 0
        super().prepare()
        if self._finished:
            return
        if len(self.doors.running) >= _MOST_BODIES:
            self.refuse(429, _BUSY)
        else:
            self.doors.running.add(self)

    def data_received(self, chunk: bytes) -> None:
        self._received += len(chunk)
        if self._received <= self.doors.limits.body_bytes:
            self._body += chunk
        else:  # read to its end, so that whoever sends it hears why
            self._body.clear()

    async def post(self) -> None:
        doors = self.doors
        try:
            with doors.metrics.in_progress.track_inprogress():
                if self._received > doors.limits.body_bytes:
                    message = f"A request has at most {doors.limits.body_bytes:,} bytes."
                    await self.refuse(413, f"{message} Received: {self._received:,}.")
                elif doors.serving.current is None:
                    await self.refuse_as_not_loaded()
                else:
                    await self._predict()
        except StreamClosedError:
            pass  # whoever asked has gone
        finally:  # not before it is sent: then the process may end
            doors.running.discard(self)

    async def _predict(self) -> None:
        doors = self.doors
        try:
            body, most = bytes(self._body), doors.limits.instances
            requests = await _aside(len(body) > _LONG, read_instances, body, most)
            wanted = self.request.headers.get(QUICK_TEST_HEADER)
            answered = await asyncio.wrap_future(doors.model.ask(requests, wanted))
            products = sum(request.k for request in requests)
            answer = await _aside(products > _MANY, _answer, answered)
        except InvalidError as invalid:
            await self.refuse(400, listed(invalid.problems), invalid.problems)
        except NotServedError as error:
            await self.refuse(409, str(error))
        except BusyError:
            await self.refuse(429, _BUSY)
        except Exception as error:
            doors.metrics.errors.inc()
            _log.error("No answer: %s", without_values(describe(error)))
            await self.refuse(500, "The model gave no answer; the server's log says why.")
        else:
            await self._send(answered, answer)

    async def _send(self, answered: Answered, answer: bytes) -> None:
        most = self.doors.limits.answer_bytes
        if most is not None and len(answer) > most:
            message = f"The answer has {len(answer):,} bytes; at most {most:,} can be sent."
            await self.refuse(400, f"{message} Ask for fewer instances, or a smaller k.")
            return
        self.name_version(answered.version)
        if answered.experiment_id is not None:
            self.set_header("Recsmith-Experiment", answered.experiment_id)
        await self.finish(answer)
        self.doors.metrics.instances.inc(len(answered.answers))
        self.doors.metrics.exposed(answered.exposures)

    def on_finish(self) -> None:
        if self.request.method != "POST":
            self.doors.running.discard(self)

    def on_connection_close(self) -> None:
        self.doors.running.discard(self)


class Inputs(_Route):
    """How a version is asked, with customers to choose from. It is posted to, because addresses
    are logged on their way, and what is searched for is part of a customer's id."""

    name = "inputs"

    async def post(self) -> None:
        self.doors.running.add(self)
        try:
            served, wanted = self.doors.serving.now, self.request.headers.get(QUICK_TEST_HEADER)
            if served is None:
                await self.refuse_as_not_loaded()
                return
            request = read_inputs_request(self.request.body)
            loaded = (served if wanted is None else served.only(wanted)).control
            found: PredictionInputs = await asyncio.to_thread(
                loaded.predictor.describe, request.search, request.limit
            )
            self.name_version(loaded.version)
            await self.finish(found.model_dump_json())
        except InvalidError as invalid:
            await self.refuse(400, listed(invalid.problems), invalid.problems)
        except NotServedError as error:
            await self.refuse(409, str(error))
        except StreamClosedError:
            pass  # whoever asked has gone
        finally:
            self.doors.running.discard(self)


class Health(_Route):
    """200 once the model has answered, until the server stops."""

    name = "health"

    def get(self) -> None:
        serving = self.doors.serving
        now, fault = serving.now, serving.fault
        ready = now is not None and not self.doors.stopping
        status = "stopping" if self.doors.stopping else "ready" if ready else "loading"
        self.set_status(200 if ready else 503)
        told: dict[str, Any] = {"model": now.control.version.told() if now else None}
        told["experiment"] = now.trial.told() if now and now.trial else None
        self.finish({"status": status, **told, "stale": bool(fault), "fault": fault})


class Live(_Route):
    name = "live"

    def get(self) -> None:
        self.finish({"status": "live"})


class ForPrometheus(_Route):
    name = "metrics"

    def get(self) -> None:
        self.set_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.finish(self.doors.metrics.text())


class Nowhere(_Route):
    def prepare(self) -> None:
        self.refuse(404, "There is no such route.")


async def _aside(long: bool, call: Callable[..., T], *arguments: Any) -> T:
    """What a call gives; one that takes long has a thread, so that health is answered meanwhile."""
    return await asyncio.to_thread(call, *arguments) if long else call(*arguments)


def _answer(answered: Answered) -> bytes:
    """Raises InvalidError, with what is wrong with any instance."""
    problems = [
        problem
        for place, answer in enumerate(answered.answers)
        if isinstance(answer, InvalidError)
        for problem in of_instance(place, answer)
    ]
    if problems:
        raise InvalidError(problems)
    predictions = [
        one.model_dump(mode="json") for one in answered.answers if isinstance(one, Prediction)
    ]
    metadata = answered.version.told()
    if answered.experiment_id is not None:
        metadata["experiment_id"] = answered.experiment_id
        for one, exposure in zip(predictions, answered.exposures, strict=True):
            one["experiment"] = exposure.model_dump(mode="json") if exposure else None
    body = {"predictions": predictions, "metadata": metadata}
    return json.dumps(body, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def _count(route: RequestHandler) -> None:
    if isinstance(route, _Route):
        seconds = route.request.request_time()
        route.doors.metrics.requests.labels(route.name, str(route.get_status())).inc()
        route.doors.metrics.seconds.labels(route.name).observe(seconds)
