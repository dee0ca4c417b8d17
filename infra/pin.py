"""Pins what the images are built from and by: `python -m infra.pin`.

Base images and the build's steps get the digests that the registries hold now, the workflow's
actions their commits; tags stay beside them. Asks `docker buildx imagetools` and `git ls-remote`;
where one does not answer, nothing is changed.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from infra.locks import REPOSITORY

_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_COMMIT = re.compile(r"[0-9a-f]{40}")
_IMAGE = r"(?P<name>[\w./-]+(?::[\w.-]+)?)(?:@sha256:[0-9a-f]{64})?"


class PinError(Exception):
    """A registry that does not answer; the message says what it said."""


def main(root: Path) -> int:
    try:
        changed = pinned(root)
    except PinError as error:
        sys.stderr.write(f"{error} Nothing was changed.\n")
        return 1
    for file, text in changed.items():
        file.write_text(text, encoding="utf-8")
        print(file.relative_to(root))  # noqa: T201
    return 0


def pinned(root: Path) -> dict[Path, str]:
    """The files with digests and commits in them. Raises PinError."""
    files = {}
    for folder in (root / "trainer_image", root / "infra" / "mlflow"):
        file = folder / "Dockerfile"
        files[file] = _replaced(
            file, rf"^FROM {_IMAGE}", lambda found: f"FROM {image(found['name'])}"
        )
        # Not those that the build itself makes: `${_REPOSITORY}/…`.
        file = folder / "cloudbuild.yaml"
        files[file] = _replaced(
            file, rf"^    name: {_IMAGE}$", lambda found: f"    name: {image(found['name'])}"
        )
    return {
        **files,
        (file := root / ".github" / "workflows" / "ci.yml"): _replaced(
            file,
            r"uses: (?P<name>[\w.-]+/[\w.-]+)@(?:[0-9a-f]{40}  # )?(?P<tag>v[\w.]+)",
            lambda found: (
                f"uses: {found['name']}@{commit(found['name'], found['tag'])}  # {found['tag']}"
            ),
        ),
    }


def _replaced(file: Path, pattern: str, by: Callable[[re.Match[str]], str]) -> str:
    return re.sub(pattern, by, file.read_text(encoding="utf-8"), flags=re.MULTILINE)


def image(name: str) -> str:
    """The image by its digest. Raises PinError."""
    command = ["docker", "buildx", "imagetools", "inspect", name]
    found = _DIGEST.search(_said([*command, "--format", "{{.Manifest.Digest}}"]))
    if found is None:
        raise PinError(f"`{' '.join(command)}` names no digest.")
    return f"{name}@{found[0]}"


def commit(action: str, tag: str) -> str:
    """The commit of an action's tag. Raises PinError."""
    source = f"https://github.com/{action}"
    command = ["git", "ls-remote", source, f"refs/tags/{tag}", f"refs/tags/{tag}^{{}}"]
    found = _COMMIT.findall(_said(command))
    if not found:
        raise PinError(f"{source} has no tag {tag}.")
    return str(found[-1])  # of an annotated tag, what it points to comes last


def _said(command: list[str]) -> str:
    try:
        ended = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        why = getattr(error, "stderr", None) or str(error)
        raise PinError(f"`{' '.join(command)}` failed: {why.strip().rstrip('.')}.") from None
    return ended.stdout


if __name__ == "__main__":
    sys.exit(main(REPOSITORY))
