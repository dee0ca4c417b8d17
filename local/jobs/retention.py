"""How long a laptop keeps what jobs leave, as a bucket's lifecycle rules do on Google Cloud."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.jobs.erasing import folders
from local.jobs.job_folder import JobFolder
from local.jobs.pipelines import JOB_ID
from shared.errors import RefusedError, UnavailableError
from shared.places import output_key
from shared.ports import ArtifactStore

_SWEEP_SECONDS = 3600.0


@dataclass(frozen=True)
class Retention:
    """Attributes:
    samples: examples that no test has taken over for so long.
    intermediates: what training has read of a test's files, and what TFX's components handed each
        other, after its end.
    logs: what a job has said, after its end.
    quick_tests: the models and files of quick tests, after their end; results stay on documents,
        and full trainings whole.

    None keeps for ever.
    """

    samples: timedelta | None = timedelta(days=30)
    intermediates: timedelta | None = timedelta(days=14)
    logs: timedelta | None = timedelta(days=90)
    quick_tests: timedelta | None = timedelta(days=365)


class Sweep:
    """Removes what was kept long enough; at most once an hour, however often it is called.

    Args:
        artifacts: where jobs leave their files.
        copies: a folder for each job with what it has left, from where that was uploaded; None
            where it was not.
    """

    def __init__(
        self,
        home: Path,
        retention: Retention,
        artifacts: ArtifactStore,
        copies: Path | None = None,
    ) -> None:
        self._home = home
        self._retention = retention
        self._artifacts = artifacts
        self._copies = copies
        self._swept: float | None = None

    def __call__(self) -> None:
        if self._swept is not None and time.monotonic() - self._swept < _SWEEP_SECONDS:
            return
        self._swept = time.monotonic()
        for path in self._due():
            if isinstance(path, str):
                with suppress(UnavailableError, RefusedError):  # in an hour again
                    self._artifacts.remove(path)
            elif path.is_dir():
                shutil.rmtree(path, ignore_errors=True)
            else:
                path.unlink(missing_ok=True)

    def _due(self) -> Iterator[Path | str]:
        """Files and folders of the home, and folders of artifacts by their keys."""
        keep = self._retention
        for entry in folders(self._home / "cache" / "examples"):
            if not entry.name.startswith(".") and _is_over(entry / "manifest.json", keep.samples):
                yield entry
        for folder in folders(self._home / "jobs"):
            if not JOB_ID.fullmatch(folder.name) or not JobFolder(folder).announced:
                continue
            ended = folder / "exit.json"
            quick = output_key(folder.name, "quick_test")
            full = output_key(folder.name, "full_training")
            if _is_over(ended, keep.quick_tests):
                yield quick
            if _is_over(ended, keep.intermediates):
                if self._copies is not None:  # first, for what is there is uploaded again
                    yield self._copies / folder.name
                yield from (f"{quick}/transformed", f"{full}/transformed", folder / "pipeline")
            if _is_over(ended, keep.logs):
                yield from (folder / "log.txt", folder / "model_run")


def _is_over(file: Path, kept: timedelta | None) -> bool:
    """Whether a file was written longer ago than that."""
    try:
        return kept is not None and time.time() - file.stat().st_mtime > kept.total_seconds()
    except FileNotFoundError:
        return False
