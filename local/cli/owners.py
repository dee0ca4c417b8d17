"""Documents that files keep."""

from __future__ import annotations

from typing import Any

from rich.markup import escape

from local.cli.output import err


def say_owner(held: dict[str, Any]) -> None:
    """Warns where a file keeps a document."""
    if owner := held.get("managed_by"):
        err.print(
            f"[bad]![/] {escape(held['name'])} is kept in {escape(owner['path'])}: change it "
            "there, or the next `recsmith apply` puts it back.",
            soft_wrap=True,
        )
