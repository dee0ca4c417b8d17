"""What a service on Cloud Run answers, read as what the port promises."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import pytest
from fakes import FakeArtifacts
from google.auth.exceptions import TransportError
from requests import ConnectionError as Unreachable
from requests import ReadTimeout
from requests.structures import CaseInsensitiveDict

from shared.errors import RefusedError, UnavailableError
from shared.gcp.served_predictor import ServedPredictor
from shared.predictions import Prediction, PredictionRequest
from shared.problems import InvalidError
from shared.registry import Pointer, pointer_key

ASK = PredictionRequest(customer_id="c", k=3)
URL = "https://rm-shop.run.app"
ANSWER = Prediction(
    known=True, query={}, recommendations=[], ratings=[], history=[], products_bought=0
).model_dump(mode="json")


class Answer:
    def __init__(self, status: int, body: Any, **headers: str) -> None:
        self.status = status
        self.headers = CaseInsensitiveDict({"recsmith-quick-test": "qt-1", **headers})
        self.data = body if isinstance(body, bytes) else json.dumps(body).encode()


def answered(**told: Any) -> dict[str, Any]:
    return {"predictions": [{**ANSWER, **told}], "metadata": {}}


class CloudRun:
    """Two services, of which the first has a version in production and one that is tried out."""

    def __init__(self, answer: Answer | Exception) -> None:
        self.answer = answer
        self.asked: list[tuple[str, Mapping[str, Any], Any]] = []
        self.artifacts = FakeArtifacts()
        self.point()
        urls = {"rm-shop": URL, "rm-new": "https://rm-new.run.app"}
        self.predictor = ServedPredictor(
            urls, self.artifacts, token=lambda url: lambda: f"for {url}", send=self.send
        )

    def uri(self, number: int) -> str:
        return self.artifacts.uri(f"jobs/{number}")

    def point(self, production: int = 1) -> None:
        def version(number: int) -> dict[str, Any]:
            folder = f"jobs/{number}"
            return {"version": number, "quick_test_id": f"qt-{number}", "artifacts_uri": folder}

        versions = [{**version(number), "share_percent": 50} for number in (1, 2)]
        pointer = {
            "model_id": "rm-shop",
            "name": "Shop",
            "revision": 1,
            "aliases": {"production": version(production), "previous": version(7)},
            "experiment": {"id": "e", "salt": "s", "began_at": "", "versions": versions},
        }
        content = Pointer.model_validate(pointer).model_dump_json().encode()
        self.artifacts.replace(pointer_key("rm-shop"), content)

    def send(self, url: str, *, headers: Mapping[str, Any], body: bytes, **options: Any) -> Answer:
        assert options["method"] == "POST"
        assert not options["allow_redirects"]
        self.asked.append((url, headers, json.loads(body)))
        if isinstance(self.answer, Exception):
            raise self.answer
        return self.answer


def test_the_version_in_production_is_asked_for_by_name_and_with_a_token_for_its_service() -> None:
    cloud = CloudRun(Answer(200, answered()))
    assert cloud.predictor.predict(cloud.uri(1), ASK).known
    ((url, headers, body),) = cloud.asked
    assert url == f"{URL}/predict"
    assert headers["Authorization"] == f"Bearer for {URL}"
    assert headers["Recsmith-Quick-Test"] == "qt-1"
    assert body == {"instances": [{"customer_id": "c", "k": 3}]}


def test_a_version_that_is_tried_out_is_asked_for_while_its_control_is_in_production() -> None:
    cloud = CloudRun(Answer(200, answered(), **{"Recsmith-Quick-Test": "qt-2"}))
    assert cloud.predictor.predict(cloud.uri(2), ASK).known
    assert cloud.asked[0][1]["Recsmith-Quick-Test"] == "qt-2"
    cloud.point(production=3)
    with pytest.raises(RefusedError, match=r"is version 3 of 'Shop'\. Promote"):
        cloud.predictor.predict(cloud.uri(2), ASK)


@pytest.mark.parametrize("number", [7, 8])  # one was in production before, one never
def test_a_model_that_no_service_answers_for_is_refused_without_asking_any(number: int) -> None:
    cloud = CloudRun(Answer(200, answered()))
    told = r"answers on Cloud Run is version 1 of 'Shop' or version 2 of 'Shop'\. Promote"
    with pytest.raises(RefusedError, match=told):
        cloud.predictor.predict(cloud.uri(number), ASK)
    with pytest.raises(RefusedError, match=told):
        cloud.predictor.describe(cloud.uri(number))
    assert cloud.asked == []


@pytest.mark.parametrize(
    "answer",
    [
        Answer(409, {"error": "Quick test 'qt-1' is not served.", "problems": []}),
        # A server of before knows no such wish, and says who has answered.
        Answer(200, answered(), **{"Recsmith-Quick-Test": "qt-5"}),
        Answer(200, answered(experiment={"version": 2})),
    ],
)
def test_what_another_version_says_is_no_answer(answer: Answer) -> None:
    cloud = CloudRun(answer)
    with pytest.raises(UnavailableError, match="should answer by version 1, and does not yet"):
        cloud.predictor.predict(cloud.uri(1), ASK)


def test_what_is_wrong_with_the_request_is_named_as_on_a_laptop() -> None:
    problem = {"path": "instances[0].values.colour", "code": "x", "message": "No such column."}
    cloud = CloudRun(Answer(400, {"error": "…", "problems": [problem]}))
    with pytest.raises(InvalidError) as raised:
        cloud.predictor.predict(cloud.uri(1), ASK)
    assert [one.path for one in raised.value.problems] == ["values.colour"]


_HTML = b"<html><title>Error</title></html>"


def said(message: str) -> dict[str, Any]:
    return {"error": message, "problems": []}


@pytest.mark.parametrize(
    ("answer", "raised", "message"),
    [
        (Answer(401, _HTML), UnavailableError, "audience"),
        (Answer(403, _HTML), UnavailableError, "needs roles/run.invoker"),
        (Answer(404, _HTML), UnavailableError, "serving_ingress"),
        (Answer(404, said("There is no such route.")), UnavailableError, "older than this API"),
        (Answer(413, said("At most 1,500,000 bytes.")), RefusedError, "At most 1,500,000"),
        (Answer(429, b"Rate exceeded."), UnavailableError, "serving_max_instances"),
        (Answer(429, said("Too many wait.")), UnavailableError, "Too many wait"),
        (Answer(500, said("The log says why.")), UnavailableError, r"\(500\): The log says why"),
        (Answer(503, _HTML), UnavailableError, "could not start"),
        (Answer(503, said("The model is being loaded.")), UnavailableError, "being loaded"),
        (Answer(302, b""), UnavailableError, "answered 302"),
        (Answer(400, {"error": {"code": 400}}), UnavailableError, "answered 400"),
        (Answer(200, _HTML), UnavailableError, "cannot be read"),
        (Answer(200, {"predictions": []}), UnavailableError, "cannot be read"),
        (Answer(200, {"predictions": [{"known": "?"}]}), UnavailableError, "cannot be read"),
    ],
)
def test_other_answers_say_what_is_missing(
    answer: Answer, raised: type[Exception], message: str
) -> None:
    cloud = CloudRun(answer)
    with pytest.raises(raised, match=message):
        cloud.predictor.predict(cloud.uri(1), ASK)


@pytest.mark.parametrize(
    ("fault", "message"),
    [(ReadTimeout(), "within 60 seconds.*serving_min_instances"), (Unreachable(), "reached")],
)
def test_a_service_that_is_silent_or_away_is_said_to_be(fault: Exception, message: str) -> None:
    error = TransportError(fault)
    error.__cause__ = fault
    cloud = CloudRun(error)
    with pytest.raises(UnavailableError, match=message):
        cloud.predictor.describe(cloud.uri(1))
