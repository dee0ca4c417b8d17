"""Files of a bucket: brought here, for DuckDB reads local files only, and taken there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from shared.documents.dataset import FileSource
from shared.source_files import invalid
from trainer_image.locations import open_file, path_of

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


def given(text: str) -> str:
    """A component's parameter: JSON as it is, and the content of a file that is named instead."""
    if text.lstrip().startswith("{"):
        return text
    with open_file(path_of(text), "rb") as file:
        content: bytes = file.read()
    return content.decode()


def copy_tree(source: str, target: str) -> None:
    """Copies what is under one folder to another, in any of TensorFlow's file systems."""
    import tensorflow as tf

    for folder, _, files in tf.io.gfile.walk(source):
        part = posixpath.relpath(folder, source)
        # A bucket keeps `a/./b` and `a/b` apart.
        to = target if part == "." else posixpath.join(target, part)
        tf.io.gfile.makedirs(to)
        for name in files:
            tf.io.gfile.copy(posixpath.join(folder, name), posixpath.join(to, name), overwrite=True)
