"""What a training or predicting process is told of the environment that Recsmith was started in."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[2]
_OWN = {
    "PYTHONPATH": str(REPOSITORY),
    "TF_CPP_MIN_LOG_LEVEL": "2",
    "TF_USE_LEGACY_KERAS": "1",
}
_NAMES = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "XDG_CACHE_HOME"),
        *("LD_LIBRARY_PATH", "LD_PRELOAD"),
        *("RECSMITH_CHECKPOINT_SECONDS", "RECSMITH_CHECKPOINTS_MIB"),
        *("RECSMITH_CACHE_MIB", "RECSMITH_SHARD_ROWS", "RECSMITH_TRAINING_GPU", "RECSMITH_VERSION"),
    }
)
# Threads, memory and accelerators, as the libraries read them.
_PREFIXES = (
    *("LC_", "PYTHON", "MALLOC_", "OMP_", "MKL_", "KMP_", "OPENBLAS_"),
    *("TF_", "XLA_", "CUDA_", "NVIDIA_", "RECSMITH_TEST_"),
)


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """The variables of this process that training and predicting need, without whatever else it
    was given, such as passwords; Recsmith's own, and `more`."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name in _NAMES or name.startswith(_PREFIXES)
    }
    return {**kept, **_OWN, **more}


def default_trainer_command() -> list[str]:
    return [trainer_python(), "-m", "trainer_image.run"]


def spare_trainer_command() -> list[str]:
    modules = ["local.jobs.spare_trainer", "trainer_image.warm", "trainer_image.run"]
    return [trainer_python(), "-m", *modules]


def trainer_python() -> str:
    return os.environ.get("RECSMITH_TRAINER_PYTHON") or str(
        REPOSITORY / ".venv-trainer" / "bin" / "python"
    )
