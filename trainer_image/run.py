"""Runs one job: `python -m trainer_image.run JOBDIR`.

Reads `request.json` there, tells of each stage in `status.jsonl`, and writes `exit.json` as its
last act. Exit status 0 only where all stages succeeded; else the last line of stderr says why.
"""

from __future__ import annotations

import faulthandler
import json
import os
import sys
import traceback
import warnings
from pathlib import Path

from shared import code_version  # noqa: F401 - first: it notes which code is loaded
from shared.jobs import JobRequest
from shared.tables.faults import without_values
from trainer_image.job.leave import leave
from trainer_image.job.locations import CHECKPOINTS_FOLDER
from trainer_image.job.status import EXIT_FILE, JobFailedError, StatusLog, describe
from trainer_image.job.store import check_places


def main(job_dir: Path) -> int:
    faulthandler.enable()  # a crash of native code leaves its traceback in the log
    # TensorFlow Recommenders is written for Keras 2; both are read when TensorFlow is imported.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.simplefilter("ignore", FutureWarning)
    try:
        _run(job_dir)
    except Exception as error:
        if not isinstance(error, JobFailedError):
            sys.stderr.write(without_values(traceback.format_exc()))
        sys.stderr.write(f"{describe(error)}\n")
        return 1
    return 0


def _run(job_dir: Path) -> None:
    request = JobRequest.model_validate_json((job_dir / "request.json").read_bytes())
    check_places(request)
    run_job(request, job_dir, StatusLog(job_dir))


def run_job(
    request: JobRequest, job_dir: Path, status: StatusLog, checkpoints: str | None = None
) -> None:
    """Runs a job by the runner that it asks for.

    Args:
        checkpoints: folder for those of the training; None: one in `job_dir`.
    """
    checkpoints = checkpoints or str(job_dir / CHECKPOINTS_FOLDER)
    if request.runner == "tfx":
        from trainer_image.runners.tfx_pipeline import run_tfx

        run_tfx(request, job_dir, status, checkpoints)
    else:
        from trainer_image.runners.direct import run_direct

        run_direct(request, job_dir, status, checkpoints)


def _exit(job_dir: Path, returncode: int) -> None:
    """Notes the exit status, then leaves."""
    part = job_dir / f"{EXIT_FILE}.part"
    part.write_text(json.dumps({"returncode": returncode}))
    part.rename(job_dir / EXIT_FILE)
    leave(returncode)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python -m trainer_image.run JOBDIR")
    _exit(Path(sys.argv[1]), main(Path(sys.argv[1])))
