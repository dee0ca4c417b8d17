"""Files as documents."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path, PurePath
from typing import Any

from shared.as_code.documents import FileDocument, document_of
from shared.as_code.kinds import BY_COLLECTION
from shared.as_code.reading import FilesError, Finding, Place, Text, read
from shared.as_code.walking import File, Unread, files_in
from shared.documents.base import Collection
from shared.documents.tables import Tables

_DATASET = BY_COLLECTION[Collection.DATASETS].key


def documents_in(
    paths: Sequence[str], standard_input: Callable[[int], bytes] = lambda _: b""
) -> list[FileDocument]:
    """The documents of files, of folders and, for `-`, of standard input.

    Raises FilesError: with everything that is wrong with each of them by itself.
    """
    return documents_of(files_in(paths, standard_input))


def documents_of(files: Iterable[File | Unread]) -> list[FileDocument]:
    """Raises FilesError: with everything that is wrong with each of them by itself."""
    findings: list[Finding] = []
    found: list[FileDocument] = []
    for file in files:
        if isinstance(file, Unread):
            findings.append(Finding(Place(file.shown), file.why))
            continue
        try:
            texts = read(file.content, file.shown)
        except FilesError as error:
            findings += error.findings
            continue
        for text in texts:
            try:
                found.append(document_of(_with_whole_paths(text, file.folder), file.owner))
            except FilesError as error:
                findings += error.findings
    if findings:
        raise FilesError(findings)
    return found


def _with_whole_paths(text: Text, folder: str) -> Text:
    """Files of data are named from the folder of the file that names them."""
    data = text.data
    if not folder or not isinstance(data, dict) or data.get("kind") != _DATASET:
        return text
    spec = data.get("spec")
    if not isinstance(spec, dict):
        return text
    sides = [name for name in Tables.model_fields if name != "source"]
    made = {**spec, "source": _whole(spec.get("source"), folder)} if "source" in spec else {**spec}
    for name in sides:
        side = spec.get(name)
        if isinstance(side, dict) and "source" in side:
            made[name] = {**side, "source": _whole(side["source"], folder)}
    return Text({**data, "spec": made}, text.places)


def _whole(source: Any, folder: str) -> Any:
    uri = source.get("uri") if isinstance(source, dict) else None
    if not isinstance(uri, str) or not uri or "://" in uri:
        return source
    # Path.expanduser raises for users whom nobody knows.
    whole = os.path.normpath(PurePath(folder, os.path.expanduser(uri)))  # noqa: PTH111
    return {**source, "uri": Path(whole).as_posix()}
