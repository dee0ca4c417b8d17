"""Generated source in the repository's style."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[3]


def styled(source: str, file: Path) -> str:
    """Args: file: that the source is for, by which rules are chosen."""
    for command in (
        ["check", "--fix-only", "--quiet", "--select", "I,UP,F401"],
        ["format", "--quiet"],
    ):
        source = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(file), "-"],
            cwd=_ROOT,
            input=source,
            capture_output=True,
            text=True,
            check=True,
        ).stdout
    return source
