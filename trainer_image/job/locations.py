"""Where a job's files lie, under its `output_uri`."""

from __future__ import annotations

import errno
import os
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

from shared.customers import CUSTOMERS_FILE
from shared.jobs import (
    CHAMPION_FILE,
    METRICS_FILE,
    PROGRESS_FILE,
    REPLICATES_FILE,
    TENSORS_FILE,
    VOCABULARY_FILE,
    WARM_START_FILE,
    WEIGHTS_FILE,
)

# What is transformed. `fitting` is the part of the training rows that towers are first not
# trained on, and may be empty. `history` are events that are no purchases, and `unavailable` the
# candidates that are never recommended, if there are any.
SPLITS = ("train", "fitting", "eval", "candidates", "history", "unavailable")
# Those that a trainer is told of by name, besides the ones that TFX names.
FURTHER_SPLITS = ("candidates", "fitting", "history", "unavailable")
# Folders under `output_uri`, or the second under a job's folder where that is on this machine.
MODEL_FOLDER = "model"
CHECKPOINTS_FOLDER = "checkpoints"
# Names of a split's files, without their extensions.
_PARTS = "part-*"


def path_of(uri: str) -> str:
    """A path that tf.io.gfile reads: `file:///a%20b` becomes `/a b`, `gs://…` stays."""
    parts = urlsplit(uri)
    return unquote(parts.path) if parts.scheme == "file" else uri


def open_file(path: str, mode: str) -> IO[Any]:
    """Opens a path of `path_of`; for writing, its folder is made. Imports TensorFlow only for
    remote files."""
    if "://" not in path:
        if "w" in mode:
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        return Path(path).open(mode)
    import tensorflow as tf

    if "w" in mode:
        tf.io.gfile.makedirs(posixpath.dirname(path))
    file: IO[Any] = tf.io.gfile.GFile(path, mode)
    return file


def read_small(path: str, most: int = 1 << 20) -> bytes:
    """A file that others replace now and then, as it is now.

    Raises:
        ValueError: it has `most` bytes or more.
        Exception: of a disk, or whatever TensorFlow says of a bucket.
    """
    with open_file(path, "rb") as file:
        # With a length: TensorFlow holds the size of a remote file that has changed for seconds.
        content: bytes = file.read(most)
    if len(content) >= most:
        raise ValueError(f"It has more than {most - 1:,} bytes.")
    return content


@dataclass(frozen=True)
class Locations:
    """Paths, all strings that tf.io.gfile understands."""

    root: str

    def __getitem__(self, name: str) -> str:
        return posixpath.join(self.root, name)

    @property
    def transform_graph(self) -> str:
        return self["transform_graph"]

    @property
    def model(self) -> str:
        return self[MODEL_FOLDER]

    @property
    def progress(self) -> str:
        return self[PROGRESS_FILE]

    @property
    def metrics(self) -> str:
        return self[METRICS_FILE]

    @property
    def replicates(self) -> str:
        return self[REPLICATES_FILE]

    @property
    def champion(self) -> str:
        return self[CHAMPION_FILE]

    @property
    def weights(self) -> str:
        return self[WEIGHTS_FILE]

    @property
    def warm_start(self) -> str:
        return self[WARM_START_FILE]

    @property
    def vocabulary(self) -> str:
        return self[VOCABULARY_FILE]

    @property
    def tensors(self) -> str:
        return self[TENSORS_FILE]

    @property
    def candidates(self) -> str:
        return self["candidates.parquet"]

    @property
    def rows(self) -> str:
        """JSON file of the SourceRows."""
        return self["rows.json"]

    @property
    def customers(self) -> str:
        """Whose rows there are, hashed."""
        return self[CUSTOMERS_FILE]

    def examples(self, split: str, number: int = 0, of: int = 1) -> str:
        """Parquet file of raw features under their keys: one `of` so many, from 0."""
        return self[f"examples/{split}/{_part(number, of)}.parquet"]

    def example_files(self, split: str, *, optional: bool = False) -> list[str]:
        """The existing files of a split, in their order.

        Args:
            optional: there may be none.

        Raises:
            FileNotFoundError: there is none, or one is missing.
        """
        found = _matching(self[f"examples/{split}"], f"{_PARTS}.parquet")
        wanted = [self.examples(split, number, len(found)) for number in range(len(found))]
        if found != wanted or not (found or optional):
            missing = next((one for one in wanted if one not in found), self.examples(split))
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), missing)
        return found

    def times(self, split: str) -> str:
        """Parquet file of the times of the `train` or the `eval` rows."""
        return self[f"times/{split}.parquet"]

    def transformed(self, split: str, number: int = 0, of: int = 1) -> str:
        """TFRecord file of tf.Example: one `of` so many, from 0."""
        return self[f"transformed/{split}/{_part(number, of)}.tfrecord"]

    def all_transformed(self, split: str) -> str:
        """Glob pattern of a split's files."""
        return self[f"transformed/{split}/{_PARTS}.tfrecord"]


def _part(number: int, of: int) -> str:
    return f"part-{number:05}" if of == 1 else f"part-{number:05}-of-{of:05}"


def _matching(folder: str, names: str) -> list[str]:
    if "://" not in folder:
        return sorted(map(str, Path(folder).glob(names)))
    import tensorflow as tf

    return sorted(tf.io.gfile.glob(posixpath.join(folder, names)))
