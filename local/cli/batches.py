"""`recsmith batch` and `recsmith embeddings`: a model's answers for everybody."""

from __future__ import annotations

import hashlib
import json
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import Progress

from local.cli.batch_runs import Run, content_of, filled, goes_on, report
from local.cli.client import UserError
from local.cli.cloud_batches import (
    How,
    asked_of,
    cloud_of,
    fill_bucket,
    made,
    remove,
    still_to_load,
    table_folder,
)
from local.cli.output import out, user_errors
from local.cli.system import DEFAULT_HOME, Home, deployment
from local.cli.told_model import is_meant
from shared.batches import MANIFEST, MAX_SHARDS, Content, FileFormat, Manifest
from shared.errors import RefusedError, UnavailableError
from shared.predictions import MAX_K, ListName
from shared.registry import Alias
from shared.rules_of_lists.stored import FOLDER

_TABLE = "bq://"
_BUCKET_FOLDER = re.compile(r"gs://[a-z0-9][-_.a-z0-9]{1,220}(/[^/?#*\[\]\s]+)+/?")
# BigQuery takes 1,500 files for a table each day.
_TABLE_SHARDS, _MOST_TABLE_SHARDS = 20, 1000

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL", help="A registered model, or a completed test, by its name or id."
    ),
]
Customers = Annotated[
    str,
    typer.Option(
        help="A Parquet or CSV file with a column of ids, or a text file with one on each line; "
        "`all`: whom the model was trained on."
    ),
]
Unknown = Annotated[
    bool,
    typer.Option(
        "--unknown",
        help="Answer customers of the list whom the model does not know as strangers, in place of "
        "leaving them out.",
    ),
]
Shards = Annotated[
    int | None,
    typer.Option(
        help="How many files. What a file has is what a kill costs.",
        min=1,
        max=MAX_SHARDS,
        show_default="by 2,000 to each, 20 for BigQuery",
    ),
]
_OF_JOBS = "A job on Google Cloud"
Machine = Annotated[
    str | None,
    typer.Option(
        "--machine",
        help="Machine type of Vertex AI.",
        show_default="e2-standard-4",
        rich_help_panel=_OF_JOBS,
    ),
]
Spot = Annotated[
    bool,
    typer.Option(
        "--spot",
        help="On spare machines: cheaper, and taken away now and then; the run goes on in another.",
        rich_help_panel=_OF_JOBS,
    ),
]
Hours = Annotated[
    int | None,
    typer.Option(
        "--hours",
        help="The job is ended after so long; what is done stays.",
        min=1,
        max=168,
        show_default="24",
        rich_help_panel=_OF_JOBS,
    ),
]
Wait = Annotated[
    bool,
    typer.Option("--wait/--no-wait", help="Follow the job to its end.", rich_help_panel=_OF_JOBS),
]
Cancel = Annotated[
    bool,
    typer.Option("--cancel", help="End the job that is writing there.", rich_help_panel=_OF_JOBS),
]
WhichAlias = Annotated[Alias, typer.Option("--alias", help="Which version of a registered model.")]


