"""Folders of this machine, for choosing a dataset's files."""

from __future__ import annotations

import os
from pathlib import Path

from functions.api.files import FileEntry, FileListing
from shared.errors import NotFoundError

_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".parquet", ".parq", ".pq")
_MOST_ENTRIES = 500


def browse(path: str) -> FileListing:
    """A folder's folders, then its CSV and Parquet files; hidden ones are left out.

    Args:
        path: absolute; "" is the home folder of whoever runs Recsmith.

    Raises:
        NotFoundError: there is no such folder, or it may not be read.
    """
    folder = Path(path) if path else Path.home()
    if "\0" in path or not folder.is_absolute():
        raise NotFoundError("folder", path, "; give an absolute path")
    try:
        with os.scandir(folder) as found:
            entries = [entry for item in found if (entry := _entry(item)) is not None]
    except OSError as error:
        raise NotFoundError("folder", path, f"that can be read: {error.strerror}") from None
    entries.sort(key=lambda entry: (entry.kind == "file", entry.name.casefold()))
    return FileListing(
        path=folder.as_posix(),
        parent=folder.parent.as_posix() if folder != folder.parent else None,
        entries=entries[:_MOST_ENTRIES],
        truncated=len(entries) > _MOST_ENTRIES,
    )


def _entry(item: os.DirEntry[str]) -> FileEntry | None:
    """None for what is hidden, is not data, or vanishes while one looks."""
    if item.name.startswith("."):
        return None
    try:
        if item.is_dir():
            return FileEntry(name=item.name, path=item.path, kind="folder")
        if item.is_file() and item.name.lower().endswith(_ENDINGS):
            size = item.stat().st_size
            return FileEntry(name=item.name, path=item.path, kind="file", size=size)
    except OSError:
        return None
    return None
