"""Writes a bill of materials for each image: `python -m infra.sbom FOLDER`.

CycloneDX 1.5, JSON (https://cyclonedx.org/docs/1.5/json/), made from the locks: the same locks give
the same bytes. What the base images bring of their own (Debian's packages) is not in it; the images
themselves are, as the Dockerfile names them.
"""

from __future__ import annotations

import json
import sys
import tomllib
import uuid
from pathlib import Path
from typing import Any

from infra.locks import IMAGES, REPOSITORY, Package, bases, packages_of

_ACCEPTED = "recsmith:accepted-hash"  # one of a file that the lock lets be installed
_NAMESPACE = uuid.UUID("0a1f2bd2-9f0c-5d0e-8a5c-2f5f0f5a4f11")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for image in IMAGES:
        file = folder / f"{image}.cdx.json"
        file.write_text(json.dumps(bill(image), indent=2) + "\n", encoding="utf-8")
        print(file)  # noqa: T201


def bill(image: str) -> dict[str, Any]:
    """An image's bill of materials."""
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    components = [_library(package) for package in packages_of(image)]
    components += [_container(name) for name in bases(image)]
    about = {
        "type": "container" if image != "laptop" else "application",
        "bom-ref": f"recsmith-{image}",
        "name": f"recsmith-{image}",
        "version": project["version"],
        "licenses": [{"license": {"id": project["license"]}}],
    }
    content = json.dumps([about, components])
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "serialNumber": f"urn:uuid:{uuid.uuid5(_NAMESPACE, content)}",
        "version": 1,
        "metadata": {"component": about},
        "components": components,
        "dependencies": [
            {"ref": about["bom-ref"], "dependsOn": [one["bom-ref"] for one in components]}
        ],
    }


def _library(package: Package) -> dict[str, Any]:
    group, _, name = package.name.rpartition("/")
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": package.purl,
        **({"group": group} if group else {}),
        "name": name,
        "version": package.version,
        "purl": package.purl,
    }
    if package.licence:
        found["licenses"] = [{"expression": package.licence}]
    if len(package.hashes) == 1:
        ((algorithm, digest),) = package.hashes
        found["hashes"] = [{"alg": algorithm, "content": digest}]
    elif package.hashes:  # of several files, of which the installer takes one
        found["properties"] = [
            {"name": _ACCEPTED, "value": f"{algorithm}:{digest}"}
            for algorithm, digest in package.hashes
        ]
    return found


def _container(image: str) -> dict[str, Any]:
    tagged, _, digest = image.partition("@sha256:")
    name, _, version = tagged.partition(":")
    found: dict[str, Any] = {"type": "container", "bom-ref": image, "name": name}
    if version:
        found["version"] = version
    if digest:
        found["hashes"] = [{"alg": "SHA-256", "content": digest}]
    return found


if __name__ == "__main__":
    main(Path(sys.argv[1]))
