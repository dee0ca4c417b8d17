"""Files of a bucket: brought here, for DuckDB reads local files only, and taken there."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from pathlib import Path

from shared.documents.dataset import FileSource
from shared.tables.files import endings, invalid, is_read
from trainer_image.job.locations import open_file, path_of

_BUCKET = "gs://"
_GLOB = "*?["


def in_bucket(source: FileSource) -> bool:
    return source.uri.strip().startswith(_BUCKET)


def local_copy(source: FileSource, folder: Path) -> FileSource:
    """The source itself, or where it lies in a bucket a copy of its files in `folder`.

    Raises:
        InvalidError: there are no such files, or they cannot be read.
    """
    if not in_bucket(source):
        return source
    return copy_files(source, folder)


def copy_files(source: FileSource, folder: Path) -> FileSource:
    """Copies what TensorFlow's file systems know under the source's URI. As `source_files`: a file,
    a folder's files of this kind at any depth (hidden and `_` files left out), or a glob pattern.
    """
    import tensorflow as tf

    try:
        found = sorted(_files(source))
        surest = tuple(endings(source.kind, 0))
        found = [path for path in found if path.lower().endswith(surest)] or found
        folder.mkdir(parents=True)
        for place, path in enumerate(found):
            target = folder / _below(source, path, place)
            target.parent.mkdir(parents=True, exist_ok=True)
            tf.io.gfile.copy(path, str(target))
    except tf.errors.OpError as error:
        raise invalid(
            "unreadable", f"The bucket's files cannot be read: {error}", source
        ) from error
    if not found:
        raise invalid("no_files", "There is no such file, folder or match in the bucket.", source)
    return source.model_copy(update={"uri": str(folder)})


def _below(source: FileSource, path: str, place: int) -> Path:
    """Where a file is copied to: below folders like `month=2024-01`, which say a column's value."""
    first = source.uri.strip().split("*")[0].split("?")[0].split("[")[0].rstrip("/")
    folders = posixpath.dirname(path.removeprefix(first)).split("/")
    said = [folder for folder in folders if "=" in folder]
    return Path(*said, f"{place:06d}{endings(source.kind, 0)[0]}")


def _files(source: FileSource) -> Iterator[str]:
    import tensorflow as tf

    root = source.uri.strip().rstrip("/")
    if tf.io.gfile.isdir(root):
        for below, _, names in tf.io.gfile.walk(root):
            part = posixpath.relpath(below.rstrip("/"), root)
            if part != "." and any(name.startswith((".", "_")) for name in part.split("/")):
                continue
            for name in names:
                if is_read(name, source.kind) and not name.startswith((".", "_")):
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
