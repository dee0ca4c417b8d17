"""The trainer image's entry point on Vertex AI: runs one component of the pipeline.

python -m trainer_image.task --timeout_minutes 180 --executor_class_path … (arguments of TFX's own
entry point). Vertex says of a failed container no more than its exit status. So the cause is left
in `error.json` in the job's folder under the pipeline root: `{"task": …, "message": …}`.
"""

from __future__ import annotations

import argparse
import json
import os
import posixpath
import re
import runpy
import sys
import threading
import traceback
import warnings

from trainer_image.job.leave import leave
from trainer_image.job.locations import open_file, path_of
from trainer_image.job.status import describe
from trainer_image.job.store import STORE
from trainer_image.training.train import GPU, WORKERS

ERROR_FILE = "error.json"
TIMED_OUT = 124  # exit status, as of timeout(1)
_TFX_ENTRY_POINT = "tfx.orchestration.kubeflow.v2.container.kubeflow_v2_run_executor"


def main(arguments: list[str]) -> int:
    """Runs the component, and returns the exit status."""
    # TensorFlow Recommenders is written for Keras 2; both are read when TensorFlow is imported.
    os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
    warnings.simplefilter("ignore", FutureWarning)
    own, tfx = _own(arguments)
    if own.gpu:
        os.environ[GPU] = own.gpu
    if own.workers:
        os.environ[WORKERS] = own.workers
    if own.project:
        # In a container of Vertex AI, Google's clients take the tenant's project for ours.
        os.environ["GOOGLE_CLOUD_PROJECT"] = own.project
    # …/<job>/<task>_<id of its execution>/executor_output.json
    task_folder = posixpath.dirname(
        json.loads(own.json_serialized_invocation_args)["outputs"]["outputFile"]
    )
    if bucket := re.match("gs://[^/]+", task_folder):  # the store's, as is the pipeline's root
        os.environ[STORE] = bucket[0]
    if told := _told(task_folder):
        sys.stderr.write(f"It failed before, and would again: {told}\n")
        return 1
    watch = threading.Timer(own.timeout_minutes * 60, _time_out, [task_folder, own.timeout_minutes])
    watch.daemon = True
    watch.start()
    sys.argv = [_TFX_ENTRY_POINT, *tfx]
    try:
        runpy.run_module(_TFX_ENTRY_POINT, run_name="__main__", alter_sys=True)
    except SystemExit as end:
        if end.code:
            _report(task_folder, f"TFX's entry point ended with exit status {end.code}.")
            return 1
    except Exception as error:
        traceback.print_exc()
        _report(task_folder, describe(error))
        return 1
    finally:
        watch.cancel()
    return 0


def _own(arguments: list[str]) -> tuple[argparse.Namespace, list[str]]:
    """What is read here, and the arguments for TFX, which reads the invocation too."""
    parser = argparse.ArgumentParser(prog="python -m trainer_image.task", allow_abbrev=False)
    parser.add_argument("--timeout_minutes", type=float, required=True)
    parser.add_argument("--billed_project", dest="project")
    parser.add_argument("--training_gpu", dest="gpu")
    parser.add_argument("--training_workers", dest="workers")
    _, tfx = parser.parse_known_args(arguments)
    parser.add_argument("--json_serialized_invocation_args", required=True)
    own, _ = parser.parse_known_args(arguments)
    return own, tfx


def _time_out(task_folder: str, minutes: float) -> None:
    _report(
        task_folder,
        f"It took longer than {minutes:g} minutes, the limit that the pipeline's template sets. "
        "Take a smaller sample or fewer epochs, or compile a template with a higher limit.",
    )
    os._exit(TIMED_OUT)


def _told(task_folder: str) -> str | None:
    """Why an earlier try of this task has failed, where it could tell; a killed one could not."""
    try:
        with open_file(path_of(_error_file(task_folder)), "r") as file:
            error = json.load(file)
    except (OSError, ValueError):
        return None
    except Exception as fault:  # TensorFlow's own
        sys.stderr.write(f"Whether it failed before cannot be told: {describe(fault)}\n")
        return None
    return str(error.get("message")) if error.get("task") == _task(task_folder) else None


def _report(task_folder: str, message: str) -> None:
    task = _task(task_folder)
    sys.stderr.write(f"{task}: {message}\n")
    sys.stderr.flush()
    with open_file(path_of(_error_file(task_folder)), "w") as file:
        json.dump({"task": task, "message": message}, file)


def _error_file(task_folder: str) -> str:
    return posixpath.join(posixpath.dirname(task_folder), ERROR_FILE)


def _task(task_folder: str) -> str:
    return posixpath.basename(task_folder).rpartition("_")[0]


if __name__ == "__main__":
    leave(main(sys.argv[1:]))
