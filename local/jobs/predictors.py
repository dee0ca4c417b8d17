"""Predictions on a laptop: one warm process in the trainer's environment."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import selectors
import subprocess
import threading
import time
from collections.abc import Sequence
from pathlib import Path, PurePath
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from local.jobs.environment import REPOSITORY, environment
from shared.errors import NotFoundError, UnavailableError
from shared.predictions import Prediction, PredictionInputs, PredictionRequest
from shared.problems import InvalidError, Problem

_log = logging.getLogger(__name__)

AnswerT = TypeVar("AnswerT", bound=BaseModel)

_END_SECONDS = 2.0
_CHUNK_BYTES = 1 << 20


class WarmPredictor:
    """Answers one question after another from a process that keeps models in memory.

    The process is started by the first question, again where it has died, and ends after a while
    without questions, with `close`, and with this process however that ends: its stdin does.

    Args:
        command: speaks the protocol of `trainer_image.serve`.
        log: receives what the process has to say.
        store: URI of the folder that models are loaded from; None loads them from anywhere.
        timeout_seconds: for one question, waiting for others included.
        max_waiting: further questions are refused.
    """

    def __init__(
        self,
        command: Sequence[str],
        log: Path,
        *,
        store: str | None = None,
        timeout_seconds: float = 120.0,
        idle_seconds: float = 900.0,
        max_waiting: int = 16,
    ) -> None:
        self._command = list(command)
        self._log = log
        self._environment = {"RECSMITH_STORE": store} if store else {}
        self._timeout_seconds = timeout_seconds
        self._idle_seconds = idle_seconds
        self._places = threading.BoundedSemaphore(max_waiting)
        self._turn = threading.Lock()  # held while the process is asked, started or ended
        self._process: _Process | None = None
        self._idle: threading.Timer | None = None
        self._answered_at = 0.0
        self._closed = False

    def describe(
        self, artifacts_uri: str, *, search: str | None = None, limit: int = 20
    ) -> PredictionInputs:
        question = {"ask": "describe", "search": search, "limit": limit}
        return self._ask({**question, "artifacts": artifacts_uri}, PredictionInputs)

    def predict(self, artifacts_uri: str, request: PredictionRequest) -> Prediction:
        question = {"ask": "predict", "request": request.model_dump(mode="json")}
        return self._ask({**question, "artifacts": artifacts_uri}, Prediction)

    @property
    def pid(self) -> int | None:
        """The process that answers, while there is one."""
        process = self._process
        return process.pid if process else None

    def close(self) -> None:
        """Ends the process; every question from now on is refused."""
        self._closed = True
        if process := self._process:
            process.kill()  # whoever waits for an answer sees its end
        with self._turn:
            self._end()

    def _ask(self, question: dict[str, Any], kind: type[AnswerT]) -> AnswerT:
        deadline = time.monotonic() + self._timeout_seconds
        if not self._places.acquire(blocking=False):
            raise UnavailableError("Too many predictions are waiting for the model.")
        try:
            if not self._turn.acquire(timeout=self._timeout_seconds):
                raise UnavailableError("The model was busy with other predictions for too long.")
            try:
                answer = self._answer(question, deadline)
            finally:
                self._turn.release()
        finally:
            self._places.release()
        return _opened(answer, kind)

    def _answer(self, question: dict[str, Any], deadline: float) -> dict[str, Any]:
        """Raises UnavailableError. A process that is found dead is replaced once."""
        line = json.dumps(question).encode() + b"\n"
        for attempt in (1, 2):
            process = self._started()
            if self._closed:  # meanwhile, so that nobody has killed this one
                self._end()
                raise UnavailableError("Recsmith is being stopped.")
            try:
                answer = process.ask(line, deadline)
            except TimeoutError:
                self._end()
                raise UnavailableError(
                    f"The model gave no answer within {self._timeout_seconds:g} seconds."
                ) from None
            except _DiedError:
                self._end()
                _log.warning("The prediction process died (attempt %d)", attempt)
            else:
                self._answered_at = time.monotonic()
                return answer
        raise UnavailableError(
            f"The prediction process died. Its log ends with: {self._last_line()}"
        )

    def _started(self) -> _Process:
        if self._process is None:
            self._process = _Process(self._command, self._log, self._environment)
            self._look_again(self._idle_seconds)
        return self._process

    def _look_again(self, seconds: float) -> None:
        """One timer for the process, not one for each question: every timer is a thread."""
        self._idle = threading.Timer(seconds, self._end_if_idle)
        self._idle.daemon = True
        self._idle.start()

    def _end_if_idle(self) -> None:
        with self._turn:
            if self._idle is not threading.current_thread():
                return  # of a process that has been replaced
            left = self._answered_at + self._idle_seconds - time.monotonic()
            if left > 0:
                self._look_again(left)
            else:
                self._end()

    def _end(self) -> None:
        if self._idle is not None:
            self._idle.cancel()
            self._idle = None
        if self._process is not None:
            self._process.end()
            self._process = None

    def _last_line(self) -> str:
        with contextlib.suppress(OSError):
            if lines := self._log.read_text(errors="replace").strip().splitlines():
                return lines[-1][:300]
        return "nothing"


def _opened(answer: dict[str, Any], kind: type[AnswerT]) -> AnswerT:
    """Raises InvalidError, NotFoundError, UnavailableError."""
    try:
        if "problems" in answer:
            raise InvalidError([Problem.model_validate(problem) for problem in answer["problems"]])
        if "not_found" in answer:
            name = PurePath(answer["not_found"]).name
            raise NotFoundError("file", name, "of the saved model any more")
        if "fault" in answer:
            raise UnavailableError(f"The model gave no answer: {answer['fault']}")
        return kind.model_validate(answer["answer"])
    except (ValidationError, KeyError) as error:
        raise UnavailableError(f"The model's answer is malformed: {error}") from error


class _DiedError(Exception):
    """The process ended before it answered."""


class _Process:
    """A running server and the pipes to it. Raises UnavailableError where it cannot be started."""

    def __init__(self, command: list[str], log: Path, told: dict[str, str]) -> None:
        log.parent.mkdir(parents=True, exist_ok=True)
        try:
            with log.open("wb") as errors:
                self._process = subprocess.Popen(
                    command,
                    cwd=REPOSITORY,
                    env=environment(told),
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=errors,
                    bufsize=0,
                    start_new_session=True,  # Ctrl-C is for the system, which then ends this
                )
        except OSError as error:
            raise UnavailableError(
                f"Cannot start {command[0]}: {error.strerror}. Set up the trainer's environment "
                "(`make demo` does), or point RECSMITH_TRAINER_PYTHON to its Python."
            ) from None
        self._unread = b""

    @property
    def pid(self) -> int:
        return self._process.pid

    def ask(self, line: bytes, deadline: float) -> dict[str, Any]:
        """Raises TimeoutError, _DiedError."""
        stdin, stdout = self._process.stdin, self._process.stdout
        assert stdin is not None
        assert stdout is not None
        try:
            for start in range(0, len(line), _CHUNK_BYTES):
                stdin.write(line[start : start + _CHUNK_BYTES])
        except OSError:
            raise _DiedError from None
        with selectors.DefaultSelector() as selector:
            selector.register(stdout, selectors.EVENT_READ)
            while b"\n" not in self._unread:
                if not selector.select(max(0.0, deadline - time.monotonic())):
                    raise TimeoutError
                read = os.read(stdout.fileno(), _CHUNK_BYTES)
                if not read:
                    raise _DiedError
                self._unread += read
        text, _, self._unread = self._unread.partition(b"\n")
        try:
            answer = json.loads(text)
        except ValueError:
            raise _DiedError from None
        return answer if isinstance(answer, dict) else {}

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> None:
        """Ends the process and waits for it."""
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            with contextlib.suppress(OSError):
                pipe.close()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
