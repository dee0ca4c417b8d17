"""The adapters and the application of a deployed process, made when they are first needed.

It is an imported module because functions-framework executes the file of its entry points anew for
each of them, while state must exist once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from functions.settings import Settings, read_settings
from shared import garbage
from shared.clock import SystemClock
from shared.jobs import Purpose
from shared.outbound import HttpsMessenger
from shared.ports import JsonObject, Messages, Ports
from shared.prices import EXAMPLE_PRICES, read_prices
from shared.services import Patience

if TYPE_CHECKING:
    from fastapi import FastAPI

# Firestore bills each look of each live view.
_LOOK_AGAIN_SECONDS = 2.0

_installed: Ports | None = None


@cache
def settings() -> Settings:
    """Raises SettingsError."""
    return read_settings(os.environ)


def patience() -> Patience:
    """Raises SettingsError."""
    here = settings()
    return Patience(timedelta(minutes=here.pending_minutes), timedelta(minutes=here.silent_minutes))


def install(ports: Ports) -> None:
    """Makes these the process's ports: for whoever runs the functions elsewhere than in the
    cloud."""
    global _installed
    _installed = ports


def ports() -> Ports:
    return _installed or google_cloud_ports()


@cache
def google_cloud_ports() -> Ports:
    """Google Cloud's adapters. Each of its libraries takes up to seconds to import: that happens
    when its port is first used. Raises SettingsError."""
    here = settings()
    artifacts: Any = _OnFirstUse(lambda: _artifacts(here))
    return Ports(
        documents=_OnFirstUse(lambda: _documents(here)),
        events=_OnFirstUse(lambda: _events(here)),
        artifacts=artifacts,
        pipelines=_OnFirstUse(lambda: _pipelines(here, artifacts)),
        data=_OnFirstUse(lambda: _data(here)),
        clock=SystemClock(),
        prices=read_prices(Path(here.prices) if here.prices else EXAMPLE_PRICES),
        predictor=_predictor(here, artifacts),
        tracker=_tracker(here.mlflow_tracking_uri, here.mlflow_audience),
        report=_report,
        messages=_messages(here),
        most_bytes=here.bigquery_max_bytes,
        daily_usd=here.daily_budget_usd,
        look_again_seconds=_LOOK_AGAIN_SECONDS,
    )


@cache
def app() -> FastAPI:
    """The API; every caller must be known.

    Raises:
        SettingsError: the environment does not say over what.
    """
    with garbage.loading():
        from functions.api import create_app
        from functions.api.guard import guard

        return guard(create_app(ports()), settings(), ports().documents)


class _OnFirstUse:
    """Stands for an adapter until something is asked of it."""

    def __init__(self, make: Callable[[], Any]) -> None:
        self._make = make
        self._made: Any = None
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        with self._lock:
            if self._made is None:
                with garbage.loading():
                    self._made = self._make()
        return getattr(self._made, name)


def _documents(here: Settings) -> Any:
    from google.cloud import firestore

    from shared.gcp.firestore import FirestoreDocumentStore

    return FirestoreDocumentStore(firestore.Client(here.project, database=here.database))


def _events(here: Settings) -> Any:
    from google.cloud import pubsub_v1

    from shared.gcp.pubsub import PubSubEventBus

    return PubSubEventBus(pubsub_v1.PublisherClient(), here.project, here.topic_prefix)


@cache
def _storage(project: str) -> Any:
    from google.cloud import storage

    return storage.Client(project)


def _artifacts(here: Settings) -> Any:
    from shared.gcp.storage import GcsArtifactStore

    return GcsArtifactStore(_storage(here.project), here.bucket)


def _pipelines(here: Settings, artifacts: Any) -> Any:
    from shared.gcp.template import TemplateError, pipeline_spec
    from shared.gcp.vertex import Launch, VertexPipelines, vertex_client

    @cache
    def spec(purpose: Purpose) -> JsonObject:
        if here.template_uri is None:
            raise TemplateError("RECSMITH_TEMPLATE_URI is not set: there is no pipeline to launch.")
        bucket, _, folder = here.template_uri.removeprefix("gs://").partition("/")
        blob = _storage(here.project).bucket(bucket).blob(f"{folder}/{purpose}.json")
        return pipeline_spec(blob.download_as_bytes())

    launch = Launch(
        service_account=here.pipeline_service_account,
        network=here.network,
        kms_key=here.kms_key,
        labels=here.labels,
    )
    client = vertex_client(here.location, here.vertex_endpoint)
    return VertexPipelines(client, here.parent, artifacts, spec, launch)


def _tracker(uri: str | None, audience: str | None) -> Any:
    """None where tests are not tracked."""
    if uri is None or uri == "off":
        return None

    def make() -> Any:
        from shared.gcp.id_token import IdToken
        from shared.mlflow.tracker import MlflowTracker

        return MlflowTracker(uri, token=IdToken(audience) if audience else None)

    return _OnFirstUse(make)


def _predictor(here: Settings, artifacts: Any) -> Any:
    """None where no model is served."""
    if not here.serving_urls:
        return None

    def make() -> Any:
        from shared.gcp.served_predictor import ServedPredictor

        return ServedPredictor(here.serving_urls, artifacts)

    return _OnFirstUse(make)


def _messages(here: Settings) -> Messages | None:
    """None where nobody is told."""
    if not here.channels:
        return None
    return Messages(here.channels, HttpsMessenger(), here.console_url)


def _report(quick_test_id: str, ports: Ports) -> bytes:
    from functions.report import page_of

    return page_of(quick_test_id, ports)


def _data(here: Settings) -> Any:
    from google.cloud import bigquery

    from shared.gcp.bigquery import BigQueryDataSource

    client = bigquery.Client(here.project, location=here.bigquery_location)
    return BigQueryDataSource(client, here.bigquery_max_bytes)
