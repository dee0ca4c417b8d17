"""Writes the reference in `docs/client.md` from the client's docstrings."""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterator
from typing import Any

from simplified import ROOT

sys.path.insert(0, str(ROOT / "clients" / "python"))

import recsmith_client
from recsmith_client import Client, tokens
from recsmith_client._sync import connection, documents, quick_tests, runs

FILE = ROOT / "docs" / "client.md"
_BEGIN = "<!-- Written by clients/python/scripts/write_page.py from docstrings. -->\n"
_CLASSES = [
    (Client, "Client"),
    (connection.Connection, "Any operation"),
    (documents.Listed, "Documents of every kind"),
    (documents.Kept, "Documents that are created and deleted"),
    (documents.Edited, "Documents that are changed"),
    (runs.Runs, "Quick tests, sweeps and tunings"),
    (quick_tests.QuickTests, "Quick tests"),
]
_FUNCTIONS = [
    recsmith_client.frame,
    recsmith_client.baselines_frame,
    recsmith_client.show_progress,
    tokens.environment,
    tokens.gcloud,
    tokens.google,
]


def page() -> str:
    """The page, its reference written anew."""
    kept = FILE.read_text(encoding="utf-8").partition(_BEGIN)[0]
    return kept + _BEGIN + "".join(f"\n{part}\n" for part in _parts())


def _parts() -> Iterator[str]:
    for kind, heading in _CLASSES:
        yield f"### {heading}"
        yield _told(kind)
        for name, member in vars(kind).items():
            if inspect.isfunction(member) and not name.startswith("_"):
                yield f"#### `{name}{_signature(member)}`"
                yield _told(member)
    yield "### Functions"
    for function in _FUNCTIONS:
        module = "tokens." if function.__module__.endswith("tokens") else ""
        yield f"#### `{module}{function.__name__}{_signature(function)}`"
        yield _told(function)
    yield "### Exceptions"
    for name in recsmith_client.__all__:
        found = getattr(recsmith_client, name)
        if isinstance(found, type) and issubclass(found, Exception):
            yield f"#### `{name}`"
            yield _told(found)


def _signature(function: Any) -> str:
    """Without `self` and without types of this package's modules' long names."""
    signature = inspect.signature(function)
    given = [one for one in signature.parameters.values() if one.name != "self"]
    shown = signature.replace(
        parameters=[one.replace(annotation=one.empty) for one in given],
        return_annotation=signature.empty,
    )
    return f"{shown} -> {signature.return_annotation}"


def _told(thing: Any) -> str:
    """A docstring as Markdown: `Args:` and the like as lists."""
    lines: list[str] = []
    item = False
    for line in (inspect.getdoc(thing) or "").splitlines():
        if re.fullmatch(r"(Args|Raises|Attributes):", line):
            lines += [f"*{line[:-1]}*", ""]
            item = True
        elif item and (found := re.fullmatch(r"    ([\w, ]+): (.*)", line)):
            lines.append(f"- `{found[1]}`: {found[2]}")
        elif item and line.startswith("     "):
            lines.append(f"  {line.strip()}")
        else:
            lines.append(line)
    return "\n".join(lines).strip()


if __name__ == "__main__":
    FILE.write_text(page(), encoding="utf-8")
