"""What tells one state of a source from another without reading it.

The profiler and the trainer both take fingerprints here, so that theirs can be compared.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable, Sequence
from datetime import datetime
from pathlib import Path


def files_fingerprint(files: Sequence[Path], schema: Iterable[str] = ()) -> str:
    """SHA-256 over the files' names, sizes and times of change, whatever folder they lie in, and
    over the lines of a schema.

    Raises OSError for a file that has gone.
    """
    base = os.path.commonpath([file.parent for file in files])
    digest = hashlib.sha256()
    for file in files:
        found = file.stat()
        name = os.path.relpath(file, base)
        digest.update(f"{name}\0{found.st_size}\0{found.st_mtime_ns}\n".encode())
    for line in schema:
        digest.update(f"{line}\n".encode())
    return digest.hexdigest()


def table_fingerprint(table: str, modified: datetime) -> str:
    """SHA-256 over a table's name and the time of its last change."""
    return hashlib.sha256(f"{table}\0{modified.isoformat()}\n".encode()).hexdigest()


def read_between(before: str, after: str) -> str:
    """Of what was read between two looks at a source; like neither where they differ."""
    if before == after:
        return before
    return hashlib.sha256(f"{before}\0{after}\n".encode()).hexdigest()


def together(parts: Sequence[str | None]) -> str | None:
    """Of several sources; of one, its own. None where one is not known."""
    known = [part for part in parts if part is not None]
    if len(known) < len(parts):
        return None
    if len(known) == 1:
        return known[0]
    return hashlib.sha256("\n".join(known).encode()).hexdigest()
