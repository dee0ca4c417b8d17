"""The Terraform configuration, parsed."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2
import pytest

FOLDER = Path(__file__).parents[2] / "infra" / "terraform"
FILES = sorted(FOLDER.glob("*.tf"))
Body = dict[str, Any]

needs_terraform = pytest.mark.skipif(
    shutil.which("terraform") is None, reason="terraform is not installed"
)


@dataclass(frozen=True)
class Block:
    """A resource or a data source."""

    file: Path
    kind: str
    name: str
    body: Body

    @property
    def address(self) -> str:
        return f"{self.kind}.{self.name}"


def parsed(file: Path) -> Body:
    body: Body = hcl2.loads(file.read_text(encoding="utf-8"))
    return body


def blocks(section: str) -> Iterator[Block]:
    """All of `resource` or `data`."""
    for file in FILES:
        for part in parsed(file).get(section, []):
            for kind, named in part.items():
                for name, body in named.items():
                    yield Block(file, kind, name, body)


def names(section: str) -> set[str]:
    """Names of all of `variable`, `output` or `locals`."""
    found: set[str] = set()
    for file in FILES:
        for part in parsed(file).get(section, []):
            found |= {name for name in part if not name.startswith("__")}
    return found


def text(file: Path) -> str:
    """A file without its comments."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return "\n".join(re.sub(r"(^|\s)#\s.*$", r"\1", line) for line in lines)


ALL_TEXT = "\n".join(map(text, FILES))


def value(body: Body, name: str) -> Any:
    """An argument's value, or None."""
    found = body.get(name)
    return found[0] if isinstance(found, list) else found
