"""Writing files so that a reader, a rival or a power cut never meets half of one."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from pathlib import Path

_ABANDONED_SECONDS = 3600.0


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


def clear_drafts(root: Path) -> None:
    """Removes what `create_file` could not finish because its process was killed.

    Only what is older than an hour: another process may just be writing.
    """
    for draft in root.rglob(".*.draft"):
        with contextlib.suppress(OSError):
            if time.time() - draft.stat().st_mtime > _ABANDONED_SECONDS:
                shutil.rmtree(draft) if draft.is_dir() else draft.unlink()


def sync_folder(folder: Path) -> None:
    """Makes the names in a folder durable, where the file system can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
