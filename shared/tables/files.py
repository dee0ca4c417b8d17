"""Which files a source names, and which of them may be read: the one gate to a machine's files.

Profiling and the trainer's examples stage both come through here.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fnmatch import translate
from pathlib import Path
from urllib.parse import unquote, urlsplit

from shared.documents.source import FileSource
from shared.problems import InvalidError, Problem, shorten

URI_PATH = "spec.source.uri"
# Entries of folders that are looked at to find a source's files, and files that it may have.
MAX_ENTRIES = 200_000
MAX_FILES = 5_000

# How the names of a folder's files end that are read. Those of the second line are read where none
# of the first is there: they may be anything.
_PACKED = ("", ".gz", ".zip", ".bz2", ".xz")
_READ: dict[str, list[tuple[str, ...]]] = {
    "csv": [("csv", "tsv", "tab", "psv"), ("txt", "dat", "data")],
    "json": [("jsonl", "ndjson"), ("json",)],
    "parquet": [("parquet", "parq", "pq")],
    "excel": [("xlsx", "xlsm")],
}
# What holds the same kind of data, and is packed so that it cannot be read.
_UNREAD = {
    "csv": re.compile(r"\.(csv|tsv|tab|psv)\.(zst|7z|z|rar|lz4|br)$"),
    "json": re.compile(r"\.(jsonl|ndjson)\.(zst|7z|z|rar|lz4|br)$"),
    "parquet": re.compile(r"\.(parquet|parq|pq)\.(gz|bz2|xz|zst|zip|7z|z)$"),
    "excel": re.compile(r"\.(xls|xlsb|ods)$"),
}
_OTHER_DATA = re.compile(
    r"\.(csv|tsv|parquet|parq|pq|json|jsonl|ndjson|avro|orc|feather|arrow|xls[xmb]?|ods|zip|tar|dat)"
    r"(\.\w{1,5})?$"
)
_SHOWN = 5

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_GLOB = "*?["
_ANY_DEPTH = "**"
# What the kernel tells there looks like files, and is about processes and devices.
_NO_DATA = ("/proc/", "/sys/")


def invalid(code: str, message: str, source: FileSource) -> InvalidError:
    """One problem with the files of a source."""
    problem = Problem(path=URI_PATH, code=code, message=message, received=shorten(source.uri))
    return InvalidError([problem])


def left_aside(columns: Sequence[str]) -> str:
    """A note on columns of types that no feature can be made of, each with its type."""
    are = "columns are" if len(columns) > 1 else "column is"
    return (
        f"{len(columns)} {are} left aside, because no feature can be made of the type: "
        f"{listed(columns)}."
    )


@dataclass(frozen=True)
class SourceFiles:
    """The files of a source.

    Attributes:
        files: sorted.
        home: the folder that they were looked for in; what folders below it are called, such as
            `month=2024-01`, may say a column's value. None of a single file.
        left_out: names of files in that folder which hold data of another kind.
    """

    files: list[Path]
    home: Path | None = None
    left_out: list[str] = field(default_factory=list)


def find_files(source: FileSource) -> SourceFiles:
    """The files behind a source: a file, a folder's files of the source's kind at any depth (hidden
    and `_` files left out), or the matches of a glob pattern.

    In a folder they are known by how their names end, in letters of any case (`endings`). Where it
    holds others of the same kind, such as `.csv.zst`, it is refused.

    A link that the source itself names is followed. One that is met in a folder or by a pattern
    may not lead out of that folder: whoever packed the folder is not who reads it.

    Raises:
        InvalidError: a remote or a relative URI, no file or too many, or one that is not a regular
            file.
    """
    try:
        return _files(source, _path(source))
    except OSError as error:
        message = f"It cannot be looked at: {error.strerror}."
        raise invalid("unreadable", message, source) from None


def source_files(source: FileSource) -> list[Path]:
    """The files of `find_files`. Raises InvalidError."""
    return find_files(source).files


def is_read(name: str, kind: str) -> bool:
    """Whether a file of a folder belongs to a source of this kind, by its name."""
    return any(name.lower().endswith(endings(kind, rank)) for rank in range(len(_READ[kind])))


def endings(kind: str, rank: int) -> tuple[str, ...]:
    """How the names of files of a kind end; those of rank 1 may be of other kinds too."""
    packed = _PACKED if kind in ("csv", "json") else ("",)
    return tuple(f".{end}{more}" for end in _READ[kind][rank] for more in packed)


def kind_of(names: Iterable[str]) -> str | None:
    """The kind of source that files with these names are; None where no name says."""
    given = [name.lower() for name in names]
    for rank in range(2):
        for kind, ranks in _READ.items():
            if rank < len(ranks) and any(name.endswith(endings(kind, rank)) for name in given):
                return kind
    return None


def listed(names: Iterable[str]) -> str:
    """Some names for a sentence: the first five, and how many more there are."""
    given = list(names)
    more = f" and {len(given) - _SHOWN:,} more" if len(given) > _SHOWN else ""
    return ", ".join(given[:_SHOWN]) + more


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


def _files(source: FileSource, path: Path) -> SourceFiles:
    if path.is_dir():
        return _folder(source, path)
    if path.exists():
        return SourceFiles([_plain(path, source)])
    if any(character in path.as_posix() for character in _GLOB):
        first = next(i for i, part in enumerate(path.parts) if any(c in part for c in _GLOB))
        folder = Path(*path.parts[:first])
        search = _Search(source, folder, aside=(".",))
        found = sorted(search.matches(folder, list(path.parts[first:])))
        if found:
            return SourceFiles(found, folder)
        raise invalid("no_files", "No file matches this pattern.", source)
    raise invalid("not_found", "There is no such file or folder on this machine.", source)


def _folder(source: FileSource, path: Path) -> SourceFiles:
    search = _Search(source, path, aside=(".", "_"))
    kind = source.kind
    known = search.matches(path, [_ANY_DEPTH, "*"], lambda name: is_read(name, kind))
    found = sorted(file for file in known if file.name.lower().endswith(endings(kind, 0)))
    passed = {*search.passed, *(file.name for file in known)} - {file.name for file in found}
    if not found:
        found, passed = sorted(known), search.passed
    others = sorted(name for name in passed if _OTHER_DATA.search(name.lower()))
    if unread := [name for name in others if _UNREAD[kind].search(name.lower())]:
        raise invalid(
            "left_out",
            f"The folder holds files that would be left out: {listed(unread)}. Write or pack them "
            f"as {listed('*' + end for end in endings(kind, 0))}, move them elsewhere, or give a "
            "pattern.",
            source,
        )
    if not found:
        also = f" It holds {listed(others)}." if others else ""
        raise invalid(
            "no_files",
            f"The folder holds no *.{_READ[kind][0][0]} file, at any depth.{also}",
            source,
        )
    names = {file.as_posix().lower(): file for file in found}
    for name, file in names.items():
        bare, dot, packed = name.rpartition(".")
        if dot + packed in _PACKED and bare in names:
            raise invalid(
                "twice",
                f"{names[bare].name} and {file.name} are probably the same "
                "rows, which would count twice. Move one of them elsewhere.",
                source,
            )
    return SourceFiles(found, path, others)


def _plain(file: Path, source: FileSource) -> Path:
    """Raises InvalidError for whatever is not data on a disk: a device, a pipe, a process's
    state."""
    if not stat.S_ISREG(file.stat().st_mode) or f"{file.resolve()}".startswith(_NO_DATA):
        message = f"{file.name} is not a regular file but a device, a pipe or a part of the system."
        raise invalid("no_plain_file", message, source)
    try:
        file.as_posix().encode()
    except UnicodeEncodeError:
        message = f"The name {os.fsencode(file.name)!r} is not valid UTF-8. Rename the file."
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
        self.passed: set[str] = set()  # names of files that were not wanted

    def matches(
        self, folder: Path, parts: list[str], wanted: Callable[[str], bool] = lambda name: True
    ) -> set[Path]:
        """The files below a folder whose path has these parts; `**` stands for any folders.
        Raises InvalidError."""
        found: set[Path] = set()
        for file in self._found(folder, parts):
            if not wanted(file.name):
                self.passed.add(file.name)
                continue
            found.add(self._within(file))
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
                yield Path(entry.path)

    def _listed(self, folder: Path) -> list[os.DirEntry[str]]:
        """Raises InvalidError once too much has been looked at; a folder that is closed has
        nothing."""
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
