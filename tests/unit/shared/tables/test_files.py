"""Which files of a machine a dataset may be made of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import pytest

from shared.documents.dataset import FileSource
from shared.problems import InvalidError
from shared.tables import files as gate
from shared.tables.files import source_files


def files(uri: object, kind: Literal["csv", "parquet"] = "csv") -> list[Path]:
    return source_files(FileSource(kind=kind, uri=str(uri)))


def refusal(uri: object) -> str:
    with pytest.raises(InvalidError) as caught:
        files(uri)
    (problem,) = caught.value.problems
    assert problem.path == "spec.source.uri"
    assert problem.message.endswith(".")
    return problem.code


def csv(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("a,b\n1,2\n")
    return path


def test_a_file_a_folder_and_a_pattern(tmp_path: Path) -> None:
    one, two = csv(tmp_path / "in/a.csv"), csv(tmp_path / "in/deep/b c.csv")
    csv(tmp_path / "in/_temporary/c.csv")
    csv(tmp_path / "in/.hidden/d.csv")
    csv(tmp_path / "in/.e.csv")
    other = csv(tmp_path / "in/deep/[x].csv")
    assert files(one) == files(one.as_uri()) == [one]
    assert files(f"  {two.as_uri()} ") == [two]
    assert files(f"file://{two}") == [two]
    assert files(tmp_path / "in") == [one, other, two]
    assert files(tmp_path / "in/*.csv") == [one]
    assert files(tmp_path / "in/*/*.csv") == [tmp_path / "in/_temporary/c.csv", other, two]
    assert files(tmp_path / "**/deep/?*.csv") == [other, two]
    assert files(tmp_path / "in/.h*/*.csv") == [tmp_path / "in/.hidden/d.csv"]
    assert files(other) == [other]


@pytest.mark.parametrize(
    "uri",
    [
        *("http://169.254.169.254/latest/meta-data/", "https://example.com/a.csv", "ftp://h/a.csv"),
        *("s3://bucket/a.csv", "GS://bucket/a.csv", "hf://datasets/a/b.csv", "ducklake:a.db"),
        *("file://elsewhere/etc/a.csv", "file:a.csv", "file:/etc/hosts", "FiLe://x/y", "data:,a"),
        *("file:///a.csv?x=1", "file:///a.csv#x", "/a\0.csv", "file:///a%00.csv"),
    ],
)
def test_only_files_of_this_machine_are_meant(uri: str) -> None:
    assert refusal(uri) == "unsupported_uri"


def test_a_path_is_absolute_and_there() -> None:
    assert refusal("a.csv") == "relative_path"
    assert refusal("~/a.csv") == "relative_path"
    assert refusal("/nowhere/a.csv") == "not_found"
    assert refusal("/nowhere/*.csv") == "no_files"
    assert refusal(f"/{'x' * 300}.csv") == "unreadable"


def test_what_is_no_plain_file_is_never_opened(tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.csv"
    os.mkfifo(pipe)
    (tmp_path / "zero.csv").symlink_to("/dev/zero")
    (tmp_path / "environment.csv").symlink_to("/proc/self/environ")
    for uri in (
        *(pipe, "/dev/zero", "/dev/stdin", "/proc/self/environ", "/proc/cpuinfo"),
        *("/sys/kernel/notes", tmp_path / "zero.csv", tmp_path / "environment.csv"),
        *("/proc/self/envir*", "/proc/self/cwd/../../proc/self/environ"),
    ):
        assert refusal(uri) in ("no_plain_file", "not_found"), uri
    assert refusal("/proc/self/environ") == refusal(pipe) == "no_plain_file"


def test_a_link_in_a_folder_does_not_lead_out_of_it(tmp_path: Path) -> None:
    outside = csv(tmp_path / "outside/secret.csv")
    inside = csv(tmp_path / "in/a.csv")
    (tmp_path / "in/again.csv").symlink_to(inside)
    assert files(tmp_path / "in") == [inside, tmp_path / "in/again.csv"]

    (tmp_path / "in/loop.csv").symlink_to(tmp_path / "in/loop.csv")
    (tmp_path / "in/folder").symlink_to(tmp_path / "outside")
    assert files(tmp_path / "in") == [inside, tmp_path / "in/again.csv"]
    assert refusal(tmp_path / "in/*/*.csv") == "leads_out"

    (tmp_path / "in/b.csv").symlink_to(outside)
    assert refusal(tmp_path / "in") == "leads_out"
    assert refusal(tmp_path / "in/*.csv") == "leads_out"
    assert files(tmp_path / "in/b.csv") == [tmp_path / "in/b.csv"]  # who reads it names it


def test_a_search_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(20):
        csv(tmp_path / f"{number}/a.csv")
    monkeypatch.setattr(gate, "MAX_FILES", 19)
    assert refusal(tmp_path) == "too_many_files"
    monkeypatch.setattr(gate, "MAX_ENTRIES", 30)
    assert refusal(tmp_path / "**/**/**/none.csv") == "too_many_files"


def test_a_name_that_is_no_text_is_refused(tmp_path: Path) -> None:
    csv(tmp_path / os.fsdecode(b"b\xff.csv"))
    assert refusal(tmp_path) == "unreadable"
