"""Files of documents, as the API takes them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from recsmith_client import models
from recsmith_client.errors import FilesError
from recsmith_client.walking import MOST_BYTES, File, Unread, files_in

Paths = str | Path | Sequence[str | Path]


def sent_files(paths: Paths) -> list[models.SentFile]:
    """The files that `recsmith apply` would read.

    Raises:
        FilesError: some cannot be read.
    """
    given = [paths] if isinstance(paths, str | Path) else paths
    found, findings = list[models.SentFile](), list[models.FileFinding]()
    for file in files_in([str(path) for path in given], sys.stdin.buffer.read):
        if isinstance(file, Unread):
            findings.append(_finding(file.shown, file.why))
        elif len(file.content) > MOST_BYTES:
            findings.append(_finding(file.shown, f"A file has at most {MOST_BYTES:,} bytes."))
        else:
            try:
                text = file.content.decode("utf-8-sig")
            except UnicodeDecodeError as error:
                line = file.content.count(b"\n", 0, error.start) + 1
                findings.append(_finding(file.shown, "The file is not UTF-8 text.", line))
                continue
            found.append(_sent(file, text))
    if findings:
        raise FilesError(findings)
    return found


def _sent(file: File, text: str) -> models.SentFile:
    return models.SentFile(path=file.shown, text=text, owner=file.owner, folder=file.folder)


def _finding(file: str, message: str, line: int = 1) -> models.FileFinding:
    return models.FileFinding(
        file=file, line=line, column=1, path="", message=message, level="error"
    )
