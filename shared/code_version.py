"""Which code a process has loaded: whoever keeps what it made says so, and an upgrade under a
running process is noticed.

Import this before the code that it speaks of.
"""

from __future__ import annotations

import hashlib
from contextlib import suppress
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_PACKAGES = ("trainer_image", "shared")
_LIBRARIES = ("duckdb", "pyarrow", "tensorflow", "tensorflow-transform", "tfx-bsl", "apache-beam")


def on_disk() -> str:
    """SHA-256 of the trainer's code, and of the versions of the libraries that its first stages
    rest on, as they now are on the disk."""
    digest = hashlib.sha256()
    for package in _PACKAGES:
        for file in sorted((_ROOT / package).rglob("*.py")):
            with suppress(FileNotFoundError):  # an upgrade is under way
                source = file.read_bytes()
                digest.update(f"{file.relative_to(_ROOT)}\0{len(source)}\0".encode())
                digest.update(source)
    for library in _LIBRARIES:
        with suppress(PackageNotFoundError):
            digest.update(f"{library} {version(library)}\n".encode())
    return digest.hexdigest()


def unchanged() -> bool:
    """Whether what this process has loaded since it began, and may still load, is one version."""
    return on_disk() == LOADED


LOADED = on_disk()
