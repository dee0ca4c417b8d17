"""Queries of BigQuery that may take longer than whoever asks them may wait."""

from __future__ import annotations

import hashlib
from typing import Any

from google.api_core import exceptions
from google.cloud import bigquery

from shared.errors import StillWorkingError

# Of one query: BigQuery's own faults end a job for good, and its id with it.
_JOBS = 3


def job_id(query: str, key: str, number: int) -> str:
    """The same for the same query under the same key."""
    digest = hashlib.sha256(f"{key}\n{query}".encode()).hexdigest()
    return f"recsmith-{digest[:32]}-{number}"


def only_row(
    client: bigquery.Client,
    query: str,
    config: bigquery.QueryJobConfig,
    *,
    key: str,
    location: str | None,
    seconds: float,
) -> Any:
    """The first row of a query's result, from the job that was begun under the same key before, if
    there is one: it is neither begun nor paid for twice.

    Args:
        key: names the question; the answer under it stands for a day.
        seconds: to wait for it.

    Raises:
        StillWorkingError: it goes on.
        GoogleAPICallError: BigQuery's own.
    """
    for number in range(_JOBS):
        name = job_id(query, key, number)
        try:
            job = client.query(query, job_config=config, job_id=name, location=location)
        except exceptions.Conflict:
            job = client.get_job(name, location=location)
        try:
            return next(iter(job.result(timeout=seconds)))
        except TimeoutError:
            raise StillWorkingError(f"query {name} takes more than {seconds:.0f} seconds") from None
        except exceptions.ServerError:
            if number == _JOBS - 1:
                raise
    raise AssertionError("unreachable")
