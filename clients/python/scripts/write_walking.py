"""Writes `recsmith_client/walking.py`: the module by which the commands find files, as it is."""

from __future__ import annotations

from simplified import PACKAGE, ROOT

SOURCE, FILE = ROOT / "shared" / "as_code" / "walking.py", PACKAGE / "walking.py"
_HEAD = "# Written by clients/python/scripts/write_walking.py from shared/as_code/walking.py.\n"


def walking() -> str:
    return _HEAD + SOURCE.read_text(encoding="utf-8")


if __name__ == "__main__":
    FILE.write_text(walking(), encoding="utf-8")
