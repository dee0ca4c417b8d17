"""`recsmith batch` and `recsmith embeddings`: a model's answers for everybody."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import Progress

from local.cli.batch_runs import Run, filled, report
from local.cli.client import UserError
from local.cli.output import out, user_errors
from local.cli.system import DEFAULT_HOME, Home
from local.cli.told_model import is_meant
from shared.batches import MANIFEST, MAX_SHARDS, Content, FileFormat, Manifest
from shared.errors import RefusedError, UnavailableError
from shared.predictions import MAX_K, ListName
from shared.registry import Alias
from shared.rules_of_lists.stored import FOLDER

_TABLE = "bq://"
# BigQuery takes 1,500 files for a table each day.
_FRESH = timedelta(days=1)  # how old what is loaded into a table may be
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
WhichAlias = Annotated[Alias, typer.Option("--alias", help="Which version of a registered model.")]


def batch(
    model: Model,
    target: Annotated[
        str,
        typer.Option(
            "--out", metavar="FOLDER", help="A new folder, or bq://PROJECT.DATASET.TABLE."
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
    home: Home = DEFAULT_HOME,
) -> None:
    """Recommend products to all customers, or to those of a list, into files or a BigQuery table.

    The table is there once all of it is. Stopped or killed, the same command goes on.

    [bold]Examples[/bold]

      recsmith batch qt-ab12 --out recommendations

      recsmith batch qt-ab12 --out mail.d --customers mail.csv --list discover --k 5 --format csv

      recsmith batch "Shop model" --out bq://my-shop.marketing.recommendations --rules "Front page"
    """
    with user_errors():
        into_table = target.startswith(_TABLE)
        wanted = ["--k", str(k), "--list", which.value]
        if rules is not None:
            wanted += ["--rules", rules]
        if not into_table:
            folder = _folder(target, "a folder of this machine, or bq://PROJECT.DATASET.TABLE")
            run = Run(model, alias, folder, Content.RECOMMENDATIONS, file_format, shards, home)
            report(filled(run, customers, unknown, wanted), target)
            return
        if file_format not in (None, FileFormat.PARQUET):
            raise UserError("--format is of files; a BigQuery table has none. Leave it out.")
        if shards is not None and shards > _MOST_TABLE_SHARDS:
            raise UserError(
                f"--shards: BigQuery takes few files at once, give {_MOST_TABLE_SHARDS} at most."
            )
        shards = shards or _TABLE_SHARDS
        asked = [target, model, alias, customers, _content(customers), unknown, shards, *wanted]
        if rules is not None:
            asked.append(_rule_sets(home))
        digest = hashlib.sha256(json.dumps(asked).encode()).hexdigest()[:16]
        folder = home.absolute() / "batches" / digest
        run = Run(model, alias, folder, Content.RECOMMENDATIONS, None, shards, home)
        try:
            _into_table(run, target, customers, unknown, wanted)
        except (RefusedError, UnavailableError) as error:
            raise UserError(str(error)) from None


def embeddings(
    model: Model,
    content: Annotated[
        Content,
        typer.Option("--of", metavar="products|customers", help="Whose vectors."),
    ],
    target: Annotated[str, typer.Option("--out", metavar="FOLDER", help="A new folder.")],
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
    home: Home = DEFAULT_HOME,
) -> None:
    """Export the vectors of products or customers, for Vector Search or another vector database.

    A product's score for a customer is the dot product of both vectors, without a re-ranker.

    [bold]Examples[/bold]

      recsmith embeddings qt-ab12 --of products --out products

      recsmith embeddings "Shop model" --of customers --out customers --format parquet
    """
    with user_errors():
        if content is Content.RECOMMENDATIONS:
            raise UserError("--of is products or customers.")
        if content is Content.PRODUCTS and (customers != "all" or unknown):
            raise UserError("--customers and --unknown are for --of customers.")
        folder = _folder(target, "a folder of this machine")
        run = Run(model, alias, folder, content, file_format, shards, home)
        report(filled(run, customers, unknown, []), target)


def _folder(target: str, wanted: str) -> Path:
    """Raises UserError."""
    if "://" in target:
        into = (
            " `python -m trainer_image.batch`, in the trainer's environment, writes into buckets."
        )
        raise UserError(
            f"--out: give {wanted}. Received: {target}.{into if target.startswith('gs://') else ''}"
        )
    return Path(target).absolute()


def _content(customers: str) -> str:
    """What a list says now: another one is another table."""
    try:
        return (
            "" if customers == "all" else hashlib.sha256(Path(customers).read_bytes()).hexdigest()
        )
    except OSError as error:
        raise UserError(f"--customers: {customers} cannot be read: {error.strerror}.") from None


def _rule_sets(home: Path) -> str:
    """What rule sets say now: other rules are another table."""
    files = sorted((home / "artifacts" / FOLDER).glob("*.json"))
    return hashlib.sha256(b"".join(file.read_bytes() for file in files)).hexdigest()


def _into_table(run: Run, target: str, customers: str, unknown: bool, wanted: list[str]) -> None:
    """Fills a folder of the home, loads it, and deletes it."""
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
    run.folder.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    manifest = _still_to_load(run) or filled(run, customers, unknown, wanted)
    with Progress(console=out, disable=not out.is_terminal) as progress:
        bar = progress.add_task("  files loaded", total=manifest.shard_count)
        fill_table(client, table, manifest, run.folder, lambda n: progress.update(bar, completed=n))
    shutil.rmtree(run.folder)
    report(manifest, target)


def _still_to_load(run: Run) -> Manifest | None:
    """A complete run of which not all was loaded. One that is no longer what is asked for is
    deleted."""
    try:
        manifest = Manifest.model_validate_json((run.folder / MANIFEST).read_bytes())
    except FileNotFoundError:
        return None
    why = None
    if not is_meant(run.home, run.model, run.alias, manifest.model):
        why = f"is of {manifest.model}, which {run.model!r} no longer means"
    elif datetime.now(UTC) - manifest.made_at > _FRESH:
        why = "is more than a day old"
    if why is None:
        out.print(f"  Going on to load run {manifest.run_id}, of {manifest.model}")
        return manifest
    out.print(f"  Run {manifest.run_id}, not loaded yet, {escape(why)}: it is made anew")
    shutil.rmtree(run.folder)
    return None
