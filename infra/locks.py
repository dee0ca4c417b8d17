"""What each image is made of, as the locks say."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

REPOSITORY = Path(__file__).resolve().parents[1]
# Where the images run: markers of the locks, which are for any machine, are asked for this one.
_MACHINE = {
    "python_version": "3.11",
    "python_full_version": "3.11.14",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "platform_machine": "x86_64",
    "os_name": "posix",
}


@dataclass(frozen=True)
class Package:
    """A locked package.

    Attributes:
        ecosystem: as OSV calls it, `PyPI` or `npm`.
        hashes: `(algorithm, hex digits)` of the files that are accepted, any of them.
        licence: as the lock says, an SPDX expression; "" where it says none.
    """

    ecosystem: str
    name: str
    version: str
    hashes: tuple[tuple[str, str], ...] = ()
    licence: str = ""

    @property
    def purl(self) -> str:
        """https://github.com/package-url/purl-spec"""
        name = quote(self.name, safe="/")
        return f"pkg:{self.ecosystem.lower()}/{name}@{quote(self.version, safe='')}"


def python_lock(name: str) -> list[Package]:
    """The files in `requirements/` on the images' machine, by name."""
    text = (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8")
    lines = re.sub(r"\\\n", " ", text).splitlines()
    return sorted(_required(lines), key=lambda package: package.name)


def _required(lines: list[str]) -> Iterator[Package]:
    for line in lines:
        wanted, *hashes = line.partition("#")[0].split("--hash=")
        if not wanted.strip():
            continue
        required = Requirement(wanted)
        if required.marker is None or required.marker.evaluate(_MACHINE):
            (pinned,) = required.specifier
            digests = tuple(
                (algorithm.upper().replace("SHA", "SHA-"), digest)
                for algorithm, digest in (one.strip().split(":") for one in hashes)
            )
            yield Package("PyPI", canonicalize_name(required.name), pinned.version, digests)


def console_lock() -> list[Package]:
    """What the built console has of npm's packages, by name; not what it is built with."""
    text = (REPOSITORY / "console" / "package-lock.json").read_text(encoding="utf-8")
    found = {
        (name := path.rpartition("node_modules/")[2], entry["version"]): Package(
            "npm", name, entry["version"], _integrity(entry), entry.get("license", "")
        )
        for path, entry in json.loads(text)["packages"].items()
        if path and not (entry.get("dev") or entry.get("link"))
    }
    return [found[key] for key in sorted(found)]


def _integrity(entry: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """https://www.w3.org/TR/SRI/: `sha512-BASE64`, in hex digits."""
    given = [one.partition("-") for one in entry.get("integrity", "").split()]
    return tuple(
        (algorithm.upper().replace("SHA", "SHA-"), base64.b64decode(digest).hex())
        for algorithm, _, digest in given
    )


_DOCKERFILES = {
    "trainer": "trainer_image/Dockerfile",
    "trainer-gpu": "trainer_image/Dockerfile",
    "mlflow": "infra/mlflow/Dockerfile",
}


def bases(image: str) -> list[str]:
    """The images that one is built from, as its Dockerfile names them; none without one."""
    if image not in _DOCKERFILES:
        return []
    text = (REPOSITORY / _DOCKERFILES[image]).read_text(encoding="utf-8")
    return re.findall(r"^FROM (\S+)", text, re.MULTILINE)


IMAGES = {
    "trainer": (("trainer",), False),
    "trainer-gpu": (("trainer-gpu",), False),
    "functions": (("functions",), True),
    "mlflow": (("mlflow",), False),
    "laptop": (("light",), True),
}


def packages_of(image: str) -> list[Package]:
    """All locked packages of an image; of a laptop, those beside the trainer's."""
    locks, console = IMAGES[image]
    found = [package for lock in locks for package in python_lock(lock)]
    return found + (console_lock() if console else [])
