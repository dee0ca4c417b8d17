"""Bodies of requests over HTTP."""

from __future__ import annotations

import json
from typing import Any

import pytest

from shared.predictions import ListName, PredictionRequest
from shared.problems import InvalidError
from trainer_image.serving.http.contract import read_instances

RULES = {"filters": [{"type": "only", "product_ids": ["a", "b"]}]}


def read(instances: list[Any], parameters: Any) -> list[PredictionRequest]:
    body = json.dumps({"instances": instances, "parameters": parameters})
    return read_instances(body.encode(), 500)


def test_instances_share_what_the_parameters_say() -> None:
    own = {"filters": [{"type": "only", "product_ids": ["c"]}]}
    instances: list[dict[str, Any]] = [{"customer_id": str(number)} for number in range(100)]
    instances[7]["rules"] = own
    requests = read(instances, {"rules": RULES, "k": 3, "list": "discover"})
    first = requests[0].rules
    assert first is not None
    assert [one for one, request in enumerate(requests) if request.rules is not first] == [7]
    assert requests[7].rules is not None
    assert requests[7].rules.model_dump() == {**own, "caps": [], "pins": []}
    assert {(one.k, one.list) for one in requests} == {(3, ListName.DISCOVER)}
    assert [one.customer_id for one in requests] == [str(number) for number in range(100)]


def test_an_instance_replaces_what_the_parameters_say() -> None:
    parameters = {"rules": RULES, "k": 3, "values": {"age": 30, "city": "A"}}
    instances = [{"rules": None, "k": 10}, {"values": {"age": 31}}, {}]
    requests = read(instances, parameters)
    assert [one.rules is None for one in requests] == [True, False, False]
    assert [one.k for one in requests] == [10, 3, 3]
    assert [one.values for one in requests] == [
        {"age": 30, "city": "A"},
        {"age": 31},
        {"age": 30, "city": "A"},
    ]


def test_what_is_wrong_with_parameters_is_said_once() -> None:
    with pytest.raises(InvalidError) as refused:
        read([{}, {"k": 0}, {}], {"rules": {"filters": [{"type": "only", "product_ids": []}]}})
    assert [problem.path for problem in refused.value.problems] == [
        "parameters.rules.filters[0].product_ids",
        "instances[1].k",
    ]
