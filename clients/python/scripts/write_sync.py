"""Writes `recsmith_client/_sync/`: `recsmith_client/_async/` without `async` and `await`."""

from __future__ import annotations

import re

from simplified import PACKAGE
from styled import styled

SOURCE, TARGET = PACKAGE / "_async", PACKAGE / "_sync"
_HEAD = (
    "# Written by clients/python/scripts/write_sync.py from the module of this name in _async.\n"
)
_REPLACED = {
    r"\bimport asyncio\n": "",
    r"\basyncio\.sleep\b": "time.sleep",
    r"\bawait ": "",
    r"\[(\w+) async for \1 in (\S+)\]$": r"list(\2)",
    r"\basync (def|for|with)\b": r"\1",
    r"__a(enter|exit)__": r"__\1__",
    r"\ba(close|read)\b": r"\1",
    r"\baiter_(lines|bytes)\b": r"iter_\1",
    r"\b_async\b": "_sync",
    r"\bAsync([A-Z]\w*)": r"\1",
    r"The client for asyncio.*": 'The client, written from that for asyncio."""',
}


def modules() -> dict[str, str]:
    """The modules by their names, formatted."""
    written = {}
    for file in sorted(SOURCE.glob("*.py")):
        source = file.read_text(encoding="utf-8")
        for pattern, replacement in _REPLACED.items():
            source = re.sub(pattern, replacement, source, flags=re.MULTILINE)
        written[file.name] = styled(_HEAD + source, TARGET / file.name)
    return written


if __name__ == "__main__":
    for name, source in modules().items():
        (TARGET / name).write_text(source, encoding="utf-8")
