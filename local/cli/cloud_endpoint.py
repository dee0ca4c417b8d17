"""`recsmith cloud endpoint`: a registered model behind an endpoint of Vertex AI."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.markup import escape

from local.cli.client import UserError
from local.cli.google_errors import google_errors
from local.cli.output import done, out, user_errors, working
from shared.errors import NotFoundError
from shared.registry import Alias, Pointer, parse_pointer, pointer_key

if TYPE_CHECKING:
    from shared.gcp.vertex_models import VertexModels
    from shared.gcp.vertex_traffic import Traffic

app = typer.Typer(
    no_args_is_help=True, help="A registered model behind an endpoint of Vertex AI, by its id."
)
Model = Annotated[str, typer.Argument(metavar="MODEL", help="Id of a registered model.")]
Project = Annotated[str, typer.Option(help="The project's id.")]
Region = Annotated[str, typer.Option(help="As in terraform.tfvars.")]
_AGAIN = (
    "What was begun goes on there. Give the same command again in some minutes: what is done by "
    "then is not done twice."
)
_SHARE = re.compile(r"v?([1-9][0-9]{0,8})=([0-9]{1,3})%?")


@app.command()
def deploy(
    model: Model,
    project: Project,
    image: Annotated[str, typer.Option(help="The trainer's image, by its digest.")],
    region: Region = "europe-west1",
    name: Annotated[str, typer.Option(help="As in terraform.tfvars.")] = "recsmith",
    alias: Annotated[Alias, typer.Option(help="Which version.")] = Alias.PRODUCTION,
    share: Annotated[
        int,
        typer.Option(help="Per cent of the requests; a first version gets all.", min=0, max=100),
    ] = 100,
    machine_type: Annotated[str, typer.Option(help="Of each replica.")] = "n1-standard-4",
    min_replicas: Annotated[int, typer.Option(help="They cost day and night.", min=1)] = 1,
    max_replicas: Annotated[int, typer.Option(min=1)] = 1,
    service_account: Annotated[str, typer.Option(help="Whom the containers run as.")] = "",
) -> None:
    """Put the version that an alias means into Model Registry and behind the model's endpoint.

    It takes some minutes. Versions that are deployed already share the other requests as before.

    [bold]Examples[/bold]

      recsmith cloud endpoint deploy rm-grocery-0a1b2c3d4e --project my-shop --image …@sha256:…

      recsmith cloud endpoint deploy rm-grocery-0a1b2c3d4e --project my-shop --image … --share 10
    """
    from shared.gcp.vertex_models import Machines

    with user_errors(), _vertex(project, region) as vertex:
        pointer = _pointer(project, f"{project}-{name}", model)
        served = pointer.aliases.get(alias)
        if served is None:
            raise UserError(f"Model {pointer.name!r} has no {alias.value} version.")
        if max_replicas < min_replicas:
            raise UserError("--max-replicas is at least --min-replicas.")
        machines = Machines(machine_type, min_replicas, max_replicas, service_account)
        with working("Uploading the version"):
            uploaded = vertex.upload(model, pointer.name, served, image)
        out.print(f"  {escape(uploaded)}", soft_wrap=True)
        with working("Deploying it"):
            now = vertex.deploy(model, pointer.name, served.version, share, machines)
        _show(now)


@app.command()
def traffic(
    model: Model,
    project: Project,
    shares: Annotated[
        list[str] | None,
        typer.Argument(metavar="[VERSION=PERCENT]…", help="100 in all; left out: show them."),
    ] = None,
    region: Region = "europe-west1",
) -> None:
    """Show how an endpoint's requests are shared, or share them anew; to roll back, all to one.

    [bold]Examples[/bold]

      recsmith cloud endpoint traffic rm-grocery-0a1b2c3d4e --project my-shop

      recsmith cloud endpoint traffic rm-grocery-0a1b2c3d4e 3=90 4=10 --project my-shop

      recsmith cloud endpoint traffic rm-grocery-0a1b2c3d4e 3=100 --project my-shop
    """
    with user_errors(), _vertex(project, region) as vertex:
        wanted = dict(map(_share, shares or []))
        _show(vertex.split(model, wanted) if wanted else vertex.traffic(model))


@app.command()
def undeploy(
    model: Model,
    version: Annotated[int, typer.Argument(metavar="VERSION", min=1)],
    project: Project,
    region: Region = "europe-west1",
) -> None:
    """End a version's containers, once it gets no requests. The endpoint and the version stay.

    [bold]Example[/bold]

      recsmith cloud endpoint undeploy rm-grocery-0a1b2c3d4e 3 --project my-shop
    """
    with user_errors(), _vertex(project, region) as vertex:
        with working("Ending its containers"):
            now = vertex.undeploy(model, version)
        _show(now)


@contextmanager
def _vertex(project: str, region: str) -> Iterator[VertexModels]:
    with google_errors(_AGAIN):
        from shared.gcp.vertex_models import vertex_models

        yield vertex_models(project, region, os.environ.get("RECSMITH_VERTEX_ENDPOINT") or None)


def _pointer(project: str, bucket: str, model: str) -> Pointer:
    from google.cloud import storage

    from shared.gcp.storage import GcsArtifactStore

    artifacts = GcsArtifactStore(storage.Client(project=project), bucket)
    try:
        content = artifacts.read(artifacts.uri(pointer_key(model)))
        return parse_pointer(content, model).resolved(artifacts.uri)
    except (NotFoundError, ValueError):
        raise UserError(
            f"No registered model with the id {model!r} has been promoted in gs://{bucket}. "
            "`recsmith models list` shows them with their ids."
        ) from None


def _share(text: str) -> tuple[int, int]:
    found = _SHARE.fullmatch(text)
    if found is None:
        raise UserError(f"A share is given as VERSION=PERCENT, such as 3=90. Received: {text!r}.")
    return int(found[1]), int(found[2])


def _show(now: Traffic) -> None:
    done(f"Endpoint {now.endpoint}")
    for version, share in now.shares.items():
        out.print(f"  version {version}: {share}% of the requests")
    if not now.shares:
        out.print("  [note]No version is deployed.[/]")
