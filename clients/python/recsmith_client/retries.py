"""Which requests are made again, and when."""

from __future__ import annotations

import random

import httpx

from recsmith_client.calls import Call

_FIRST_SECONDS, _MOST_SECONDS = 0.2, 10.0
_PASSING = {408, 429, 502, 503, 504}
# Nothing has reached the server.
_UNSENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)


def passing(call: Call[object], outcome: httpx.Response | httpx.TransportError) -> bool:
    """Whether the same request may well be met a moment later, and does no harm if it was met
    already: any that only reads or has an Idempotency-Key, and others where the server has not
    begun."""
    if isinstance(outcome, httpx.Response):
        refused = outcome.status_code == httpx.codes.TOO_MANY_REQUESTS
        return refused or (call.repeatable and outcome.status_code in _PASSING)
    return call.repeatable or isinstance(outcome, _UNSENT)


def pause_seconds(
    attempt: int, outcome: httpx.Response | httpx.TransportError | None = None
) -> float:
    """How long to wait before trying again, doubled each time and spread over the half of it, or as
    long as the server says.

    Args:
        attempt: the number of the one that failed, from 1.
    """
    told = outcome.headers.get("Retry-After", "") if isinstance(outcome, httpx.Response) else ""
    if told.isdecimal():
        return min(float(told), 6 * _MOST_SECONDS)
    longest = min(_FIRST_SECONDS * 2.0 ** min(attempt - 1, 16), _MOST_SECONDS)
    return longest * random.uniform(0.5, 1.0)  # noqa: S311  # nobody is to be kept from guessing it
