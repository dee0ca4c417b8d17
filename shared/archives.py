"""An archive that is made while it is sent: it need not fit into memory, nor on a disk."""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterable, Iterator

_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest that a ZIP file can say
_MODE = 0o644


class _Sink:
    """What is written to it is taken from it again. It cannot seek, which `zipfile` minds."""

    def __init__(self) -> None:
        self._written = bytearray()

    def write(self, content: bytes) -> int:
        self._written += content
        return len(content)

    def flush(self) -> None:
        pass

    def take(self) -> bytes:
        taken = bytes(self._written)
        self._written.clear()
        return taken


def zipped(
    files: Iterable[tuple[str, int]], pieces: Callable[[str], Iterator[bytes]]
) -> Iterator[bytes]:
    """A ZIP file, part by part: the same bytes for the same files. Nothing is compressed, for
    weights hardly can be; each file has its CRC-32.

    Args:
        files: name and size in bytes of each.
        pieces: gives a file's content by its name. What it raises ends the archive, which then
            lacks its directory and is read by nobody.
    """
    sink = _Sink()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_STORED) as archive:  # type: ignore[call-overload]
        for name, size in files:
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.external_attr = _MODE << 16
            entry.file_size = size
            with archive.open(entry, "w") as opened:
                for piece in pieces(name):
                    opened.write(piece)
                    yield sink.take()
            yield sink.take()
    yield sink.take()
