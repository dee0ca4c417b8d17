"""Files as DuckDB can read them: what is packed or encoded otherwise is copied, as UTF-8."""

from __future__ import annotations

import bz2
import codecs
import gzip
import io
import lzma
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any

from shared.documents.source import FileSource
from shared.tables.files import invalid, listed
from shared.tables.workbook import is_workbook, sheet_as_csv

CHUNK = 1 << 20
MOST_COPIED = 50 << 30  # a packed file may hold much more than it seems
_GZIP, _ZIP = b"\x1f\x8b", b"PK\x03\x04"
_PACKED: dict[bytes, Callable[[Path], Any]] = {b"BZh": bz2.open, b"\xfd7zXZ": lzma.open}
_NO_TEXT = {
    b"PAR1": "Parquet, so use kind parquet",
    b"\xd0\xcf\x11\xe0": "an Excel workbook of before 2007: save it as .xlsx or as CSV",
    b"\x28\xb5\x2f\xfd": "compressed with Zstandard: compress it with gzip instead",
    b"7z\xbc\xaf": "a 7-Zip archive: pack it as .zip or .gz",
    b"%PDF": "a PDF: export the table as CSV",
    b"SQLite format 3": "an SQLite database: export the table as CSV",
}
DAMAGED = (EOFError, gzip.BadGzipFile, zlib.error, zipfile.BadZipFile, lzma.LZMAError)


def is_gzipped(file: Path) -> bool:
    with file.open("rb") as opened:
        return opened.read(2) == _GZIP


@contextmanager
def opened(file: Path) -> Iterator[IO[bytes]]:
    """What a file holds, unpacked where it is compressed with gzip."""
    with gzip.open(file) if is_gzipped(file) else file.open("rb") as bytes_:
        yield bytes_  # type: ignore[misc]


def unpacked(source: FileSource, file: Path, copy: Path) -> Path:
    """The file itself, or where DuckDB cannot read into it, a copy of what it holds.

    Args:
        copy: where to; not made where none is needed.

    Raises:
        InvalidError: the file is empty, damaged, or no text.
    """
    try:
        with file.open("rb") as begun:
            magic = begun.read(16)
        if source.kind == "excel" or (magic.startswith(_ZIP) and is_workbook(file)):
            with _made(copy) as target:
                sheet_as_csv(source, file, target)
            return copy
        if magic.startswith(_ZIP):
            with (
                zipfile.ZipFile(file) as archive,
                archive.open(_member(source, file, archive)) as m,
            ):
                return _copied(source, file, m, copy)
        for start, open_ in _PACKED.items():
            if magic.startswith(start):
                with open_(file) as packed:
                    return _copied(source, file, packed, copy)
        with opened(file) as plain:
            magic = plain.read(16)
    except DAMAGED as error:
        message = f"{file.name} is damaged: {error}. Write or pack it again."
        raise invalid("unreadable", message, source) from None
    except (NotImplementedError, RuntimeError) as error:  # an encrypted archive
        message = f"{file.name} cannot be unpacked: {error}."
        raise invalid("unreadable", message, source) from None
    if not magic:
        raise invalid("empty", f"{file.name} is empty. A dataset has rows.", source)
    for start, what in _NO_TEXT.items():
        if magic.startswith(start):
            raise invalid("wrong_format", f"{file.name} is {what}; it is not text.", source)
    return file


def recoded(source: FileSource, file: Path, encoding: str, copy: Path) -> Path:
    """A copy of a text in UTF-8, whose lines all end with a line feed. Raises InvalidError where it
    is not in this encoding."""
    decode = io.IncrementalNewlineDecoder(codecs.getincrementaldecoder(encoding)(), translate=True)
    line = 1
    with opened(file) as text, _made(copy) as target:
        while True:
            chunk = text.read(CHUNK)
            try:
                told = decode.decode(chunk, final=not chunk)
            except UnicodeDecodeError as error:
                raise invalid(
                    "unreadable",
                    f"{file.name} is not encoded as {encoding}: {error.reason}, near line "
                    f"{line:,}. Say its encoding, such as --encoding cp1252.",
                    source,
                ) from None
            target.write(told.encode("utf-8", "replace"))
            line += told.count("\n")
            if not chunk:
                return copy


def _member(source: FileSource, file: Path, archive: zipfile.ZipFile) -> str:
    """The one file of an archive that holds data."""
    names = [
        one.filename
        for one in archive.infolist()
        if not one.is_dir()
        and not Path(one.filename).name.startswith((".", "_"))
        and not one.filename.startswith("__MACOSX/")
    ]
    if len(names) == 1:
        return names[0]
    held = f"holds {len(names)} files: {listed(names)}" if names else "holds no file"
    raise invalid(
        "wrong_format",
        f"{file.name} {held}. One is read of an archive: unpack it into a folder, and name that.",
        source,
    )


def _copied(source: FileSource, file: Path, packed: IO[bytes], copy: Path) -> Path:
    size = 0
    with _made(copy) as target:
        while chunk := packed.read(CHUNK):
            size += len(chunk)
            if size > MOST_COPIED:
                message = f"{file.name} unpacks to more than {MOST_COPIED >> 30} GiB. Unpack it."
                raise invalid("too_large", message, source)
            target.write(chunk)
    if not size:
        raise invalid("empty", f"{file.name} is empty. A dataset has rows.", source)
    return copy


@contextmanager
def _made(copy: Path) -> Iterator[io.BufferedWriter]:
    copy.parent.mkdir(parents=True, exist_ok=True)
    with copy.open("wb") as target:
        yield target
