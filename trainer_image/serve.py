"""Predictions on demand: a process that loads models once and then answers fast.

python -m trainer_image.serve

Reads a question in JSON from each line of stdin and writes an answer in JSON to stdout, in order:

    {"ask": "describe", "artifacts": URI, "search": null, "limit": 20}
    {"ask": "predict", "artifacts": URI, "request": {"customer_id": "2375", "k": 10}}

    {"answer": …}, or {"problems": [Problem, …]} for what is wrong with the request,
    {"not_found": FILE} where a job did not leave what is needed,
    {"fault": MESSAGE} for anything else.

It ends when stdin does, whatever it is doing.
"""

from __future__ import annotations

import contextlib
import json
import os
import select
import sys
import threading
import traceback
from collections import OrderedDict
from typing import Any

from pydantic import ValidationError

from shared.predictions import PredictionRequest
from shared.problems import InvalidError, from_pydantic
from shared.rules_of_lists import FILTER_TAGS
from shared.tables.faults import without_values
from trainer_image.job.leave import leave
from trainer_image.job.status import describe
from trainer_image.job.store import check_inside
from trainer_image.serving.predictor import Predictor

KEPT_MODELS = 3


class Models:
    """The models that were asked last, in memory."""

    def __init__(self, kept: int = KEPT_MODELS) -> None:
        self._kept = kept
        self._models: OrderedDict[str, Predictor] = OrderedDict()

    def of(self, artifacts_uri: str) -> Predictor:
        """Raises FileNotFoundError."""
        found = self._models.pop(artifacts_uri, None)
        if found is None:
            check_inside(artifacts_uri)
            while len(self._models) >= self._kept:  # first, so that memory holds no more
                self._models.popitem(last=False)
            found = Predictor(artifacts_uri)
        self._models[artifacts_uri] = found
        return found


def answer(line: bytes, models: Models) -> dict[str, Any]:
    """The answer to a question, whatever it is."""
    try:
        question = json.loads(line)
        predictor = models.of(question["artifacts"])
        if question["ask"] == "describe":
            inputs = predictor.describe(question["search"], question["limit"])
            return {"answer": inputs.model_dump(mode="json")}
        if question["ask"] == "predict":
            request = PredictionRequest.model_validate(question["request"])
            return {"answer": predictor.predict(request).model_dump(mode="json")}
        return {"fault": f"Nothing answers to {question['ask']!r}."}
    except ValidationError as error:
        return _problems(InvalidError(from_pydantic(error, "", FILTER_TAGS)))
    except InvalidError as invalid:
        return _problems(invalid)
    except FileNotFoundError as error:
        return {"not_found": str(error.filename)}
    except Exception as error:
        sys.stderr.write(without_values(traceback.format_exc()))
        return {"fault": describe(error)}


def _problems(invalid: InvalidError) -> dict[str, Any]:
    return {"problems": [problem.model_dump(mode="json") for problem in invalid.problems]}


def main() -> None:
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # whatever a library prints is no answer
    threading.Thread(target=_end_with, args=[sys.stdin.fileno()], daemon=True).start()
    # A query is a few small operations, one after another: handing them to other threads costs more
    # than it saves. A large one, as over all products, is still divided among the processors.
    os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")
    models = Models()
    with contextlib.suppress(BrokenPipeError):
        for line in sys.stdin.buffer:
            text = json.dumps(answer(line, models), allow_nan=False)
            answers.write(text.encode() + b"\n")
            answers.flush()
    leave(0)


def _end_with(pipe: int) -> None:
    """Ends this process once whoever asks it is gone: nobody waits for an answer any more."""
    ended = select.poll()
    ended.register(pipe, 0)  # told only of the closing of its other end
    ended.poll()
    leave(0)


if __name__ == "__main__":
    main()
