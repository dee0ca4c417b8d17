"""A run, shard after shard: what is done stays done, whenever the process ends."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pyarrow as pa

from shared.batches import BatchError, Manifest, Shard, shard_of
from shared.wording import plural
from trainer_image.serving.batches.folder import Folder, sha256_of
from trainer_image.serving.batches.writers import writing

_BLOCK = 256  # customers or products that are in memory at once
_TELL_SECONDS = 0.2

Tell = Callable[[dict[str, Any]], None]


class Work(Protocol):
    """What a run writes.

    Attributes:
        schema: of its rows.
    """

    schema: pa.Schema

    def rows(self, ids: list[str]) -> pa.Table:
        """The rows of some customers or products, in their order."""


@dataclass
class Progress:
    """How far a run is, for whoever waits for it."""

    subjects: int
    done: int
    tell: Tell
    began: float = 0.0
    before: int = 0
    told: float = 0.0

    def __post_init__(self) -> None:
        self.began, self.before = time.monotonic(), self.done
        self._say()

    def add(self, subjects: int) -> None:
        self.done += subjects
        if time.monotonic() - self.told > _TELL_SECONDS or self.done == self.subjects:
            self._say()

    def _say(self) -> None:
        self.told = time.monotonic()
        seconds, made = self.told - self.began, self.done - self.before
        rate = made / seconds if made and seconds else None
        self.tell(
            {
                "done": self.done,
                "of": self.subjects,
                "per_second": None if rate is None else round(rate, 1),
                "seconds_left": None if rate is None else round((self.subjects - self.done) / rate),
            }
        )


def run(folder: Folder, manifest: Manifest, ids: pa.Array, work: Work, tell: Tell) -> Manifest:
    """Writes every shard that is not done, then shows the run as complete.

    Args:
        manifest: as it was noted last.
        ids: of all customers or products, the same and in the same order however often a run is
            taken up.
        tell: hears of progress.

    Raises:
        BatchError: a file cannot be written; what is done stays.
    """
    progress = Progress(manifest.subjects, manifest.done, tell)
    places = _places(ids, manifest.shard_count)
    for number, of_shard in enumerate(places):
        if number in manifest.shards:
            continue
        shard = _written(
            folder, manifest.file(number), ids.take(of_shard), manifest, work, progress
        )
        manifest = _with(manifest, {**manifest.shards, number: shard})
        folder.note(manifest)
    return manifest


def _with(manifest: Manifest, shards: dict[int, Shard]) -> Manifest:
    return manifest.model_copy(update={"shards": shards})


def still_whole(folder: Folder, manifest: Manifest) -> Manifest:
    """The same without shards whose files are gone or not what they were."""
    kept = {
        number: shard
        for number, shard in manifest.shards.items()
        if folder.sha256(shard.file) == shard.sha256
    }
    if lost := len(manifest.shards) - len(kept):
        files = plural(lost, "file", "files")
        note = f"{files} of the part that was done had gone or changed, and came again."
        manifest = manifest.model_copy(update={"notes": [*manifest.notes, note]})
    return _with(manifest, kept)


def _places(ids: pa.Array, shards: int) -> list[Any]:
    """By shard, where its ids are, [ids of the shard]."""
    of = np.fromiter((shard_of(one.as_py(), shards) for one in ids), np.int32, len(ids))
    order = np.argsort(of, kind="stable")
    return np.split(order, np.cumsum(np.bincount(of, minlength=shards))[:-1])


def _written(
    folder: Folder,
    name: str,
    ids: pa.Array,
    manifest: Manifest,
    work: Work,
    progress: Progress,
) -> Shard:
    rows = 0
    with folder.put(name) as path:
        with writing(path, manifest.settings.format, work.schema) as write:
            for block in _blocks(ids):
                table = work.rows(block)
                write(table)
                rows += len(table)
                progress.add(len(block))
        digest = sha256_of(path)
    return Shard(file=name, subjects=len(ids), rows=rows, sha256=digest)


def _blocks(ids: pa.Array) -> Iterator[list[str]]:
    for start in range(0, len(ids), _BLOCK):
        yield ids.slice(start, _BLOCK).to_pylist()


def going_on(noted: Manifest, manifest: Manifest, folder: Folder) -> Manifest:
    """The run that was begun in the folder, which must be of what is asked for now.

    Raises:
        BatchError: it is another.
    """
    other = list(manifest.settings.differences(noted.settings))
    if (noted.subjects, noted.left_out) != (manifest.subjects, manifest.left_out) and not other:
        other = [f"{manifest.subjects:,} of them, not {noted.subjects:,}"]
    if noted.model != manifest.model:
        other = [f"{manifest.model}, not {noted.model}", *other]
    if other:
        raise BatchError(
            f"{folder.target}: run {noted.run_id} was begun there, of something else: "
            f"{'; '.join(other)}. Finish it by the command that began it, choose another folder, "
            "or remove what it has done."
        )
    return still_whole(folder, noted)
