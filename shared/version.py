"""The version of the program. Its one source is `pyproject.toml`."""

from __future__ import annotations

import os
from importlib.metadata import PackageNotFoundError
from importlib.metadata import version as installed_version


def version() -> str:
    """As installed; in the trainer's image, where only the source lies, as it was built
    (`RECSMITH_VERSION`); else "unknown"."""
    if told := os.environ.get("RECSMITH_VERSION"):
        return told
    try:
        return installed_version("recsmith")
    except PackageNotFoundError:
        return "unknown"
