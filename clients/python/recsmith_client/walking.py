# Written by clients/python/scripts/write_walking.py from shared/as_code/walking.py.
"""Files and folders that documents are in: which are read, and what each is called.

The Python client has a copy of this module, so that it reads the files that the commands read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

STANDARD_INPUT = "-"
MOST_FILES = 2_000
MOST_BYTES = 1_048_576  # of a file
_ENDINGS = (".yaml", ".yml", ".json")
_NOT_DOCUMENTS = ".schema.json"


@dataclass(frozen=True)
class File:
    """A file as it was read.

    Attributes:
        shown: what it is called in messages.
        owner: its path within its repository, or within the folder that was given.
        folder: that paths in it start from; "" for none.
        content: its first MOST_BYTES and one more, from which a file that is too large is told.
    """

    shown: str
    owner: str
    folder: str
    content: bytes


@dataclass(frozen=True)
class Unread:
    """What could not be read, and why."""

    shown: str
    why: str


def files_in(
    paths: Sequence[str], standard_input: Callable[[int], bytes] = lambda _: b""
) -> Iterator[File | Unread]:
    """Files, those of folders and, for `-`, standard input, each once.

    Args:
        standard_input: gives its first bytes, as many as it is asked for.
    """
    seen = set()
    for given in paths:
        if given == STANDARD_INPUT:
            content = standard_input(MOST_BYTES + 1)
            yield File("standard input", "", Path.cwd().as_posix(), content)
            continue
        root = Path(given)
        inside = list(_below(root)) if root.is_dir() else [root]
        if not inside:
            yield Unread(given, f"The folder has no file that ends in {', '.join(_ENDINGS)}.")
        for path in inside:
            if (whole := path.resolve()) in seen:
                continue
            seen.add(whole)
            if len(seen) > MOST_FILES:
                yield Unread(given, f"There are more than {MOST_FILES:,} files. Apply parts.")
                return
            try:
                with path.open("rb") as file:
                    content = file.read(MOST_BYTES + 1)
            except OSError as error:
                yield Unread(path.as_posix(), f"It cannot be read: {error.strerror or error}.")
                continue
            owner, folder = _owner(whole, root), whole.parent.as_posix()
            yield File(path.as_posix(), owner, folder, content)


def any_file(folder: Path) -> bool:
    return folder.is_dir() and next(_below(folder), None) is not None


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
