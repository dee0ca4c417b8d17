"""Writing files so that a reader, a rival or a power cut never meets half of one."""

from __future__ import annotations

import contextlib
import os
import uuid
from pathlib import Path


def create_file(path: Path, content: bytes) -> None:
    """Creates a file with its whole content, or not at all.

    Of any number of concurrent callers, in any number of processes, exactly one succeeds.

    Raises:
        FileExistsError: the file is there already; it is left as it is.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{uuid.uuid4().hex}.draft"
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
