"""`recsmith login` and `logout`: which deployment the commands talk to."""

from __future__ import annotations

import shutil
from enum import StrEnum
from typing import Annotated

import typer

from local.cli import sign_in
from local.cli.client import Api, UserError
from local.cli.output import done, out, user_errors
from local.cli.system import wanted_url


class With(StrEnum):
    GCLOUD = "gcloud"
    ADC = "adc"
    TOKEN = "token"  # noqa: S105


_BY: dict[With, sign_in.By] = {With.GCLOUD: "gcloud", With.ADC: "adc"}


def login(
    context: typer.Context,
    with_: Annotated[
        With | None,
        typer.Option(
            "--with",
            help="Where ID tokens come from: `gcloud` (as whoever is signed in there), `adc` "
            "(application-default credentials, for service accounts), or `token`, one that you "
            "paste. By default gcloud where there is one.",
        ),
    ] = None,
    audience: Annotated[
        str | None,
        typer.Option(
            help="That tokens name, where it is not the address: the OAuth client of "
            "Identity-Aware Proxy, of a deployment with a domain."
        ),
    ] = None,
    account: Annotated[
        str | None,
        typer.Option("--as", help="A service account to be, with `gcloud`.", metavar="ACCOUNT"),
    ] = None,
) -> None:
    """Sign in to a deployment: from then on commands talk to it, until `recsmith logout`.

    The sign-in is kept in a file that only you may read. A command given --home, or --url here,
    talks to this machine all the same.

    [bold]Examples[/bold]

      recsmith --url https://recsmith-api-ab12-ew.a.run.app login

      recsmith --url https://recsmith.example.com login --audience ID.apps.googleusercontent.com \\
        --as caller@my-shop.iam.gserviceaccount.com

      recsmith login                             again, where you were signed in last
    """
    with user_errors():
        url = wanted_url(context)
        if url is None:
            raise UserError("Say where: recsmith --url https://… login")
        by = with_ or (With.GCLOUD if shutil.which("gcloud") else With.ADC)
        if account is not None and by is not With.GCLOUD:
            raise UserError("--as goes with --with gcloud.")
        if by is With.TOKEN:
            pasted = typer.prompt("ID token", hide_input=True).strip()
            found = sign_in.SignIn(by="token", audience=audience, token=pasted)
        else:
            found = sign_in.fetched(url, _BY[by], audience, account)
        with Api(url, sign_in.Fixed(found.token)) as api:
            api.get("/api/health/")
        sign_in.remember(url, found)
        email = sign_in.claims(found.token).get("email")
        done(f"Signed in to {url}" + (f" as {email}." if email else "."))
        out.print("[note]Commands talk to it until `recsmith logout`.[/]")


def logout(context: typer.Context) -> None:
    """Forget the sign-in to a deployment; commands talk to this machine again.

    [bold]Examples[/bold]

      recsmith logout

      recsmith --url https://recsmith-api-ab12-ew.a.run.app logout
    """
    with user_errors():
        url = wanted_url(context)
        if url is None or not sign_in.forget(url):
            done("You were not signed in.")
            return
        done(f"Signed out of {url}.")
