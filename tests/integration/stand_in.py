"""A stand-in for the trainer's Python: as quick as a test wants it, with results made up."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.integration import stand_in_program


def stand_in(folder: Path) -> Path:
    """Writes the stand-in; it is called like a Python (`stand_in -m trainer_image.run JOBDIR`)."""
    path = folder / "python"
    source = Path(stand_in_program.__file__).read_text(encoding="utf-8")
    path.write_text(f"#!{sys.executable} -S\n{source}", encoding="utf-8")
    path.chmod(0o755)
    return path
