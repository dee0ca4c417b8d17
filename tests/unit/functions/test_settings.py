"""The environment of a deployment, read at once, with one message for everything that is wrong."""

from __future__ import annotations

import io
import json
import logging
import re
from typing import Any

import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from scenario import Shop
from starlette.testclient import TestClient

from functions import telemetry
from functions.api import create_app
from functions.api.guard import guard
from functions.settings import Settings, SettingsError, read_settings
from local.jobs.environment import REPOSITORY
from shared.gcp.tracing import carried, span

LEAST = {
    "RECSMITH_PROJECT": "shop-prod",
    "RECSMITH_LOCATION": "europe-west4",
    "RECSMITH_BUCKET": "shop-recsmith",
}


def test_the_least_is_enough_and_foreign_variables_do_not_matter() -> None:
    settings = read_settings({**LEAST, "PATH": "/bin", "RECSMITH_TEMPLATE_URI": ""})
    assert settings.parent == "projects/shop-prod/locations/europe-west4"
    assert (settings.database, settings.template_uri, settings.auth) == ("(default)", None, None)


def test_what_a_laptop_is_told_does_not_stop_the_functions_over_emulators_there() -> None:
    """They share its environment."""
    told = {
        name
        for package in ("local", "trainer_image")
        for file in (REPOSITORY / package).rglob("*.py")
        for name in re.findall(r'"(RECSMITH_[A-Z_]*[A-Z])"', file.read_text(encoding="utf-8"))
    }
    assert {"RECSMITH_HOME", "RECSMITH_CACHE_MIB", "RECSMITH_SPARE_TRAINER"} <= told
    known = {f"RECSMITH_{name.upper()}" for name in Settings.model_fields}
    settings = read_settings({**LEAST, **dict.fromkeys(told - known, "1")})
    assert settings.project == LEAST["RECSMITH_PROJECT"]


def test_lists_and_labels_are_read_from_text() -> None:
    given = {
        "RECSMITH_LABELS": "team=shop, cost=research",
        "RECSMITH_ADMINS": "a@shop.example,b@shop.example",
        "RECSMITH_DEFAULT_ROLE": "none",
    }
    settings = read_settings({**LEAST, **given})
    assert settings.labels == {"team": "shop", "cost": "research"}
    assert settings.admins == ("a@shop.example", "b@shop.example")
    assert settings.default_role is None


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"RECSMITH_PROJECT": ""}, "RECSMITH_PROJECT is not set."),
        ({"RECSMITH_BUKET": "b"}, "RECSMITH_BUKET is not known."),
        ({"RECSMITH_TEMPLATE_URI": "https://x"}, "RECSMITH_TEMPLATE_URI: String should match"),
        ({"RECSMITH_LABELS": "team"}, "RECSMITH_LABELS: give pairs such as team=shop"),
        ({"RECSMITH_BIGQUERY_MAX_BYTES": "-1"}, "Received: '-1'."),
        ({"RECSMITH_AUTH": "iap"}, "RECSMITH_AUTH_AUDIENCE: with auth 'iap' name"),
        (
            {"RECSMITH_AUTH": "run", "RECSMITH_AUTH_TENANT": "a"},
            "RECSMITH_AUTH_TENANT: tenants are of Identity Platform",
        ),
        ({"RECSMITH_AUTH": "none"}, "RECSMITH_AUTH: 'none' would let everybody in"),
        ({"RECSMITH_MLFLOW_AUDIENCE": "x"}, "RECSMITH_MLFLOW_AUDIENCE: a token goes to an https"),
        ({"RECSMITH_SERVING_URLS": "rm-a=http://b.run.app"}, "RECSMITH_SERVING_URLS"),
        ({"RECSMITH_SERVING_URLS": "https://b.run.app"}, "give pairs such as"),
        ({"RECSMITH_CORS_ORIGINS": "*"}, "RECSMITH_CORS_ORIGINS: name the consoles' origins"),
        ({"RECSMITH_VERTEX_ENDPOINT": "host:1"}, "RECSMITH_VERTEX_ENDPOINT: is not encrypted"),
    ],
)
def test_what_is_wrong_is_named_by_its_variable(given: dict[str, str], message: str) -> None:
    with pytest.raises(SettingsError) as raised:
        read_settings({**LEAST, **given})
    assert message in str(raised.value)