def batch(
    model: Model,
    target: Annotated[
        str,
        typer.Option(
            "--out",
            metavar="FOLDER",
            help="A new folder, at a deployment gs://BUCKET/FOLDER; or bq://PROJECT.DATASET.TABLE.",
        ),
    ],
    customers: Customers = "all",
    k: Annotated[int, typer.Option(help="How many products for each.", min=1, max=MAX_K)] = 10,
    which: Annotated[
        ListName,
        typer.Option(
            "--list", help="Of all products, of those bought before, or of those never bought."
        ),
    ] = ListName.ALL,
    file_format: Annotated[
        FileFormat | None, typer.Option("--format", help="Of the files.", show_default="parquet")
    ] = None,
    rules: Annotated[
        str | None,
        typer.Option("--rules", metavar="RULES", help="A rule set, by its id or name."),
    ] = None,
    unknown: Unknown = False,
    shards: Shards = None,
    alias: WhichAlias = Alias.PRODUCTION,
    machine: Machine = None,
    spot: Spot = False,
    hours: Hours = None,
    wait: Wait = True,
    cancel: Cancel = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Recommend products to all customers, or to those of a list, into files or a BigQuery table.

    The table is there once all of it is. Stopped or killed, the same command goes on. At a
    deployment a job on Google Cloud does it, which goes on where this command is stopped.

    [bold]Examples[/bold]

      recsmith batch qt-ab12 --out recommendations

      recsmith batch qt-ab12 --out mail.d --customers mail.csv --list discover --k 5 --format csv

      recsmith batch "Shop model" --out bq://my-shop.marketing.recommendations --rules "Front page"

      recsmith batch "Shop model" --out gs://my-shop-recsmith/batches/mail --spot
    """
    with user_errors():
        into_table = target.startswith(_TABLE)
        lists = ["--k", str(k), "--list", which.value]
        if rules is not None:
            lists += ["--rules", rules]
        how = How(machine, spot, hours, wait, cancel)
        run = Run(
            *(model, alias, "", Content.RECOMMENDATIONS, file_format, shards, home),
            customers=customers,
            unknown=unknown,
            rules=rules,
            lists=tuple(lists),
        )
        if not into_table:
            _into_folder(run, target, how)
            return
        if file_format not in (None, FileFormat.PARQUET):
            raise UserError("--format is of files; a BigQuery table has none. Leave it out.")
        if shards is not None and shards > _MOST_TABLE_SHARDS:
            raise UserError(
                f"--shards: BigQuery takes few files at once, give {_MOST_TABLE_SHARDS} at most."
            )
        run = replace(run, file_format=None, shards=shards or _TABLE_SHARDS)
        try:
            if deployment() is not None:
                _into_table_by_a_job(run, target, how)
            else:
                _check_here(how)
                _into_table(run, target)
        except (RefusedError, UnavailableError) as error:
            raise UserError(str(error)) from None


def embeddings(
    model: Model,
    content: Annotated[
        Content,
        typer.Option("--of", metavar="products|customers", help="Whose vectors."),
    ],
    target: Annotated[
        str,
        typer.Option(
            "--out", metavar="FOLDER", help="A new folder, at a deployment gs://BUCKET/FOLDER."
        ),
    ],
    file_format: Annotated[
        FileFormat,
        typer.Option(
            "--format",
            help="`jsonl` and `avro` are those of Vertex AI Vector Search; `parquet` is for any "
            "vector database.",
        ),
    ] = FileFormat.JSONL,
    customers: Customers = "all",
    unknown: Unknown = False,
    shards: Shards = None,
    alias: WhichAlias = Alias.PRODUCTION,
    machine: Machine = None,
    spot: Spot = False,
    hours: Hours = None,
    wait: Wait = True,
    cancel: Cancel = False,
    home: Home = DEFAULT_HOME,
) -> None:
    """Export the vectors of products or customers, for Vector Search or another vector database.

    A product's score for a customer is the dot product of both vectors, without a re-ranker. At a
    deployment a job on Google Cloud does it.

    [bold]Examples[/bold]

      recsmith embeddings qt-ab12 --of products --out products

      recsmith embeddings "Shop model" --of customers --out customers --format parquet
    """
    with user_errors():
        if content is Content.RECOMMENDATIONS:
            raise UserError("--of is products or customers.")
        if content is Content.PRODUCTS and (customers != "all" or unknown):
            raise UserError("--customers and --unknown are for --of customers.")
        asked = (model, alias, "", content, file_format, shards, home)
        run = Run(*asked, customers=customers, unknown=unknown)
        _into_folder(run, target, How(machine, spot, hours, wait, cancel))


def _into_folder(run: Run, target: str, how: How) -> None:
    """By a process of this machine, or a job of the deployment."""
    table = ", or bq://PROJECT.DATASET.TABLE" if run.content is Content.RECOMMENDATIONS else ""
    if deployment() is not None:
        if not _BUCKET_FOLDER.fullmatch(target):
            raise UserError(
                f"--out: at a deployment, give gs://BUCKET/FOLDER{table}. Received: {target}. "
                "`recsmith --url here` means this machine."
            )
        fill_bucket(replace(run, folder=target.rstrip("/")), how)
        return
    _check_here(how)
    if "://" in target:
        into = (
            " A deployment writes into buckets (`recsmith login`), as does `python -m "
            "trainer_image.batch`, in the trainer's environment."
        )
        raise UserError(
            f"--out: give a folder of this machine{table}. Received: {target}."
            f"{into if target.startswith('gs://') else ''}"
        )
    report(filled(replace(run, folder=Path(target).absolute())), target)


def _check_here(how: How) -> None:
    """Raises UserError."""
    if how.given:
        raise UserError(
            "--machine, --spot, --hours, --no-wait and --cancel are of jobs on Google Cloud: sign "
            "in to a deployment first (`recsmith --url ADDRESS login`)."
        )


def _digest(*asked: Any) -> str:
    """Of what a table is to hold: a run of something else lies elsewhere."""
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]


def _content(customers: str) -> str:
    """What a list says now: another one is another table. Of a list in a bucket, its address."""
    if customers == "all" or customers.startswith("gs://"):
        return ""
    return hashlib.sha256(content_of(customers)).hexdigest()


def _whom(run: Run) -> list[Any]:
    return [run.customers, _content(run.customers), run.unknown]


def _rule_sets(home: Path) -> str:
    """What rule sets say now: other rules are another table."""
    files = sorted((home / "artifacts" / FOLDER).glob("*.json"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _into_table(run: Run, target: str) -> None:
    """Fills a folder of the home, loads it, and deletes it."""
    asked = [target, run.model, run.alias, *_whom(run), run.shards, *run.lists]
    digest = _digest(*asked, *([] if run.rules is None else [_rule_sets(run.home)]))
    folder = run.home.absolute() / "batches" / digest
    run = replace(run, folder=folder)
    with _table(target) as load:
        folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        manifest = _still_to_load(run, folder) or filled(run)
        load(manifest, folder)
    shutil.rmtree(folder)
    report(manifest, target)


def _into_table_by_a_job(run: Run, target: str, how: How) -> None:
    """Has a folder of the deployment's bucket filled, loads it, and deletes it."""
    found = asked_of(run)
    asked = [target, *found.model, *_whom(run), run.shards, *run.lists]
    run = replace(run, folder=table_folder(found, _digest(*asked, found.rules)))
    with cloud_of(found) as cloud, _table(target) as load:
        manifest = None if how.cancel else still_to_load(cloud, run, found)
        if manifest is None:
            manifest = made(cloud, run, found, how)
        if manifest is None:
            return
        load(manifest, run.folder)
        remove(cloud, run)
    report(manifest, target)


@contextmanager
def _table(target: str) -> Iterator[Callable[[Manifest, Path | str], None]]:
    """What loads the files of a run into a table, which is looked at first. Raises UserError."""
    try:
        from shared.gcp.bigquery_tables import check_table, client_of, fill_table, table_of
    except ImportError as error:
        raise UserError(
            f"{error.name} is not installed. BigQuery needs the libraries of Google Cloud: install "
            "recsmith with its extra `gcp`."
        ) from None
    table = table_of(target)
    client = client_of(table.partition(".")[0])
    check_table(client, table)

    def load(manifest: Manifest, folder: Path | str) -> None:
        with Progress(console=out, disable=not out.is_terminal) as progress:
            bar = progress.add_task("  files loaded", total=manifest.shard_count)
            fill_table(client, table, manifest, folder, lambda n: progress.update(bar, completed=n))

    yield load


def _still_to_load(run: Run, folder: Path) -> Manifest | None:
    """A complete run of which not all was loaded. One that is no longer what is asked for is
    deleted."""
    try:
        manifest = Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    means = is_meant(run.home, run.model, run.alias, manifest.model)
    if goes_on(run, manifest, means=means):
        return manifest
    shutil.rmtree(folder)
    return None
