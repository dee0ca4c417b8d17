"""Artifacts as files under one folder."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from urllib.parse import unquote, urlsplit

from local.state.files import create_file, replace_file
from shared.errors import AlreadyExistsError, NotFoundError, UnavailableError
from shared.paths import check_key

_PIECE_BYTES = 1 << 20


class FileArtifactStore:
    """Keys are relative paths; URIs are `file://`. Jobs write below the same folder themselves."""

    def __init__(self, root: Path) -> None:
        root.mkdir(parents=True, exist_ok=True)
        self._root = root.resolve()

    def uri(self, key: str) -> str:
        return self._path(key).as_uri()

    def create(self, key: str, content: bytes) -> str:
        path = self._within(key)
        try:
            create_file(path, content)
        except FileExistsError:
            raise AlreadyExistsError("artifact", key) from None
        return path.as_uri()

    def replace(self, key: str, content: bytes) -> str:
        path = self._within(key)
        replace_file(path, content)
        return path.as_uri()

    def read(self, uri: str) -> bytes:
        path = self._find(uri)
        try:
            if path is not None:
                return path.read_bytes()
        except FileNotFoundError:
            pass
        raise NotFoundError("artifact", uri)

    def pieces(self, uri: str) -> Iterator[bytes]:
        path = self._find(uri)
        if path is None:
            raise NotFoundError("artifact", uri)
        with path.open("rb") as file:
            while piece := file.read(_PIECE_BYTES):
                yield piece

    def contents(self, folder: str) -> list[tuple[str, int]]:
        root = self._path(folder)
        if not self._holds(root):
            return []
        found = []
        for here, _, names in os.walk(root):  # which follows no links to folders
            for name in names:
                path = Path(here, name)
                if path.is_file() and not path.is_symlink():
                    key = path.relative_to(root).as_posix()
                    found.append((f"{folder}/{key}", path.stat().st_size))
        return sorted(found)

    def exists(self, uri: str) -> bool:
        return self._find(uri) is not None

    def folders(self, parent: str) -> list[str]:
        path = self._path(parent)
        if not self._holds(path) or not path.is_dir():
            return []
        found = (one.name for one in path.iterdir() if one.is_dir() and not one.is_symlink())
        return [f"{parent}/{name}" for name in sorted(found) if not name.startswith(".")]

    def remove(self, folder: str) -> None:
        path = self._path(folder)
        if self._holds(path) and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
            if path.exists():
                raise UnavailableError(f"{path} cannot be deleted.")

    def _path(self, key: str) -> Path:
        check_key(key)
        return self._root / PurePosixPath(key)

    def _within(self, key: str) -> Path:
        path = self._path(key)
        if not self._holds(path):
            raise ValueError(f"The key {key!r} leads out of the artifact store through a link.")
        return path

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
