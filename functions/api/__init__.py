"""The HTTP API."""

from functions.api.app import create_app

__all__ = ["create_app"]
