"""How a file's text is encoded, and where it is not encoded so."""

from __future__ import annotations

import re
from pathlib import Path

from shared.documents.source import FileSource
from shared.tables.files import invalid
from shared.tables.packing import CHUNK, DAMAGED, opened

UTF8 = "utf-8"
_MARKS = {
    b"\xef\xbb\xbf": UTF8,
    b"\xff\xfe\x00\x00": "utf-32",
    b"\x00\x00\xfe\xff": "utf-32",
    b"\xff\xfe": "utf-16",
    b"\xfe\xff": "utf-16",
}
_CHUNKS_SEARCHED = 64  # of 1 MiB, before a file is taken for UTF-8
# Bytes that no character of Windows-1252 has.
_NOT_WINDOWS = re.compile(rb"[\x81\x8d\x8f\x90\x9d]")
_WORD, _HIGH = re.compile(rb"[A-Za-z\x80-\xff]+"), re.compile(rb"[\x80-\xff]")
# Letters beyond ASCII, of words that have some: more than no language of Windows-1252 has.
_FOREIGN, _FEW = 0.6, 8
# What would be a sign within a word in Windows-1252, and is a letter in Central Europe.
_SIGN_IN_WORD = re.compile(
    rb"[a-z\xc0-\xff][\xa3\xa5\xaf\xb1\xb3\xb6\xb9\xbc\xbe\xbf][a-z\xc0-\xff]"
)


def encoding_of(source: FileSource, file: Path) -> str:
    """UTF-8, UTF-16 or UTF-32, by their marks or zero bytes; of other bytes, Windows-1252 or
    Latin-1, which most exports that are not Unicode have.

    Raises:
        InvalidError: the text is in none of these, such as one of another script.
    """
    try:
        with opened(file) as text:
            begin = text.read(1 << 16)
    except DAMAGED as error:
        message = f"{file.name} is damaged: {error}. Compress it again."
        raise invalid("unreadable", message, source) from None
    for mark, encoding in _MARKS.items():
        if begin.startswith(mark):
            return encoding
    even, odd = begin[::2].count(0), begin[1::2].count(0)
    if begin and max(even, odd) > 0.2 * len(begin):
        return "utf-16-le" if odd > even else "utf-16-be"
    if b"\x00" in begin:
        raise invalid("wrong_format", f"{file.name} is not text: it holds zero bytes.", source)
    fault = _fault(file)
    if fault is None:
        return UTF8
    near = fault.around
    if re.search(rb"[\x00-\x08\x0e-\x1f]", near):
        raise invalid("unreadable", f"{file.name} is not text, but holds other bytes.", source)
    words = b"".join(word for word in _WORD.findall(near) if _HIGH.search(word))
    high = len(_HIGH.findall(words))
    foreign = high > _FEW and high > _FOREIGN * len(words)
    if foreign or len(_SIGN_IN_WORD.findall(near)) > _FEW:
        raise invalid(
            "unknown_encoding",
            f"{file.name} is not UTF-8, and its letters are not of Western Europe. Say its encoding"
            ": --encoding cp1250 for Polish, Czech or Hungarian, --encoding cp1251 (or koi8-r) for "
            "Cyrillic, cp1254 for Turkish, shift_jis for Japanese, gb18030 or big5 for Chinese, "
            "cp949 for Korean, cp1253 for Greek.",
            source,
        )
    return "latin-1" if _NOT_WINDOWS.search(near) else "cp1252"


class _Fault:
    """Attributes: around: the bytes from a little before the fault on."""

    def __init__(self, line: int, column: int, byte: int, around: bytes) -> None:
        self.line, self.column, self.byte, self.around = line, column, byte, around


def encoding_fault(file: Path) -> str | None:
    """Where a file stops being UTF-8, and what to do; None where its beginning is UTF-8."""
    fault = _fault(file)
    if fault is None:
        return None
    return (
        f"{file.name} is not encoded as UTF-8: byte 0x{fault.byte:02X} in line {fault.line:,}, at "
        f"byte {fault.column:,}. Say the encoding that it has, such as --encoding cp1252, or save "
        'it as UTF-8 (in Excel: "CSV UTF-8").'
    )


def _fault(file: Path) -> _Fault | None:
    line, rest = 1, b""
    try:
        with opened(file) as text:
            for _ in range(_CHUNKS_SEARCHED):
                chunk = text.read(CHUNK)
                data, rest = rest + chunk, b""
                try:
                    data.decode()
                except UnicodeDecodeError as error:
                    if not chunk or error.reason != "unexpected end of data":
                        start = error.start
                        line += data.count(b"\n", 0, start)
                        column = start - data.rfind(b"\n", 0, start)
                        around = data[max(0, start - 4_000) :]
                        return _Fault(line, column, data[start], around)
                    # A character may go over two chunks.
                    data, rest = data[: error.start], data[error.start :]
                if not chunk:
                    return None
                line += data.count(b"\n")
    except (OSError, *DAMAGED):
        return None
    return None
