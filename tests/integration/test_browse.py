"""Choosing a dataset's files among those of this machine."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from local.data.browse import browse
from shared.errors import NotFoundError


def test_folders_come_first_then_data_files_and_nothing_else(tmp_path: Path) -> None:
    (tmp_path / "b.csv").write_text("a,b\n")
    (tmp_path / "A.PARQUET").write_text("")
    (tmp_path / "notes.txt").write_text("")
    (tmp_path / ".hidden.csv").write_text("")
    (tmp_path / "zoo").mkdir()
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nowhere")
    found = browse(str(tmp_path))
    assert [(entry.name, entry.kind, entry.size) for entry in found.entries] == [
        ("zoo", "folder", None),
        ("A.PARQUET", "file", 0),
        ("b.csv", "file", 4),
    ]
    assert found.entries[2].path == str(tmp_path / "b.csv")
    assert (found.path, found.parent) == (str(tmp_path), str(tmp_path.parent))
    assert browse("/").parent is None
    assert browse("").path == Path.home().as_posix()


def test_a_large_folder_is_cut_and_says_so(tmp_path: Path) -> None:
    for number in range(501):
        (tmp_path / f"{number:03}.csv").touch()
    found = browse(str(tmp_path))
    assert (len(found.entries), found.truncated) == (500, True)


@pytest.mark.parametrize("path", ["/no/such/folder", "relative", "\0", "/etc/hostname"])
def test_what_is_no_folder_is_not_found(path: str) -> None:
    with pytest.raises(NotFoundError, match="folder"):
        browse(path)


def test_a_folder_that_may_not_be_read_is_not_found(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("the superuser may read everything")
    tmp_path.chmod(0)
    with pytest.raises(NotFoundError):
        browse(str(tmp_path))
