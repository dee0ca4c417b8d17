"""Files and folders that documents are in."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.as_code.documents import FileDocument, document_of
from local.as_code.kinds import BY_COLLECTION
from local.as_code.reading import MOST_BYTES, FilesError, Finding, Place, Text, read
from shared.documents.base import Collection
from shared.documents.tables import Tables

STANDARD_INPUT = "-"
MOST_FILES = 2_000
_ENDINGS = (".yaml", ".yml", ".json")
_NOT_DOCUMENTS = ".schema.json"
_DATASET = BY_COLLECTION[Collection.DATASETS].key


@dataclass(frozen=True)
class File:
    """Attributes:
    shown: what it is called in messages.
    owner: its path within its repository, or within the folder that was given.
    folder: that paths in it start from.
    """

    shown: str
    owner: str
    folder: Path
    content: bytes


def documents_in(
    paths: Sequence[str], standard_input: Callable[[int], bytes] = lambda _: b""
) -> list[FileDocument]:
    """The documents of files, of folders and, for `-`, of standard input.

    Args:
        standard_input: gives its first bytes, as many as it is asked for.

    Raises FilesError: with everything that is wrong with each of them by itself.
    """
    findings: list[Finding] = []
    found: list[FileDocument] = []
    for file in _files(paths, standard_input, findings):
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


def _files(
    paths: Sequence[str], standard_input: Callable[[int], bytes], findings: list[Finding]
) -> Iterator[File]:
    seen = set()
    for given in paths:
        if given == STANDARD_INPUT:
            content = standard_input(MOST_BYTES + 1)
            yield File("standard input", "", Path.cwd(), content)
            continue
        root = Path(given)
        inside = list(_below(root)) if root.is_dir() else [root]
        if not inside:
            said = f"The folder has no file that ends in {', '.join(_ENDINGS)}."
            findings.append(Finding(Place(given), said))
        for path in inside:
            if (whole := path.resolve()) in seen:
                continue
            seen.add(whole)
            if len(seen) > MOST_FILES:
                said = f"There are more than {MOST_FILES:,} files. Apply parts of them."
                findings.append(Finding(Place(given), said))
                return
            try:
                with path.open("rb") as file:
                    content = file.read(MOST_BYTES + 1)
            except OSError as error:
                said = f"It cannot be read: {error.strerror or error}."
                findings.append(Finding(Place(path.as_posix()), said))
                continue
            yield File(path.as_posix(), _owner(whole, root), whole.parent, content)


def _below(folder: Path) -> Iterator[Path]:
    """Files of documents, in their order; not those whose names begin with a dot."""
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            hidden = name.startswith(".") or name.endswith(_NOT_DOCUMENTS)
            if name.endswith(_ENDINGS) and not hidden:
                yield Path(here, name)


def _owner(path: Path, given: Path) -> str:
    for folder in path.parents:
        if (folder / ".git").exists():
            return path.relative_to(folder).as_posix()
    root = given.resolve()
    return path.relative_to(root).as_posix() if root.is_dir() else path.name


def _with_whole_paths(text: Text, folder: Path) -> Text:
    """Files of data are named from the folder of the file that names them."""
    data = text.data
    if not isinstance(data, dict) or data.get("kind") != _DATASET:
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


def _whole(source: Any, folder: Path) -> Any:
    uri = source.get("uri") if isinstance(source, dict) else None
    if not isinstance(uri, str) or not uri or "://" in uri:
        return source
    whole = os.path.normpath(folder / Path(uri).expanduser())
    return {**source, "uri": Path(whole).as_posix()}
