"""Writes the functions' source as one archive: `python infra/bundle.py build/functions.zip`.

The same source gives the same bytes, so that the archive's hash tells whether anything changed.
"""

from __future__ import annotations

import sys
import tomllib
import zipfile
from collections.abc import Iterator
from pathlib import Path

REPOSITORY = Path(__file__).resolve().parents[1]
PACKAGES = ("functions", "shared")
_CONSOLE = REPOSITORY / "console" / "dist"
_NO_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that an archive knows
_MAIN = '''"""Where Cloud Functions looks for entry points."""

from functions.main import *  # noqa: F403
'''


def main(target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_suffix(".part")
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name, content in sorted(files()):
            entry = zipfile.ZipInfo(name, _NO_DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, content)
    part.replace(target)


def files() -> Iterator[tuple[str, bytes]]:
    """Names in the archive, with contents."""
    yield "main.py", _MAIN.encode()
    yield "requirements.txt", (REPOSITORY / "requirements" / "functions.txt").read_bytes()
    yield from _metadata()
    for package in PACKAGES:
        for path in (REPOSITORY / package).rglob("*"):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path.relative_to(REPOSITORY).as_posix(), path.read_bytes()
    for path in _CONSOLE.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            yield f"console/{path.relative_to(_CONSOLE).as_posix()}", path.read_bytes()


def _metadata() -> Iterator[tuple[str, bytes]]:
    """What installing the project would leave: the API tells its version from it."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    name, version = project["name"], project["version"]
    content = f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"
    yield f"{name}-{version}.dist-info/METADATA", content.encode()


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python infra/bundle.py FILE")
    main(Path(sys.argv[1]))
