"""What runs, told in a line."""

from __future__ import annotations

import sys
from typing import Any, TextIO


def progress_line(run: Any) -> str:
    """`Shop: running 45%, train, epoch 1 of 2, loss 0.41` of a test; of others what they have."""
    status = run.status
    parts = [f"{run.name}: {status.state}"]
    if (progress := getattr(status, "progress", None)) is not None:
        parts[0] += f" {progress:g}%"
    if stage := getattr(status, "stage", None):
        parts.append(str(stage))
    epochs = getattr(status, "epochs", None)
    if epochs and stage == "train":
        parts.append(f"epoch {epochs[-1].epoch} of {run.spec.epochs}, loss {epochs[-1].loss:.4g}")
    return ", ".join(parts)


def show_progress(run: Any, file: TextIO | None = None) -> None:
    """Writes a line on standard error: over the one before on a terminal, else beneath it."""
    out = file or sys.stderr
    line = progress_line(run)
    if out.isatty():
        last = run.status.state in ("completed", "failed", "cancelled")
        out.write(f"\r\x1b[K{line}" + ("\n" if last else ""))
    else:
        out.write(f"{line}\n")
    out.flush()
