"""Looks the locked packages up in advisories of a file: `python -m infra.advisories FILE…`.

A file is in the OSV format (https://ossf.github.io/osv-schema/): one entry, a list of them, or an
archive of them, as osv.dev gives out for each ecosystem. Needs no network. Exits with 1 where a
package is affected and docs/dependencies.md does not name the advisory.
"""

from __future__ import annotations

import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

from infra.locks import IMAGES, REPOSITORY, Package, packages_of

_PAGE = "docs/dependencies.md"


class AdvisoryFileError(Exception):
    """A file that holds no advisories; the message says which and why."""


@dataclass(frozen=True)
class Found:
    """A locked package that an advisory is about."""

    package: Package
    images: tuple[str, ...]
    ids: tuple[str, ...]
    summary: str
    fixed: str

    @property
    def line(self) -> str:
        mended = f"fixed in {self.fixed}" if self.fixed else "no fix is known"
        where = ", ".join(self.images)
        name = f"{self.package.name} {self.package.version}"
        return f"{name} ({where}): {' '.join(self.ids)}, {mended}. {self.summary}".rstrip()


def main(files: list[Path]) -> int:
    if not files:
        sys.stderr.write("Name files of advisories in the OSV format: make advisories FILE=…\n")
        return 2
    try:
        advisories = [entry for file in files for entry in entries(file)]
    except AdvisoryFileError as error:
        sys.stderr.write(f"{error}\n")
        return 2
    packages = locked()
    known = (REPOSITORY / _PAGE).read_text(encoding="utf-8")
    open_ones = 0
    for one in sorted(affected(advisories, packages), key=lambda found: found.line):
        argued = any(re.search(rf"\b{re.escape(name)}\b", known) for name in one.ids)
        open_ones += not argued
        print(f"{'known ' if argued else 'OPEN  '} {one.line}")  # noqa: T201
    newest = max(str(entry.get("modified", "")) for entry in advisories)[:10] or "no date"
    print(  # noqa: T201
        f"{len(packages)} locked packages against {len(advisories):,} advisories, the newest of"
        f" {newest}: {open_ones} open, beside those that {_PAGE} names."
    )
    return 1 if open_ones else 0


def entries(file: Path) -> list[dict[str, Any]]:
    """The advisories of a file. Raises AdvisoryFileError."""
    try:
        if zipfile.is_zipfile(file):
            with zipfile.ZipFile(file) as archive:
                texts = [
                    archive.read(name) for name in archive.namelist() if name.endswith(".json")
                ]
        else:
            texts = [file.read_bytes()]
        read = [json.loads(text) for text in texts]
    except (OSError, ValueError, zipfile.BadZipFile) as error:
        raise AdvisoryFileError(f"{file} cannot be read as advisories: {error}.") from None
    found = [entry for one in read for entry in (one if isinstance(one, list) else [one])]
    if not found or not all(isinstance(one, dict) and "id" in one for one in found):
        raise AdvisoryFileError(f"{file} holds no advisories in the OSV format: `id` is missing.")
    return found


def locked() -> dict[Package, tuple[str, ...]]:
    """Every locked package, and the images that it is in."""
    found: dict[Package, tuple[str, ...]] = {}
    for image in IMAGES:
        for package in packages_of(image):
            found[package] = (*found.get(package, ()), image)
    return found


def affected(
    advisories: list[dict[str, Any]], packages: dict[Package, tuple[str, ...]]
) -> Iterator[Found]:
    """What is told of the locked versions; what was withdrawn is left out."""
    by_name: dict[tuple[str, str], list[Package]] = {}
    for package in packages:
        by_name.setdefault((package.ecosystem, package.name), []).append(package)
    for entry in advisories:
        if entry.get("withdrawn"):
            continue
        ids = (entry["id"], *entry.get("aliases", ()))
        for told in entry.get("affected", ()):
            about = told.get("package", {})
            ecosystem, name = about.get("ecosystem", ""), about.get("name", "")
            key = (ecosystem, canonicalize_name(name) if ecosystem == "PyPI" else name)
            for package in by_name.get(key, ()):
                if concerns(told, package):
                    summary = entry.get("summary") or entry.get("details", "").split("\n")[0]
                    yield Found(package, packages[package], ids, summary[:200], _fixed(told))


def concerns(told: dict[str, Any], package: Package) -> bool:
    """Whether an entry's `affected` covers the version: it is listed, or in one of the ranges."""
    if package.version in told.get("versions", ()):
        return True
    ranges = [one for one in told.get("ranges", ()) if one.get("type") in ("ECOSYSTEM", "SEMVER")]
    return any(_within(one.get("events", ()), package) for one in ranges)


def _within(events: list[dict[str, str]], package: Package) -> bool:
    """By the evaluation algorithm of the OSV schema, over the events in the order of versions."""
    key = _pep440 if package.ecosystem == "PyPI" else _semver
    here, inside = key(package.version), False
    steps = [(key(version), kind) for event in events for kind, version in event.items()]
    for at, kind in sorted(steps, key=lambda step: (step[0], step[1] != "introduced")):
        if kind == "introduced" and here >= at:
            inside = True
        elif (kind == "fixed" and here >= at) or (kind == "last_affected" and here > at):
            inside = False
    return inside


def _pep440(version: str) -> Any:
    """What is no version comes before all: an advisory too many rather than one too few."""
    try:
        return Version(version)
    except InvalidVersion:
        return Version("0.dev0")


def _semver(version: str) -> Any:
    """https://semver.org/#spec-item-11"""
    release, _, before = version.partition("+")[0].partition("-")
    numbers = [int(part) if part.isdecimal() else 0 for part in release.split(".")]
    parts = [
        (0, int(part), "") if part.isdecimal() else (1, 0, part)
        for part in (before.split(".") if before else ())
    ]
    return [*numbers, 0, 0, 0][:3], not before, parts


def _fixed(told: dict[str, Any]) -> str:
    found = [
        event["fixed"]
        for one in told.get("ranges", ())
        if one.get("type") != "GIT"
        for event in one.get("events", ())
        if "fixed" in event
    ]
    return ", ".join(dict.fromkeys(found))


if __name__ == "__main__":
    sys.exit(main([Path(name) for name in sys.argv[1:]]))
