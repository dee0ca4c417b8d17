"""Logs as Cloud Logging reads them, and spans as Cloud Trace shows them."""

from __future__ import annotations

import json
import logging
import os
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from opentelemetry import trace

from shared.gcp.tracing import span

_log = logging.getLogger(__name__)
_about: ContextVar[Mapping[str, str] | None] = ContextVar("about", default=None)


def set_up() -> None:
    """Where Cloud Run is (it names the service in `K_SERVICE`), log lines become JSON objects, and
    `RECSMITH_TRACE` sends the spans somewhere. Elsewhere both are the business of whoever runs the
    functions."""
    if not os.environ.get("K_SERVICE"):
        return
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines(os.environ.get("RECSMITH_PROJECT", "")))
    logging.basicConfig(
        level=os.environ.get("RECSMITH_LOG_LEVEL") or "INFO", handlers=[handler], force=True
    )
    export_spans(os.environ.get("RECSMITH_TRACE", "off"))


@contextmanager
def handling(function: str, path: str | None, carrier: Mapping[str, Any]) -> Iterator[None]:
    """A span, and log lines that name the function and the document that they are about."""
    about = {"function": function, **({"document": path} if path else {})}
    before = _about.set(about)
    try:
        with span(function, carrier, document=path):
            _log.info("%s %s", function, path or "")
            yield
    finally:
        _about.reset(before)
        _flush()


class JsonLines(logging.Formatter):
    """One JSON object per line, with the fields that Cloud Logging gives a meaning to.

    https://cloud.google.com/logging/docs/structured-logging
    """

    def __init__(self, project: str) -> None:
        super().__init__()
        self._project = project

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "severity": record.levelname,
            "message": record.getMessage(),
            "logger": record.name,
            **(_about.get() or {}),
        }
        if record.exc_info:
            # Error Reporting groups by the traceback, which it looks for in the message.
            line["message"] += "\n" + "".join(traceback.format_exception(*record.exc_info))
        context = trace.get_current_span().get_span_context()
        if context.is_valid:
            number = trace.format_trace_id(context.trace_id)
            line["logging.googleapis.com/trace"] = f"projects/{self._project}/traces/{number}"
            line["logging.googleapis.com/spanId"] = trace.format_span_id(context.span_id)
            line["logging.googleapis.com/trace_sampled"] = context.trace_flags.sampled
        return json.dumps(line, ensure_ascii=False, default=str)


def export_spans(where: str) -> None:
    """Sets the SDK of OpenTelemetry up; without it, a trace is handed on but not recorded.

    Args:
        where: `google` (Cloud Trace), `otlp` (what OTEL_EXPORTER_OTLP_ENDPOINT names), or `off`.
    """
    if where == "off":
        return
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

    exporter: SpanExporter
    if where == "google":
        from opentelemetry.exporter.cloud_trace import CloudTraceSpanExporter

        exporter = CloudTraceSpanExporter(project_id=os.environ["RECSMITH_PROJECT"])
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        exporter = OTLPSpanExporter()
    service = os.environ.get("K_SERVICE", "recsmith")
    provider = TracerProvider(resource=Resource.create({"service.name": service}))
    provider.add_span_processor(BatchSpanProcessor(exporter))
    trace.set_tracer_provider(provider)


def _flush() -> None:
    """A function's instance may be frozen as soon as it has answered."""
    provider: Any = trace.get_tracer_provider()
    if hasattr(provider, "force_flush"):
        provider.force_flush(2_000)
