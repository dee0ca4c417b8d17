"""The body of a request: `{"instances": […], "parameters": {…}}`.

https://cloud.google.com/vertex-ai/docs/predictions/custom-container-requirements
"""

from __future__ import annotations

import json
from typing import Any, NoReturn

from pydantic import ValidationError

from shared.predictions import InputsRequest, PredictionRequest
from shared.problems import InvalidError, Problem, from_pydantic, path_of, shorten
from shared.rules_of_lists import FILTER_TAGS
from shared.wording import plural

_FIELDS = ("instances", "parameters")
_SHAPE = 'Send {"instances": [{"customer_id": "…", "k": 10}]}.'
# Above it a number of JSON need not be the whole number that was meant.
_EXACT = 2**53
# Of all instances; an answer of so many has some 10 MB.
_MOST_PRODUCTS = 50_000


def read_instances(body: bytes, most: int) -> list[PredictionRequest]:
    """The requests of a body, in their order, each with the body's parameters for what it leaves
    out.

    Raises:
        InvalidError: all that is wrong, under paths such as `instances[3].k` and `parameters.k`.
    """
    told = _object(body)
    problems = [
        Problem(
            path=name,
            code="extra_forbidden",
            message="A request has instances and parameters.",
            received=shorten(value),
        )
        for name, value in told.items()
        if name not in _FIELDS
    ]
    parameters = told.get("parameters")
    defaults: PredictionRequest | None = None
    if isinstance(parameters, dict):
        defaults, found = _request(parameters, "parameters")
        problems += found
    elif parameters is not None:
        problems.append(_wrong("parameters", "dict_type", "Give an object.", parameters))
    instances = told.get("instances")
    if not isinstance(instances, list) or not instances:
        message = f"Give a list of at least one. {_SHAPE}"
        raise InvalidError([*problems, _wrong("instances", "list_type", message, instances)])
    if len(instances) > most:
        message = f"At most {plural(most, 'instance')} are answered at once."
        raise InvalidError([*problems, _wrong("instances", "too_long", message, len(instances))])
    requests: list[PredictionRequest] = []
    for place, instance in enumerate(instances):
        path = path_of("", ["instances", place])
        if not isinstance(instance, dict):
            problems.append(_wrong(path, "dict_type", f"Give an object. {_SHAPE}", instance))
            continue
        request, found = _request(instance, path)
        problems += found
        if request is not None:
            requests.append(_with_defaults(request, defaults))
    products = sum(request.k + len(request.product_ids) for request in requests)
    if products > _MOST_PRODUCTS and not problems:
        message = (
            f"At most {plural(_MOST_PRODUCTS, 'product')} are answered at once, of all instances."
        )
        problems.append(_wrong("instances", "too_many_products", message, products))
    if problems:
        raise InvalidError(problems)
    return requests


def read_inputs_request(body: bytes) -> InputsRequest:
    """An empty body is one that says nothing. Raises InvalidError."""
    try:
        return InputsRequest.model_validate_json(body or b"{}")
    except ValidationError as error:
        raise InvalidError(from_pydantic(error, "", frozenset())) from None


def of_instance(place: int, invalid: InvalidError) -> list[Problem]:
    """What is wrong with one instance, as problems of the body."""
    path = path_of("", ["instances", place])
    return [
        problem.model_copy(update={"path": f"{path}.{problem.path}" if problem.path else path})
        for problem in invalid.problems
    ]


def _with_defaults(
    request: PredictionRequest, defaults: PredictionRequest | None
) -> PredictionRequest:
    """All requests share what they leave out, such as rules, which is then checked once."""
    if defaults is None:
        return request
    told = {name: getattr(request, name) for name in request.model_fields_set}
    return defaults.model_copy(update=told)


def _request(told: dict[str, Any], path: str) -> tuple[PredictionRequest | None, list[Problem]]:
    try:
        return PredictionRequest.model_validate(told), []
    except ValidationError as error:
        return None, from_pydantic(error, path, FILTER_TAGS)


def _object(body: bytes) -> dict[str, Any]:
    """Raises InvalidError."""
    try:
        told = json.loads(body, parse_float=_number, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        message = f"The body is not JSON. {_SHAPE}"
        raise InvalidError([_wrong("", "json_invalid", message, str(error))]) from None
    if not isinstance(told, dict):
        message = f"The body is not an object. {_SHAPE}"
        raise InvalidError([_wrong("", "dict_type", message, told)])
    return told


def _number(text: str) -> int | float:
    """JSON has one kind of number: Vertex AI's clients write a whole one as `321.0`."""
    number = float(text)
    return int(number) if number.is_integer() and abs(number) < _EXACT else number


def _refuse(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _wrong(path: str, code: str, message: str, received: Any) -> Problem:
    return Problem(path=path, code=code, message=message, received=shorten(received))
