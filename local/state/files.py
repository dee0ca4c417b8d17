"""Writing files so that a reader, a rival or a power cut never meets half of one."""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from pathlib import Path

_ABANDONED_SECONDS = 3600.0


def make_private(folder: Path) -> None:
    """Makes a folder that nobody else of this machine may look into, or one that is there already
    such a one, where it is the user's own."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    with contextlib.suppress(OSError):
        folder.chmod(0o700)


def create_file(path: Path, content: bytes) -> None:
    """Creates a file with its whole content, or not at all.

    Of any number of concurrent callers, in any number of processes, exactly one succeeds.

    Raises:
        FileExistsError: the file is there already; it is left as it is.
    """
    with _draft(path, content) as draft:
        os.link(draft, path)
    sync_folder(path.parent)


def replace_file(path: Path, content: bytes) -> None:
    """Puts a file with its whole content in the place of whatever file is there, in one step."""
    with _draft(path, content) as draft:
        draft.replace(path)
    sync_folder(path.parent)


@contextlib.contextmanager
def _draft(path: Path, content: bytes) -> Iterator[Path]:
    """The content on disk, in a file beside `path` that is gone afterwards."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.parent / f".{uuid.uuid4().hex}.draft"
    try:
        with draft.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        yield draft
    finally:
        draft.unlink(missing_ok=True)


def clear_drafts(root: Path) -> None:
    """Removes what `create_file` or `replace_file` could not finish because its process was killed.

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
