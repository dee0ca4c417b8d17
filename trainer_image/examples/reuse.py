"""Transformed examples that later jobs over the same rows and features take over.

An entry is a folder named by the hash of all that its content depends on, with a manifest of the
code that made it and of its files' sizes and digests. It appears by one rename, is copied out file
by file, and is believed only as far as its manifest says so: whatever is missing or damaged is made
anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import sys
import time
import uuid
from dataclasses import dataclass
from pathlib import Path

from shared import code_version
from shared.customers import CUSTOMERS_FILE
from shared.documents.dataset import FileSource
from shared.jobs import JobRequest
from shared.problems import InvalidError
from shared.tables.files import source_files
from trainer_image.examples.shards import shard_rows
from trainer_image.job.status import JobFailedError

FOLDER = "RECSMITH_CACHE"
LIMIT_MIB = "RECSMITH_CACHE_MIB"
_DEFAULT_MIB = 4096
_MANIFEST = "manifest.json"
# What the first two stages leave under a job's output.
PARTS = (
    *("examples", "times", "rows.json", CUSTOMERS_FILE, "candidates.parquet"),
    *("transform_graph", "transformed"),
)
_STALE_SECONDS = 3600.0
_CHUNK_BYTES = 1 << 20


def cache_key(request: JobRequest) -> str | None:
    """Names what a job's first two stages make; None where the source may change unseen.

    A change of a local file changes its `ctime`, which nobody can set.
    """
    sources = [source for source in request.examples.sources if isinstance(source, FileSource)]
    remote = any("://" in source.uri.removeprefix("file://") for source in sources)
    if remote or len(sources) < len(request.examples.sources):
        return None
    try:
        files = [file for source in sources for file in source_files(source)]
        stats = [(str(file), file.stat()) for file in files]
    except (InvalidError, OSError):
        return None
    made_of = {
        "examples": request.examples.model_dump(mode="json"),
        "files": [
            [name, stat.st_ino, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns]
            for name, stat in stats
        ],
        "preprocessing": request.preprocessing.sha256,
        "trainer": code_version.LOADED,
        "shard_rows": shard_rows(),
    }
    return hashlib.sha256(json.dumps(made_of, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class ExampleCache:
    """
    Attributes:
        folder: an entry for each key.
        limit_bytes: of all entries; the ones that were used longest ago go first.
    """

    folder: Path
    limit_bytes: int

    @staticmethod
    def from_environment() -> ExampleCache | None:
        """As RECSMITH_CACHE and RECSMITH_CACHE_MIB say; None where there is to be none.

        Raises:
            JobFailedError: the latter is no number.
        """
        folder, given = os.environ.get(FOLDER), os.environ.get(LIMIT_MIB) or str(_DEFAULT_MIB)
        if not given.isdecimal():
            raise JobFailedError(
                f"{LIMIT_MIB} is {given!r}; expected a whole number of MiB, 0 for none."
            )
        return ExampleCache(Path(folder), int(given) << 20) if folder and int(given) else None

    def take(self, key: str, target: Path) -> bool:
        """Copies an entry into a job's output; False, and nothing there, where it is not whole."""
        entry, draft = self.folder / key, target / f".{uuid.uuid4().hex}.draft"
        try:
            manifest = json.loads(_inside(entry, _MANIFEST).read_bytes())
            if manifest["code"] != code_version.LOADED:
                raise ValueError("another version has made them")
            for name, (size, digest) in manifest["files"].items():
                if _copy(_inside(entry, name), draft / name) != (size, digest):
                    raise ValueError(f"{name} is not what was kept")
            for part in PARTS:
                (draft / part).rename(target / part)
            os.utime(entry / _MANIFEST)
        except FileNotFoundError:
            self._remove(entry)  # whatever there is of it
            return False
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            sys.stderr.write(f"Examples that were kept cannot be reused: {error}\n")
            self._remove(entry)
            return False
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        return True

    def keep(self, key: str, source: Path) -> None:
        """Keeps what a job has made; does without where that is not possible."""
        draft = self.folder / f".{uuid.uuid4().hex}.draft"
        try:
            files = [file for part in PARTS for file in _files(source / part)]
            if sum(file.stat().st_size for file in files) > self.limit_bytes:
                return
            names = [file.relative_to(source).as_posix() for file in files]
            copied = {name: _copy(source / name, draft / name) for name in names}
            manifest = {"code": code_version.LOADED, "files": copied}
            (draft / _MANIFEST).write_text(json.dumps(manifest))
            if not code_version.unchanged():  # what was loaded, and when, cannot be told any more
                sys.stderr.write("The examples are not kept: Recsmith was upgraded meanwhile.\n")
                return
            if not (self.folder / key).exists():
                draft.rename(self.folder / key)
            self._evict()
        except OSError as error:
            sys.stderr.write(f"The examples are not kept for later tests: {error}\n")
        finally:
            shutil.rmtree(draft, ignore_errors=True)

    def _evict(self) -> None:
        """Removes what is beyond the limit, and what a kill has left."""
        entries = []
        for path in self.folder.iterdir():
            try:
                if path.name.startswith("."):
                    if time.time() - path.stat().st_mtime > _STALE_SECONDS:
                        shutil.rmtree(path, ignore_errors=True)
                    continue
                used = (path / _MANIFEST).stat().st_mtime_ns
                size = sum(file.stat().st_size for file in _files(path))
            except FileNotFoundError:  # another job has just removed or renamed it
                continue
            entries.append((used, size, path))
        total = sum(size for _, size, _ in entries)
        for _, size, path in sorted(entries):
            if total <= self.limit_bytes:
                return
            self._remove(path)
            total -= size

    def _remove(self, entry: Path) -> None:
        """At once for whoever looks; a job that is copying it finds it gone."""
        draft = self.folder / f".{uuid.uuid4().hex}.draft"
        try:
            entry.rename(draft)
        except OSError:
            return
        shutil.rmtree(draft, ignore_errors=True)


def _inside(entry: Path, name: str) -> Path:
    """A file of an entry, by its name in the manifest. Raises ValueError for one that is elsewhere,
    or is reached through a link."""
    path = entry / name
    parts = name.split("/")
    known = name == _MANIFEST or parts[0] in PARTS
    if not known or ".." in parts or path.resolve() != entry.parent.resolve() / entry.name / name:
        raise ValueError(f"{name!r} is not a file of the entry")
    return path


def _files(path: Path) -> list[Path]:
    found = path.rglob("*") if path.is_dir() else [path]
    return sorted(file for file in found if file.is_file())


def _copy(source: Path, target: Path) -> tuple[int, str]:
    """Size and digest of what was copied."""
    target.parent.mkdir(parents=True, exist_ok=True)
    digest, size = hashlib.blake2b(digest_size=20), 0
    with source.open("rb") as reading, target.open("xb") as writing:
        while chunk := reading.read(_CHUNK_BYTES):
            digest.update(chunk)
            size += len(chunk)
            writing.write(chunk)
    return size, digest.hexdigest()
