"""A copy of the product to which nothing is added but a file for each of some kinds.

`shared/` here has the files, one of a feature, a transform, a layer, a loss and an optimizer, where
they go.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def run(folder: Path, *arguments: str) -> None:
    """Runs `child.py` over such a copy, which it makes in `folder`."""
    copy = folder / "copy"
    for name in ("shared", "functions"):
        shutil.copytree(
            REPOSITORY / name, copy / name, ignore=shutil.ignore_patterns("__pycache__")
        )
    shutil.copytree(Path(__file__).parent / "shared", copy / "shared", dirs_exist_ok=True)
    path = os.pathsep.join([str(copy), str(REPOSITORY)])
    ended = subprocess.run(
        [sys.executable, "-m", "tests.added_kinds.child", str(folder), *arguments],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr[-4000:]
