"""Artifacts as files under one folder."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from local.files import create_file
from shared.paths import check_key
from shared.ports import AlreadyExists, NotFound


class FileArtifactStore:
    """Keys are relative paths; URIs are `file://`. Jobs write below the same folder themselves."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()

    def uri(self, key: str) -> str:
        return self._path(key).as_uri()

    def create(self, key: str, content: bytes) -> str:
        path = self._path(key)
        if not self._holds(path):
            raise ValueError(f"The key {key!r} leads out of the artifact store through a link.")
        try:
            create_file(path, content)
        except FileExistsError:
            raise AlreadyExists(f"There is an artifact {key!r} already.") from None
        return path.as_uri()

    def read(self, uri: str) -> bytes:
        path = self._find(uri)
        try:
            if path is not None:
                return path.read_bytes()
        except FileNotFoundError:
            pass
        raise NotFound(f"There is no artifact {uri!r}.")

    def exists(self, uri: str) -> bool:
        return self._find(uri) is not None

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / PurePosixPath(key)

    def _find(self, uri: str) -> Path | None:
        parts = urlsplit(uri)
        path = Path(unquote(parts.path))
        if parts.scheme != "file" or parts.netloc not in ("", "localhost"):
            return None
        if not path.is_absolute():
            return None
        try:
            return path if self._holds(path) and path.is_file() else None
        except (ValueError, OSError, RuntimeError):  # a NUL, no permission, a loop of links
            return None

    def _holds(self, path: Path) -> bool:
        """Whether a path, links followed, is below the root."""
        return path.resolve().is_relative_to(self._root)
