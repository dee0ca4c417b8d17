"""The trace of a request, carried on through documents, messages and jobs.

W3C's `traceparent` is what is carried: a header of HTTP requests, an attribute of Pub/Sub messages,
a field of Firestore documents (Eventarc tells no more than the document) and a label of jobs. Where
no SDK of OpenTelemetry is set up, no span is recording and nothing is carried.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from opentelemetry import trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

TRACEPARENT = "traceparent"
# Of a document; nobody but the adapters sees it.
TRACE_FIELD = "_traceparent"
_PROPAGATOR = TraceContextTextMapPropagator()
_TRACER = trace.get_tracer("recsmith")


def carried() -> dict[str, str]:
    """`{"traceparent": …}` of the present span; empty outside of any."""
    carrier: dict[str, str] = {}
    _PROPAGATOR.inject(carrier)
    return {TRACEPARENT: carrier[TRACEPARENT]} if TRACEPARENT in carrier else {}


@contextmanager
def span(name: str, carrier: Mapping[str, Any] | None = None, **attributes: Any) -> Iterator[None]:
    """A span around the block; a child of the one that `carrier` carries, if it does."""
    parent = None
    if carrier and isinstance(carrier.get(TRACEPARENT), str):
        parent = _PROPAGATOR.extract({TRACEPARENT: carrier[TRACEPARENT]})
    known = {key: value for key, value in attributes.items() if value is not None}
    with _TRACER.start_as_current_span(name, context=parent, attributes=known):
        yield
