"""What the API says of itself: complete enough to make a client from, and true."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from api_client import Client
from scenario import Shop

from functions.api.errors import ErrorResponse
from local.jobs.environment import REPOSITORY

ERROR = {"$ref": "#/components/schemas/ErrorResponse"}
MUST_HAVE = {
    *(
        f"{verb}{noun}"
        for noun in ("Dataset", "FeatureConfig", "ModelConfig", "RuleSet", "Schedule")
        for verb in ("create", "get", "update", "delete")
    ),
    *("listDatasets", "listFeatureConfigs", "listModelConfigs", "getSmartDefaults"),
    *("listModelPresets", "getModelPreset", "generateTrainerCode", "getHealth"),
    *("createQuickTest", "getQuickTest", "listQuickTests", "cancelQuickTest"),
    *("getQuickTestCode", "streamQuickTestEvents", "estimateQuickTest", "startFullTraining"),
    *("createSweep", "listSweeps", "getSweep", "deleteSweep", "cancelSweep", "validateSweep"),
    *("createTuning", "listTunings", "getTuning", "deleteTuning", "validateTuning"),
    *("stopTuning", "cancelTuning", "streamSweepEvents", "streamTuningEvents"),
    *("listRuleSets", "validateRuleSet"),
    *("listSchedules", "validateSchedule", "runSchedule", "pauseSchedule", "resumeSchedule"),
    *("compareQuickTests", "getQuickTestHeatmap", "getQuickTestReport"),
}
# What answers with something else than JSON.
FILES = {
    "streamQuickTestEvents": "text/event-stream",
    "streamSweepEvents": "text/event-stream",
    "streamTuningEvents": "text/event-stream",
    "streamChanges": "text/event-stream",
    "exportQuickTestComparison": "text/csv",
    "exportQuickTestHeatmap": "text/csv",
    "getQuickTestReportPage": "text/html",
    "getModelCard": "text/markdown",
    "downloadQuickTestModel": "application/zip",
    "downloadRegisteredModel": "application/zip",
}
_SHOP = Shop()
_CLIENT = Client(_SHOP)
# As it is stored, for each process that collects these tests would describe it anew.
DESCRIBED: dict[str, Any] = json.loads(
    (REPOSITORY / "console" / "src" / "api" / "openapi.json").read_bytes()
)
OPERATIONS = {
    operation["operationId"]: (method, path, operation)
    for path, methods in DESCRIBED["paths"].items()
    for method, operation in methods.items()
}


def test_every_endpoint_is_described_once() -> None:
    assert _CLIENT("GET", "/api/openapi.json").json() == DESCRIBED, "meant? make console-client"
    assert sum(len(methods) for methods in DESCRIBED["paths"].values()) == len(OPERATIONS)
    assert set(OPERATIONS) >= MUST_HAVE
    assert all(path.endswith("/") for path in DESCRIBED["paths"])
    assert not re.search("create|update/|delete", " ".join(DESCRIBED["paths"]))


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_operation_tells_its_parameters_its_answer_and_its_errors(name: str) -> None:
    method, path, operation = OPERATIONS[name]
    assert operation["summary"]
    assert operation["tags"]
    named = {item["name"] for item in operation.get("parameters", []) if item["in"] == "path"}
    assert named == set(re.findall(r"{(\w+)}", path))
    for item in operation.get("parameters", []):
        assert item["in"] == "path" or item["description"], item["name"]
    responses = operation["responses"]
    for status in ("422", "4XX", "5XX"):
        assert responses[status]["content"]["application/json"]["schema"] == ERROR
    (success,) = [status for status in responses if status.startswith("2")]
    if method == "delete":
        assert (success, "content" in responses[success]) == ("204", False)
    elif name in FILES:
        assert list(responses[success]["content"]) == [FILES[name]]
    else:
        schema = responses[success]["content"]["application/json"]["schema"]
        assert "$ref" in schema or "$ref" in schema["items"]
    if "requestBody" in operation:
        (content,) = operation["requestBody"]["content"].values()
        assert "$ref" in str(content["schema"])


def test_what_is_referred_to_is_there_and_the_bounds_of_fields_too() -> None:
    schemas = DESCRIBED["components"]["schemas"]
    referred = set(re.findall(r"#/components/schemas/(\w+)", str(DESCRIBED)))
    assert referred <= set(schemas)
    assert schemas["ModelConfigSpec"]["properties"]["batch_size"]["minimum"] == 2
    assert "HTTPValidationError" not in schemas


@pytest.mark.parametrize("name", OPERATIONS)
def test_a_path_means_the_same_without_its_slash(name: str) -> None:
    """On documents that there are not, and with a body that nothing takes."""
    method, path, operation = OPERATIONS[name]
    path = re.sub(r"{\w+}", "none", path)
    body = {"odd": 1} if "requestBody" in operation else None
    with_slash = _CLIENT(method.upper(), path, body)
    without = _CLIENT(method.upper(), path.removesuffix("/"), body)
    assert with_slash.status_code == without.status_code
    assert with_slash.content == without.content
    if with_slash.is_error:
        message = ErrorResponse.model_validate(with_slash.json()).error.message
        assert "There is nothing at" not in message
        assert with_slash.status_code in (404, 422)


def test_the_pages_need_no_network() -> None:
    for path in ("/", "/api", "/api/"):
        assert _CLIENT("GET", path).headers["location"] == "/api/docs"
    page = _CLIENT("GET", "/api/docs").text
    assert "'/api/openapi.json'" in page
    loaded = re.findall(r'(?:src|href)="([^"]*)"', page)
    assert len(loaded) == 3
    for url in loaded:
        assert url.startswith("/api/docs/static/")
        assert _CLIENT("GET", url).status_code == 200
    assert not re.search(r"@import|https?://[^\"' ]*cdn", page)
