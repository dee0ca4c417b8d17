"""Files of a bucket, brought here: DuckDB reads local files only."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from shared.documents.dataset import FileSource
from shared.source_files import invalid

_BUCKET = "gs://"
_GLOB = "*?["


def local_copy(source: FileSource, folder: Path) -> FileSource:
    """The source itself, or where it lies in a bucket a copy of its files in `folder`.

    Raises:
        Invalid: there are no such files, or they cannot be read.
    """
    if not source.uri.strip().startswith(_BUCKET):
        return source
    return copy_files(source, folder)


def copy_files(source: FileSource, folder: Path) -> FileSource:
    """Copies what TensorFlow's file systems know under the source's URI. As `source_files`: a file,
    a folder's files of this kind at any depth (hidden and `_` files left out), or a glob pattern.
    """
    import tensorflow as tf

    try:
        found = sorted(_files(source))
        folder.mkdir(parents=True)
        for place, path in enumerate(found):
            tf.io.gfile.copy(path, str(folder / f"{place:06d}.{source.kind}"))
    except tf.errors.OpError as error:
        raise invalid(
            "unreadable", f"The bucket's files cannot be read: {error}", source
        ) from error
    if not found:
        raise invalid("no_files", "There is no such file, folder or match in the bucket.", source)
    return FileSource(kind=source.kind, uri=str(folder))


def _files(source: FileSource) -> Iterator[str]:
    import tensorflow as tf

    root = source.uri.strip().rstrip("/")
    if tf.io.gfile.isdir(root):
        for below, _, names in tf.io.gfile.walk(root):
            part = posixpath.relpath(below.rstrip("/"), root)
            if part != "." and any(name.startswith((".", "_")) for name in part.split("/")):
                continue
            for name in names:
                if name.endswith(f".{source.kind}") and not name.startswith((".", "_")):
                    yield posixpath.join(below, name)
    elif any(character in root for character in _GLOB):
        yield from (path for path in tf.io.gfile.glob(root) if not tf.io.gfile.isdir(path))
    elif tf.io.gfile.exists(root):
        yield root
