"""Predictions of a deployment: asked of the services on Cloud Run that serve registered models.

Each runs `python -m trainer_image.http_server` (docs/serving.md), lets in whom Google vouches for,
and answers by the version of its model that is in production, and by those of its experiment. A
test that is none of these is refused: no other model answers in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

from google.auth import exceptions
from google.auth.transport.requests import Request
from pydantic import BaseModel, ValidationError

from shared.errors import RefusedError, UnavailableError
from shared.gcp.id_token import IdToken
from shared.ports import ArtifactStore
from shared.predictions import (
    QUICK_TEST_HEADER,
    InputsRequest,
    Prediction,
    PredictionInputs,
    PredictionRequest,
)
from shared.problems import InvalidError, Problem
from shared.registry import Alias, Pointer, ServedVersion
from shared.services.served_models import find_pointer
from shared.wording import alternatives

AnswerT = TypeVar("AnswerT", bound=BaseModel)

_CONNECT_SECONDS = 10.0
# As long as Cloud Run lets the service answer (infra/terraform/serving.tf), a cold start included.
_ANSWER_SECONDS = 60.0
_INSTANCE = "instances[0]"


@dataclass(frozen=True)
class _Service:
    """A version, and where it is asked."""

    url: str
    pointer: Pointer
    version: ServedVersion

    def __str__(self) -> str:
        return f"The service of {self.pointer.name!r} on Cloud Run"


class ServedPredictor:
    """
    Args:
        urls: of the services, without a slash at their ends, by the ids of their models.
        artifacts: holds the registry's pointers.
        token: makes what gives ID tokens for an audience.
        send: a transport of google-auth; names of its answers' headers are of any case.
        seconds: how long a service may be silent.
    """

    def __init__(
        self,
        urls: Mapping[str, str],
        artifacts: ArtifactStore,
        *,
        token: Callable[[str], Callable[[], str]] = IdToken,
        send: Callable[..., Any] | None = None,
        seconds: float = _ANSWER_SECONDS,
    ) -> None:
        self._urls = dict(urls)
        self._artifacts = artifacts
        self._tokens = {url: token(url) for url in self._urls.values()}
        self._send = send or Request()
        self._seconds = seconds

    def describe(
        self, artifacts_uri: str, *, search: str | None = None, limit: int = 20
    ) -> PredictionInputs:
        service = self._service_of(artifacts_uri)
        request = InputsRequest(search=search, limit=limit)
        body = self._ask(service, "/inputs", request.model_dump(mode="json"))
        return _read(PredictionInputs, body, service)

    def predict(self, artifacts_uri: str, request: PredictionRequest) -> Prediction:
        service = self._service_of(artifacts_uri)
        # What nobody has said is left out: a service may be older than this, and not know of it.
        instance = request.model_dump(mode="json", include=request.model_fields_set)
        body = self._ask(service, "/predict", {"instances": [instance]})
        match body.get("predictions"):
            case [dict(answer)]:
                _check_is_of(service, answer)
                return _read(Prediction, answer, service)
        raise _malformed(service)

    def _service_of(self, artifacts_uri: str) -> _Service:
        """Raises RefusedError where no service answers for the folder's model."""
        served: list[str] = []
        for model_id, url in self._urls.items():
            pointer = find_pointer(model_id, self._artifacts)
            if pointer is None:
                continue
            for version in _versions(pointer):
                if version.artifacts_uri == artifacts_uri:
                    return _Service(url, pointer, version)
                served.append(f"version {version.version} of {pointer.name!r}")
        told = alternatives(served) if served else "no version, since none has been promoted"
        raise RefusedError(
            f"This test's model is not served. What answers on Cloud Run is {told}. Promote this "
            "test's version of a served model, or copy its folder to a laptop and ask it there "
            "(docs/serving.md)."
        )

    def _ask(self, service: _Service, route: str, told: Any) -> dict[str, Any]:
        """What the version itself answers. Raises InvalidError, RefusedError, UnavailableError."""
        headers = {
            "Authorization": f"Bearer {self._tokens[service.url]()}",
            "Content-Type": "application/json",
            QUICK_TEST_HEADER: service.version.quick_test_id,
        }
        try:
            answer = self._send(
                f"{service.url}{route}",
                method="POST",
                body=json.dumps(told, allow_nan=False).encode(),
                headers=headers,
                timeout=(_CONNECT_SECONDS, self._seconds),
                allow_redirects=False,  # the token is for nobody else
            )
        except (exceptions.TransportError, OSError) as error:
            cause = type(error.__cause__ or error).__name__
            if "Timeout" not in cause:
                raise UnavailableError(f"{service} cannot be reached ({cause}).") from None
            raise UnavailableError(
                f"{service} gave no answer within {self._seconds:g} seconds. Where it sleeps it "
                "loads its model first: try again, or keep an instance awake "
                "(serving_min_instances)."
            ) from None
        body = _object(answer.data)
        if answer.status != 200:
            raise _fault(service, route, answer.status, body)
        if body is None:
            raise _malformed(service)
        _check_answered_by(service, answer)
        return body


