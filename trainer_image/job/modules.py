"""Generated modules: fetched, verified against their hash, imported."""

from __future__ import annotations

import hashlib
import importlib.util
import re
import sys
from pathlib import Path, PurePosixPath
from types import ModuleType

from shared.documents.base import CodeArtifact
from shared.wording import sentence
from trainer_image.job.locations import open_file, path_of
from trainer_image.job.status import JobFailedError
from trainer_image.job.store import check_module

_SHA256 = re.compile(r"[0-9a-f]{64}")


def artifact_of(text: str) -> CodeArtifact:
    """A module that is named with its SHA-256: as its file's name, or behind `#sha256=`.

    Raises:
        JobFailedError: the hash is missing.
    """
    uri, _, said = text.partition("#sha256=")
    digest = said or PurePosixPath(uri).stem
    if not _SHA256.fullmatch(digest):
        raise JobFailedError(
            f"The module {text} cannot be verified: expected its SHA-256 as the file's name, or "
            "behind #sha256=."
        )
    return CodeArtifact(uri=uri, sha256=digest)


def fetch_module(artifact: CodeArtifact, folder: Path, name: str) -> Path:
    """A verified copy of the module in `folder`, as `<name>_<start of its hash>.py`.

    Raises:
        JobFailedError: the file is missing or not where the store has it, or its SHA-256 is not the
            one that was recorded.
    """
    check_module(name, artifact)
    try:
        with open_file(path_of(artifact.uri), "rb") as file:
            source: bytes = file.read()
    except OSError as error:
        raise JobFailedError(sentence(f"The {name} module cannot be read: {error}")) from error
    found = hashlib.sha256(source).hexdigest()
    if found != artifact.sha256:
        raise JobFailedError(
            f"The {name} module {artifact.uri} has changed since it was generated: its SHA-256 is "
            f"{found}, expected {artifact.sha256}."
        )
    folder.mkdir(parents=True, exist_ok=True)
    copy = folder / f"{name}_{found[:12]}.py"
    copy.write_bytes(source)
    return copy


def import_module(path: Path) -> ModuleType:
    """Imports a verified copy. A file is kept, for AutoGraph and tracebacks read the source."""
    specification = importlib.util.spec_from_file_location(path.stem, path)
    assert specification is not None
    assert specification.loader is not None
    module = importlib.util.module_from_spec(specification)
    sys.modules[path.stem] = module
    specification.loader.exec_module(module)
    return module
