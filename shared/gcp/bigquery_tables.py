"""A run's files as a BigQuery table: loaded beside it, then shown by one copy.

Every job has an id made of the run and the file, so that whoever begins again finds what was begun:
no file is loaded twice.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

from google.api_core import exceptions
from google.auth.credentials import AnonymousCredentials
from google.auth.exceptions import GoogleAuthError
from google.cloud import bigquery

from shared.batches import Manifest
from shared.errors import RefusedError, UnavailableError

SCHEMA: Mapping[str, str] = {
    "run_id": "STRING",
    "made_at": "TIMESTAMP",
    "model_id": "STRING",
    "model_version": "INTEGER",
    "quick_test_id": "STRING",
    "list": "STRING",
    "customer_id": "STRING",
    "rank": "INTEGER",
    "product_id": "STRING",
    "name": "STRING",
    "score": "FLOAT",
    "rating": "FLOAT",
    "bought_before": "BOOLEAN",
    "last_bought_days_ago": "FLOAT",
}
_TABLE = re.compile(r"(?:bq://)?([a-z][-a-z0-9:.]*)\.([A-Za-z0-9_]+)\.([-A-Za-z0-9_]+)")
_STAGED_DAYS = 3
_TRIES = 3


def table_of(text: str) -> str:
    """`bq://project.dataset.table` → `project.dataset.table`. Raises RefusedError."""
    found = _TABLE.fullmatch(text)
    if found is None:
        raise RefusedError(f"A table is given as bq://project.dataset.table. Received: {text!r}.")
    return ".".join(found.groups())


def client_of(project: str | None) -> bigquery.Client:
    """By the account of this machine; for an emulator (BIGQUERY_EMULATOR_HOST) by nobody's, as
    Google's other clients do. Raises UnavailableError.

    Args:
        project: None takes the one that the environment names.
    """
    if os.environ.get("BIGQUERY_EMULATOR_HOST"):
        return bigquery.Client(project, credentials=AnonymousCredentials())
    with told():
        return bigquery.Client(project)


def check_table(client: bigquery.Client, table: str) -> None:
    """Before anything is made for it.

    Raises:
        RefusedError: the dataset is not there, or a table of something else lies there.
        UnavailableError.
    """
    with told():
        client.get_dataset(table.rpartition(".")[0])
        try:
            found = client.get_table(table)
        except exceptions.NotFound:
            return
        if {field.name: field.field_type for field in found.schema} != dict(SCHEMA):
            raise RefusedError(
                f"{table} is a table of something else, which would be lost. Choose another name."
            )


def fill_table(
    client: bigquery.Client,
    table: str,
    manifest: Manifest,
    folder: Path | str,
    tell: Callable[[int], None],
) -> None:
    """Replaces a table by the rows of a complete run, at one moment for whoever reads it.

    Args:
        folder: of the run, on this machine or, as `gs://…`, in a bucket.
        tell: hears how many files are loaded.

    Raises:
        RefusedError, UnavailableError: the table is as it was; asked again, it goes on.
    """
    check_table(client, table)
    with told():
        staging = _staging(client, table, manifest)
        # Where the staging table ended before its run did, what was loaded is gone with it.
        key = f"{manifest.run_id}-{round(staging.created.timestamp() * 1000)}"
        for number, shard in sorted(manifest.shards.items()):
            file = f"{folder}/{shard.file}" if isinstance(folder, str) else folder / shard.file
            _load(client, staging, file, f"{key}-{number}")
            tell(number + 1)
        found = client.get_table(staging.reference).num_rows
        if found != manifest.rows:
            raise UnavailableError(
                f"{staging.full_table_id} has {found:,} rows instead of {manifest.rows:,}. Delete "
                "it, then ask again."
            )
        config = bigquery.CopyJobConfig(write_disposition="WRITE_TRUNCATE")

        def copy(job_id: str) -> Any:
            return client.copy_table(
                staging.reference,
                table,
                job_id=job_id,
                location=staging.location,
                job_config=config,
            )

        _done(client, copy, f"{key}-copy", staging.location)
        client.delete_table(staging.reference, not_found_ok=True)


def _staging(client: bigquery.Client, table: str, manifest: Manifest) -> bigquery.Table:
    """The table that the run is loaded into: made, or found again."""
    name = f"{table}_{manifest.run_id.replace('-', '_')}"
    schema = [bigquery.SchemaField(column, kind) for column, kind in SCHEMA.items()]
    wanted = bigquery.Table(name, schema=schema)
    wanted.expires = datetime.now(UTC) + timedelta(days=_STAGED_DAYS)
    client.create_table(wanted, exists_ok=True)
    return client.get_table(name)


def _load(client: bigquery.Client, staging: bigquery.Table, file: Path | str, key: str) -> None:
    config = bigquery.LoadJobConfig(
        source_format="PARQUET",
        schema=staging.schema,
        create_disposition="CREATE_NEVER",
        write_disposition="WRITE_APPEND",
    )

    def load(job_id: str) -> Any:
        if isinstance(file, str):
            return client.load_table_from_uri(
                file,
                staging.reference,
                job_id=job_id,
                location=staging.location,
                job_config=config,
            )
        with file.open("rb") as content:
            return client.load_table_from_file(
                content,
                staging.reference,
                size=file.stat().st_size,
                job_id=job_id,
                location=staging.location,
                job_config=config,
            )

    _done(client, load, key, staging.location)


def _done(
    client: bigquery.Client, begin: Callable[[str], Any], key: str, location: str | None
) -> None:
    """Begins a job and waits for it, or for the one that was begun before. One that failed changed
    nothing, and is begun again under another id."""
    failed = 0
    for number in count():
        job_id = f"recsmith-{key}-{number}"
        begun = True
        try:
            job = begin(job_id)
        except exceptions.Conflict:  # by whoever was killed, or by a request whose answer was lost
            begun = False
            job = client.get_job(job_id, location=location)
        try:
            job.result()
        except exceptions.GoogleAPICallError:
            failed += begun
            if failed == _TRIES:
                raise
        else:
            return


@contextmanager
def told() -> Iterator[None]:
    """BigQuery's faults as those of a port."""
    try:
        yield
    except (exceptions.NotFound, exceptions.Forbidden, exceptions.BadRequest) as error:
        raise RefusedError(f"BigQuery refuses: {error.message}") from error
    except (
        exceptions.GoogleAPICallError,
        exceptions.RetryError,
        GoogleAuthError,
        OSError,
    ) as error:
        raise UnavailableError(f"BigQuery cannot be reached: {error}") from error
