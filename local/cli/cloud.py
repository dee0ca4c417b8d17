"""`recsmith cloud`: looks after a deployment on Google Cloud."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain
from typing import Annotated, Any

import httpx
import typer
from rich.markup import escape

from local.cli import sign_in
from local.cli.client import Api, UserError
from local.cli.cloud_checks import (
    AFTER,
    BEFORE,
    Deployment,
    Finding,
    GcloudError,
    clock,
    functions,
    run,
)
from local.cli.cloud_endpoint import app as endpoint
from local.cli.cloud_smoke import PUBLIC_ROLES, PUBLIC_TABLE, smoke
from local.cli.cloud_upgrade import Deployer
from local.cli.output import out, user_errors
from local.jobs.environment import REPOSITORY

app = typer.Typer(help="Look after a deployment on Google Cloud.", no_args_is_help=True)
app.add_typer(endpoint, name="endpoint")

_SECONDS = 120
_AS_GIVEN = "As in terraform.tfvars."
Project = Annotated[str, typer.Option(help="The project's id.")]
Region = Annotated[str, typer.Option(help=_AS_GIVEN)]
Name = Annotated[str, typer.Option(help=_AS_GIVEN)]
Database = Annotated[str, typer.Option(help=_AS_GIVEN)]
_MARKS = {"good": "[good]✓[/]", "bad": "[bad]✗[/]", "unknown": "[note]?[/]"}


@app.command()
def check(
    project: Project,
    region: Region = "europe-west1",
    name: Name = "recsmith",
    database: Database = "(default)",
    release: Annotated[str, typer.Option(help=_AS_GIVEN)] = "v1",
    before: Annotated[
        bool, typer.Option("--before", help="Before the first `terraform apply`.")
    ] = False,
    smoke_test: Annotated[
        bool,
        typer.Option(
            "--smoke",
            help="Then run one small test from a public table to its metrics, and delete it: about "
            "ten minutes and a few cents. As whoever is signed in (recsmith login), "
            "else as `gcloud` is.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="A list of what was found.")] = False,
) -> None:
    """Says what would keep a deployment from working, and what mends it. It changes nothing.

    Ends with 1 where something is wrong. It asks with `gcloud`, as whoever is signed in there.

    [bold]Examples[/bold]

      recsmith cloud check --project my-shop --before

      recsmith cloud check --project my-shop --name staging --json

      recsmith cloud check --project my-shop --smoke
    """
    with user_errors():
        _need_gcloud()
        deployment = Deployment(project, region, name, database, release)
        found = []
        ask = gcloud(project)
        findings = run(BEFORE if before else AFTER, deployment, ask)
        for finding in chain(findings, _smoke(deployment, ask) if smoke_test else ()):
            found.append(finding)
            if not as_json:
                _print(finding)
        if as_json:
            out.print_json(json.dumps([vars(finding) for finding in found]))
        if any(finding.state == "bad" for finding in found):
            raise typer.Exit(1)


def _smoke(at: Deployment, ask: Any) -> Iterator[Finding]:
    with _signed_in(at, ask) as api:
        source = {"kind": "bigquery", "table": PUBLIC_TABLE}
        yield from smoke(api, source, PUBLIC_ROLES)


@contextmanager
def _signed_in(at: Deployment, ask: Any) -> Iterator[Api]:
    """As whoever signed in, else as `gcloud` is."""
    url = sign_in.current()
    if url is not None:
        auth: httpx.Auth = sign_in.Bearer(url)
    else:
        url = _uri(at, ask)
        auth = sign_in.Fixed(sign_in.fetched(url, "gcloud").token)
    with Api(url, auth) as api:
        yield api


def _uri(at: Deployment, ask: Any) -> str:
    """Of the API. Raises UserError."""
    try:
        found = ask("functions", "describe", f"{at.name}-api", "--gen2", "--region", at.region)
    except GcloudError as error:
        raise UserError(str(error)) from None
    return str(found["serviceConfig"]["uri"])


@app.command()
def status(project: Project, region: Region = "europe-west1", name: Name = "recsmith") -> None:
    """Shows what is deployed: its address, its release, its functions, and its clock.

    [bold]Example[/bold]

      recsmith cloud status --project my-shop
    """
    with user_errors():
        _need_gcloud()
        ask, at = gcloud(project), Deployment(project, region, name)
        out.print(f"API        {escape(_uri(at, ask))}", soft_wrap=True)
        out.print(f"Release    {escape(_deployer(at, dry_run=True, yes=False).release())}")
        for finding in run((functions, clock), at, ask):
            _print(finding)


_Yes = Annotated[bool, typer.Option("--yes", "-y", help="Without being asked.")]
_DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only look, and show what would change and be run.")
]


@app.command()
def upgrade(
    project: Project,
    release: Annotated[str, typer.Option(help="Whose image and templates have been built.")],
    region: Region = "europe-west1",
    name: Name = "recsmith",
    database: Database = "(default)",
    dry_run: _DryRun = False,
    yes: _Yes = False,
) -> None:
    """Deploys what is checked out here, after documents have been exported.

    It refuses templates that this version cannot launch, changes that are not committed, and a plan
    that deletes the database or a bucket. Each command is shown before it runs.

    [bold]Examples[/bold]

      recsmith cloud upgrade --project my-shop --release v2 --dry-run

      recsmith cloud upgrade --project my-shop --release v2
    """
    with user_errors():
        _need_gcloud()
        at = Deployment(project, region, name, database, release)
        if _deployer(at, dry_run=dry_run, yes=yes).upgrade() is None:
            return
        for finding in run(AFTER, at, gcloud(project)):
            _print(finding)


@app.command()
def rollback(
    project: Project,
    region: Region = "europe-west1",
    name: Name = "recsmith",
    database: Database = "(default)",
    documents: Annotated[
        bool,
        typer.Option(
            "--documents",
            help="Import the documents that were exported before the upgrade, over those of now. "
            "Seldom needed: an older version reads what it knows of newer documents.",
        ),
    ] = False,
    dry_run: _DryRun = False,
    yes: _Yes = False,
) -> None:
    """Deploys what ran before the last `recsmith cloud upgrade`, from its commit and its bundle.

    [bold]Examples[/bold]

      recsmith cloud rollback --project my-shop --dry-run

      recsmith cloud rollback --project my-shop
    """
    with user_errors():
        _need_gcloud()
        at = Deployment(project, region, name, database)
        _deployer(at, dry_run=dry_run, yes=yes).rollback(documents=documents)


def _deployer(at: Deployment, *, dry_run: bool, yes: bool) -> Deployer:
    def agreed(_: str) -> bool:
        return yes or typer.confirm("Go on?")

    return Deployer(at, REPOSITORY, agreed, dry=dry_run)


@app.command()
def logs(
    function: Annotated[str, typer.Argument(help="Such as api, reconcile or launch-quick-test.")],
    project: Project,
    region: Region = "europe-west1",
    name: Name = "recsmith",
    lines: Annotated[int, typer.Option(min=1, max=1000, help="How many, newest first.")] = 50,
) -> None:
    """Shows what a function has logged.

    [bold]Example[/bold]

      recsmith cloud logs launch-quick-test --project my-shop
    """
    with user_errors():
        _need_gcloud()
        service = f"{name}-{function.removeprefix(f'{name}-')}"
        told = _told(
            *("functions", "logs", "read", service, "--gen2", "--region", region),
            *("--limit", str(lines), "--project", project),
        )
        typer.echo(told, nl=False)


@app.command("open")
def open_(
    project: Project,
    region: Region = "europe-west1",
    name: Name = "recsmith",
    print_only: Annotated[bool, typer.Option("--print", help="Print the address only.")] = False,
) -> None:
    """Opens the API's pages, or prints where they are.

    [bold]Example[/bold]

      recsmith cloud open --project my-shop
    """
    with user_errors():
        _need_gcloud()
        address = f"{_uri(Deployment(project, region, name), gcloud(project))}/api/docs"
        out.print(escape(address), soft_wrap=True)
        if not print_only:
            typer.launch(address)


def _need_gcloud() -> None:
    if shutil.which("gcloud") is None:
        raise UserError("There is no `gcloud`: install the Google Cloud CLI and sign in.")


def gcloud(project: str) -> Any:
    """Asks the Google Cloud CLI about a project."""

    def ask(*arguments: str) -> Any:
        try:
            told = _told(*arguments, "--project", project, "--format", "json", "--quiet")
        except UserError as error:
            raise GcloudError(str(error)) from None
        return json.loads(told or "null") or {}

    return ask


def _told(*arguments: str) -> str:
    """What gcloud prints. Raises UserError."""
    try:
        ended = subprocess.run(
            ["gcloud", *arguments], capture_output=True, text=True, check=False, timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise UserError(f"gcloud did not answer within {_SECONDS} seconds.") from None
    if ended.returncode:
        lines = [line for line in ended.stderr.splitlines() if line.strip()]
        raise UserError(lines[0] if lines else f"gcloud ended with {ended.returncode}.")
    return ended.stdout


def _print(finding: Finding) -> None:
    detail = f"  [note]{escape(finding.detail)}[/]" if finding.detail else ""
    out.print(f"{_MARKS[finding.state]} {escape(finding.what)}{detail}", soft_wrap=True)
    if finding.remedy:
        out.print(f"    → {escape(finding.remedy)}", soft_wrap=True)