def test_nobody_need_be_known_over_emulators() -> None:
    given = {"FIRESTORE_EMULATOR_HOST": "127.0.0.1:1", "RECSMITH_AUTH": "none"}
    assert read_settings({**LEAST, **given}).emulated


@pytest.fixture
def recording(monkeypatch: pytest.MonkeyPatch) -> None:
    tracer = TracerProvider().get_tracer("test")
    monkeypatch.setattr("shared.gcp.tracing._TRACER", tracer)


def test_a_log_line_names_its_document_and_its_trace(recording: None) -> None:
    parent = {"traceparent": "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"}
    lines = telemetry.JsonLines("shop-prod")
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "slow: %s", ("é",), None)
    with telemetry.handling("generate_code", "feature_configs/fc-1", parent):
        line = json.loads(lines.format(record))
        trace_id = "0af7651916cd43dd8448eb211c80319c"
        assert carried()["traceparent"].startswith(f"00-{trace_id}-")
    assert line["severity"] == "WARNING"
    assert line["message"] == "slow: é"
    assert line["document"] == "feature_configs/fc-1"
    assert line["function"] == "generate_code"
    assert line["logging.googleapis.com/trace"] == f"projects/shop-prod/traces/{trace_id}"
    assert "document" not in json.loads(lines.format(record))


def test_the_log_of_a_request_that_fails_belongs_to_its_trace(
    recording: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = Shop()

    def breaks(*_: Any, **__: Any) -> Any:
        raise RuntimeError("out of order")

    monkeypatch.setattr(shop.documents, "query", breaks)
    settings = read_settings({**LEAST, "RECSMITH_AUTH": "none", "FIRESTORE_EMULATOR_HOST": "x:1"})
    client = TestClient(
        guard(create_app(shop.ports), settings, shop.documents), raise_server_exceptions=False
    )
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(telemetry.JsonLines("shop-prod"))
    logging.getLogger("functions").addHandler(handler)
    trace_id = "0af7651916cd43dd8448eb211c80319c"
    headers = {"traceparent": f"00-{trace_id}-b7ad6b7169203331-01"}
    try:
        assert client.get("/api/datasets/", headers=headers).status_code == 500
    finally:
        logging.getLogger("functions").removeHandler(handler)
    (line,) = map(json.loads, said.getvalue().splitlines())
    assert line["severity"] == "ERROR"
    assert line["message"].startswith("GET /api/datasets/ failed\nTraceback")
    assert "out of order" in line["message"]
    assert line["logging.googleapis.com/trace"] == f"projects/shop-prod/traces/{trace_id}"


def test_a_log_line_of_a_fault_holds_its_traceback() -> None:
    try:
        raise KeyError("column")
    except KeyError as error:
        fault = (KeyError, error, error.__traceback__)
    record = logging.LogRecord("x", logging.ERROR, "f", 1, "failed", (), fault)
    line = json.loads(telemetry.JsonLines("p").format(record))
    assert "Traceback (most recent call last)" in line["message"]


def test_a_trace_is_handed_on_and_a_broken_one_is_not(recording: None) -> None:
    with span("outer"):
        outer = trace.get_current_span().get_span_context().trace_id
        message = carried()
    with span("inner", message):
        assert trace.get_current_span().get_span_context().trace_id == outer
    with span("other", {"traceparent": "nonsense"}):
        assert trace.get_current_span().get_span_context().trace_id != outer
    assert carried() == {}


def test_what_is_wrong_with_channels_is_said_without_their_addresses() -> None:
    given = {**LEAST, "RECSMITH_CHANNELS": '[{"name": "a", "form": "slack", "url": "hush"}]'}
    with pytest.raises(SettingsError, match=r"RECSMITH_CHANNELS: .*0\.url: an address") as wrong:
        read_settings(given)
    assert "hush" not in str(wrong.value)
    told = '[{"name": "a", "form": "slack", "url": "https://hooks.example.com/hush"}]'
    read = read_settings({**given, "RECSMITH_CHANNELS": told})
    assert [channel.name for channel in read.channels] == ["a"]
    assert "hush" not in repr(read)
