"""The plan of an apply, on the terminal: its steps, as the API has them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from rich.markup import escape

from local.cli.output import out
from shared.as_code.kinds import KINDS
from shared.as_code.reading import Place
from shared.wording import plural

_SIGNS = {"create": "+", "update": "~", "mark": "·"}
_MOST_SHOWN = 12
_WIDEST = 60


def due(steps: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Those that write something."""
    return [step for step in steps if step["action"] != "unchanged"]


def show_plan(steps: Sequence[dict[str, Any]]) -> None:
    found = due(steps)
    for step in found:
        place = Place(step["file"], step["line"], step["column"])
        shown, note = f"{_SIGNS[step['action']]} {title(step)}", step["note"]
        out.print(
            f"{escape(shown)}  [note]{escape(str(place))}{'  ' if note else ''}{escape(note)}[/]",
            soft_wrap=True,
        )
        for change in step["changes"][:_MOST_SHOWN]:
            was, now = _short(change["was"]), _short(change["now"])
            told = f"{change['path']}: {was} → {now}"
            out.print(f"    {escape(told)}", soft_wrap=True)
        if (more := len(step["changes"]) - _MOST_SHOWN) > 0:
            out.print(f"    and {plural(more, 'further field')}")
    same = len(steps) - len(found)
    counts = [f"{plural(same, 'document')} unchanged"] if same else []
    for action, word in (("create", "to create"), ("update", "to update"), ("mark", "to mark")):
        if count := sum(step["action"] == action for step in found):
            counts.append(f"{count} {word}")
    out.print(f"[note]{', '.join(counts) or 'There are no documents'}.[/]")


def title(one: dict[str, Any]) -> str:
    """Of a step, or of a document that was written."""
    return f"{KINDS[one['kind']].noun} {one['name']!r}"


def _short(value: Any) -> str:
    if value is None:
        return "nothing"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _WIDEST else f"{text[: _WIDEST - 1]}…"
