"""Stages that an earlier process of a job has finished: whoever takes the job up again does not do
them once more, where what they left is whole."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path
from typing import Any

from shared.jobs import Stage

FINISHED_FILE = "finished.json"
_PARTS = "parts"
_FILES = "files"


class Finished:
    """
    Args:
        job_dir: where it is noted.
        output: what stages leave is below it; None where that is not on this machine, and every
            stage is done anew.
        made_by: names the code that runs; what other code has finished is done anew.
    """

    def __init__(self, job_dir: Path, output: Path | None, made_by: str) -> None:
        self._note = job_dir / FINISHED_FILE
        self._output = output or Path()
        self._kept = output is not None
        self._made_by = made_by
        self._stages: dict[str, dict[str, Any]] = {}
        try:
            note = json.loads(self._note.read_bytes())
            if note["made_by"] == made_by:
                self._stages = dict(note["stages"])
        except (OSError, ValueError, KeyError, TypeError):
            pass  # nothing was finished, or that cannot be told

    def has(self, stage: Stage) -> bool:
        """Whether a stage was finished, and all that it left is as it was."""
        noted = self._stages.get(stage.value) if self._kept else None
        return noted is not None and self._digests(*noted[_PARTS]) == noted[_FILES]

    def add(self, stage: Stage, *parts: str) -> None:
        """Notes a stage with the files and folders that it has left."""
        if not self._kept:
            return
        noted = {_PARTS: [*parts], _FILES: self._digests(*parts)}
        self._stages[stage.value] = noted
        part = self._note.with_name(f"{FINISHED_FILE}.part")
        part.write_text(json.dumps({"made_by": self._made_by, "stages": self._stages}))
        part.replace(self._note)

    def begin(self, *parts: str) -> None:
        """Clears what a process that was killed in the middle of a stage may have left."""
        for part in parts if self._kept else ():
            path = self._output / part
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink(missing_ok=True)

    def _digests(self, *parts: str) -> dict[str, str]:
        found = {}
        for part in parts:
            path = self._output / part
            for file in sorted(path.rglob("*") if path.is_dir() else [path]):
                if file.is_file():
                    with file.open("rb") as content:
                        digest = hashlib.file_digest(content, "sha256").hexdigest()
                    found[file.relative_to(self._output).as_posix()] = digest
        return found