def _versions(pointer: Pointer) -> Iterator[ServedVersion]:
    """What a service answers by: it follows production."""
    if production := pointer.aliases.get(Alias.PRODUCTION):
        yield production
    if experiment := pointer.experiment_of(Alias.PRODUCTION):
        yield from experiment.versions[1:]


def _check_answered_by(service: _Service, answer: Any) -> None:
    """Raises UnavailableError where another version has answered, as services of before do."""
    by = answer.headers.get(QUICK_TEST_HEADER)
    if by != service.version.quick_test_id:
        raise _not_taken_up(service, f"quick test {by!r} has answered")


def _check_is_of(service: _Service, answer: Mapping[str, Any]) -> None:
    """The same for an instance, which another version of an experiment may have answered."""
    match answer.get("experiment"):
        case {"version": int(number)} if number != service.version.version:
            raise _not_taken_up(service, f"version {number} has answered, by an experiment")


def _fault(service: _Service, route: str, status: int, body: Mapping[str, Any] | None) -> Exception:
    """What an answer that is none means. `body` is the server's own; what stands before it answers
    in HTML."""
    said = body.get("error") if body else None
    if not isinstance(said, str):
        return UnavailableError(f"{service} {_BEFORE_IT.get(status, f'answered {status}.')}")
    assert body is not None
    match status:
        case 400 if problems := list(_problems(body)):
            return InvalidError(problems)
        case 400 | 413:
            return RefusedError(f"{service} does not take the request: {said}")
        case 404:
            return UnavailableError(
                f"{service} has no route {route}: its image is older than this API. Give "
                "serving_image the trainer's image of this release, and apply."
            )
        case 409:
            return _not_taken_up(service, said)
    return UnavailableError(f"{service} gave no answer ({status}): {said}")


# What Cloud Run itself says, before a request reaches the server.
# https://cloud.google.com/run/docs/troubleshooting
_BEFORE_IT = {
    401: (
        "does not take the API's ID token (401): its audience has to be the service's own address, "
        "as Terraform's serving_urls has it."
    ),
    403: (
        "does not let the API in (403): the API's service account needs roles/run.invoker on it, "
        "which terraform apply gives."
    ),
    404: (
        "cannot be reached (404): there is none at its address, or it takes no requests from "
        "outside of the project's networks. Set serving_ingress to INGRESS_TRAFFIC_ALL, or give "
        "the functions a connector (vpc_connector), and apply."
    ),
    429: "has no instance free (429). Try again in a moment, or raise serving_max_instances.",
    500: "could not start an instance (500). Its log says why.",
    503: "could not start an instance, or lost it (503). Its log says why.",
    504: "gave no answer in its time (504). Try again.",
}


def _problems(body: Mapping[str, Any]) -> Iterator[Problem]:
    """With paths of the request, which is the only instance."""
    for told in body.get("problems") or ():
        try:
            problem = Problem.model_validate(told)
        except ValidationError:
            continue
        path = problem.path.removeprefix(_INSTANCE).removeprefix(".")
        yield problem.model_copy(update={"path": path})


def _not_taken_up(service: _Service, said: str) -> UnavailableError:
    return UnavailableError(
        f"{service} should answer by version {service.version.version}, and does not yet: "
        f"{said.rstrip('.')}. It looks again every few seconds while it is asked: try again."
    )


def _malformed(service: _Service) -> UnavailableError:
    return UnavailableError(f"{service} gave an answer that cannot be read.")


def _object(data: bytes) -> dict[str, Any] | None:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _read(kind: type[AnswerT], body: Mapping[str, Any], service: _Service) -> AnswerT:
    try:
        return kind.model_validate(body)
    except ValidationError:
        raise _malformed(service) from None
