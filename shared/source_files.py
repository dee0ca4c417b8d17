"""Which files a source names, and which of them may be read: the one gate to a machine's files.

Profiling and the trainer's examples stage both come through here.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterator
from fnmatch import translate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.documents.dataset import FileSource
from shared.problems import Invalid, Problem, shorten

URI_PATH = "spec.source.uri"
# Entries of folders that are looked at to find a source's files, and files that it may have.
MAX_ENTRIES = 200_000
MAX_FILES = 5_000

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_GLOB = "*?["
_ANY_DEPTH = "**"
# What the kernel tells there looks like files, and is about processes and devices.
_NO_DATA = ("/proc/", "/sys/")


def invalid(code: str, message: str, source: FileSource) -> Invalid:
    """One problem with the files of a source."""
    problem = Problem(path=URI_PATH, code=code, message=message, received=shorten(source.uri))
    return Invalid([problem])


def source_files(source: FileSource) -> list[Path]:
    """The files behind a source, sorted: a file, a folder's `*.parquet` / `*.csv` at any depth
    (hidden and `_` files left out), or the matches of a glob pattern.

    A link that the source itself names is followed. One that is met in a folder or by a pattern
    may not lead out of that folder: whoever packed the folder is not who reads it.

    Raises:
        Invalid: a remote or a relative URI, no file or too many, or one that is no plain file.
    """
    try:
        return _files(source, _path(source))
    except OSError as error:
        message = f"It cannot be looked at: {error.strerror}."
        raise invalid("unreadable", message, source) from None


def _path(source: FileSource) -> Path:
    """The absolute path or pattern that a URI means."""
    text = source.uri.strip()
    if _SCHEME.match(text):
        parts = urlsplit(text) if text.lower().startswith("file:///") else None
        if parts is None or parts.query or parts.fragment:
            raise invalid(
                "unsupported_uri",
                "Only files of this machine can be read here: give an absolute path or a file:///"
                " URI (? and # in it as %3F and %23).",
                source,
            )
        text = unquote(parts.path)
    if "\0" in text:
        raise invalid("unsupported_uri", "A path holds no NUL character.", source)
    path = Path(text)
    if not path.is_absolute():
        raise invalid(
            "relative_path",
            f"Give an absolute path, such as {path.absolute()}: another process reads the file.",
            source,
        )
    return path


def _files(source: FileSource, path: Path) -> list[Path]:
    if path.is_dir():
        search = _Search(source, path, aside=(".", "_"))
        found = sorted(search.matches(path, [_ANY_DEPTH, f"*.{source.kind}"]))
        if not found:
            raise invalid(
                "no_files", f"The folder holds no *.{source.kind} file, at any depth.", source
            )
        return found
    if path.exists():
        return [_plain(path, source)]
    if any(character in path.as_posix() for character in _GLOB):
        first = next(i for i, part in enumerate(path.parts) if any(c in part for c in _GLOB))
        folder = Path(*path.parts[:first])
        search = _Search(source, folder, aside=(".",))
        found = sorted(search.matches(folder, list(path.parts[first:])))
        if found:
            return found
        raise invalid("no_files", "No file matches this pattern.", source)
    raise invalid("not_found", "There is no such file or folder on this machine.", source)


def _plain(file: Path, source: FileSource) -> Path:
    """Raises Invalid for whatever is no data on a disk: a device, a pipe, a process's state."""
    if not stat.S_ISREG(file.stat().st_mode) or f"{file.resolve()}".startswith(_NO_DATA):
        message = f"{file.name} is no plain file: a device, a pipe or a part of the system."
        raise invalid("no_plain_file", message, source)
    try:
        file.as_posix().encode()
    except UnicodeEncodeError:
        message = f"The name {os.fsencode(file.name)!r} is no UTF-8. Rename the file."
        raise invalid("unreadable", message, source) from None
    return file


class _Search:
    """Looks through folders, and no further than is reasonable.

    Args:
        aside: how names begin that are meant only where a pattern begins so too.
    """

    def __init__(self, source: FileSource, folder: Path, aside: tuple[str, ...]) -> None:
        self._source = source
        self._home = folder.resolve()
        self._aside = aside
        self._entries = 0

    def matches(self, folder: Path, parts: list[str]) -> set[Path]:
        """The files below a folder whose path has these parts; `**` stands for any folders.
        Raises Invalid."""
        found: set[Path] = set()
        for file in self._found(folder, parts):
            found.add(file)
            if len(found) > MAX_FILES:
                message = f"That is more than {MAX_FILES:,} files. Join them into larger ones."
                raise invalid("too_many_files", message, self._source)
        return found

    def _found(self, folder: Path, parts: list[str]) -> Iterator[Path]:
        name, *rest = parts
        if name == _ANY_DEPTH:
            yield from self._found(folder, rest or ["*"])
            for entry in self._listed(folder):
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(self._aside):
                    yield from self._found(Path(entry.path), parts)
            return
        fits = re.compile(translate(name)).match
        for entry in self._listed(folder):
            aside = entry.name.startswith(self._aside) and not name.startswith(self._aside)
            if aside or not fits(entry.name):
                continue
            if rest and _is(entry.is_dir):
                yield from self._found(Path(entry.path), rest)
            elif not rest and _is(entry.is_file):
                yield self._within(Path(entry.path))

    def _listed(self, folder: Path) -> list[os.DirEntry[str]]:
        """Raises Invalid once too much has been looked at; a folder that is closed has nothing."""
        try:
            with os.scandir(folder) as entries:
                listed = []
                for entry in entries:
                    self._entries += 1
                    if self._entries > MAX_ENTRIES:
                        raise invalid(
                            "too_many_files",
                            f"There is too much to look through: more than {MAX_ENTRIES:,} files "
                            "and folders. Name a folder closer to the data.",
                            self._source,
                        )
                    listed.append(entry)
                return listed
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            return []

    def _within(self, file: Path) -> Path:
        if not file.resolve().is_relative_to(self._home):
            raise invalid(
                "leads_out",
                f"{file.name} is a link that leads out of {self._home}. Give the path that it "
                "leads to, or copy the file.",
                self._source,
            )
        return _plain(file, self._source)


def _is(asked: Callable[[], bool]) -> bool:
    """What a folder's entry says of itself; of a link that goes round in circles, no."""
    try:
        return asked()
    except OSError:
        return False
