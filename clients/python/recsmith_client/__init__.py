"""A client of Recsmith: `Client` and `AsyncClient`."""

from __future__ import annotations

from recsmith_client import models, operations, tokens
from recsmith_client._async.client import AsyncClient
from recsmith_client._sync.client import Client
from recsmith_client.errors import (
    ApiError,
    FilesError,
    NoAnswerError,
    NoSystemError,
    NoTokenError,
    RecsmithError,
    RunFailedError,
    UnexpectedAnswerError,
)
from recsmith_client.frames import baselines_frame, frame
from recsmith_client.progress import show_progress

__all__ = [
    "ApiError",
    "AsyncClient",
    "Client",
    "FilesError",
    "NoAnswerError",
    "NoSystemError",
    "NoTokenError",
    "RecsmithError",
    "RunFailedError",
    "UnexpectedAnswerError",
    "baselines_frame",
    "frame",
    "models",
    "operations",
    "show_progress",
    "tokens",
]
