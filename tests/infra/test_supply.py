"""What images are made of: bills of materials, advisories about it, and digests."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from infra import advisories, pin
from infra.locks import IMAGES, REPOSITORY, Package, console_lock, packages_of, python_lock
from infra.sbom import bill

PINNED = [
    "trainer_image/Dockerfile",
    "trainer_image/cloudbuild.yaml",
    ".github/workflows/ci.yml",
    "infra/mlflow/Dockerfile",
    "infra/mlflow/cloudbuild.yaml",
]


@pytest.mark.parametrize("image", IMAGES)
def test_a_bill_of_materials_is_valid_and_names_all_that_is_locked(image: str) -> None:
    made = bill(image)
    assert JsonStrictValidator(SchemaVersion.V1_5).validate_str(json.dumps(made)) is None
    named = {one["purl"] for one in made["components"] if "purl" in one}
    assert {package.purl for package in packages_of(image)} == named
    assert made == bill(image)


def test_locks_are_read_for_the_machine_of_the_images(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = {package.name: package for package in python_lock("trainer")}
    text = (REPOSITORY / "requirements" / "trainer.txt").read_text()
    assert f"tensorflow=={locked['tensorflow'].version} " in text
    assert all(digest in text for _, digest in locked["tensorflow"].hashes)
    assert "async-timeout" in text
    assert "async-timeout" not in locked  # of older Pythons
    assert not {package.name for package in console_lock()} & {"vite", "vitest"}


def entry(**told: Any) -> dict[str, Any]:
    """An advisory about `thing`, whose versions from 1.0 on are affected, until 2.0."""
    events = [{"introduced": "1.0"}, {"fixed": "2.0"}]
    affected = {
        "package": {"ecosystem": "PyPI", "name": "Thing_x"},
        "ranges": [{"type": "ECOSYSTEM", "events": events}],
        **told.pop("affected", {}),
    }
    return {"id": "X-1", "modified": "2026-11-01T00:00:00Z", "affected": [affected], **told}


@pytest.mark.parametrize(
    ("version", "concerned"),
    [("0.9", False), ("1.0", True), ("1.9.post1", True), ("2.0rc1", True), ("2.0", False)],
)
def test_a_version_is_affected_from_the_first_bad_to_the_first_good_one(
    version: str, concerned: bool
) -> None:
    package = Package("PyPI", "thing-x", version)
    found = list(advisories.affected([entry()], {package: ("trainer",)}))
    assert bool(found) is concerned
    if concerned:
        assert found[0].line == f"thing-x {version} (trainer): X-1, fixed in 2.0."


@pytest.mark.parametrize(
    ("events", "version", "concerned"),
    [
        ([{"introduced": "0"}], "9.9", True),
        ([{"introduced": "0"}, {"last_affected": "1.5"}], "1.5", True),
        ([{"introduced": "0"}, {"last_affected": "1.5"}], "1.5.1", False),
        # Two branches, in any order.
        ([{"introduced": "2.0"}, {"fixed": "1.5"}, {"introduced": "0"}], "1.7", False),
        ([{"introduced": "2.0"}, {"fixed": "1.5"}, {"introduced": "0"}], "2.1", True),
    ],
)
def test_ranges_are_read_as_the_schema_says(
    events: list[dict[str, str]], version: str, concerned: bool
) -> None:
    told = {"ranges": [{"type": "ECOSYSTEM", "events": events}]}
    assert advisories.concerns(told, Package("PyPI", "thing-x", version)) is concerned


@pytest.mark.parametrize(
    ("version", "concerned"),
    [("1.2.3", True), ("1.10.0", True), ("2.0.0-beta.2", True), ("2.0.0", False)],
)
def test_versions_of_npm_are_ordered_as_semver_is(version: str, concerned: bool) -> None:
    events = [{"introduced": "1.2.3"}, {"fixed": "2.0.0"}]
    told = {"ranges": [{"type": "SEMVER", "events": events}]}
    assert advisories.concerns(told, Package("npm", "@a/b", version)) is concerned


def test_what_is_listed_counts_and_what_is_withdrawn_or_of_another_does_not() -> None:
    package = Package("PyPI", "thing-x", "3.0")
    packages = {package: ("trainer",)}
    listed = entry(affected={"versions": ["3.0"]})
    assert list(advisories.affected([listed], packages))
    for other in (
        {**listed, "withdrawn": "2026-01-01T00:00:00Z"},
        entry(affected={"versions": ["3.0"], "package": {"ecosystem": "npm", "name": "thing-x"}}),
        entry(affected={"versions": ["3.0"], "package": {"ecosystem": "PyPI", "name": "thing"}}),
    ):
        assert not list(advisories.affected([other], packages))


def looked_up(*files: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "infra.advisories", *files]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True)


def test_advisories_of_an_archive_are_told_with_their_date(tmp_path: Path) -> None:
    here = python_lock("trainer")[0]
    about = {"package": {"ecosystem": "PyPI", "name": here.name}, "versions": [here.version]}
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        archive.writestr("X-1.json", json.dumps(entry(affected=about)))
        archive.writestr("X-2.json", json.dumps(entry(id="X-2", modified="2026-10-01T00:00:00Z")))
    told = looked_up(tmp_path / "all.zip")
    assert (told.returncode, told.stderr) == (1, "")
    assert f"OPEN   {here.name} {here.version} (trainer, trainer-gpu" in told.stdout
    assert "against 2 advisories, the newest of 2026-11-01: 1 open" in told.stdout
    # One that the page of dependencies names is known.
    known = entry(affected=about, aliases=["CVE-2026-0994"])
    (tmp_path / "known.json").write_text(json.dumps([known]))
    told = looked_up(tmp_path / "known.json")
    assert (told.returncode, told.stdout.startswith("known ")) == (0, True)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '["X-1"]', "\xff"])
def test_a_file_without_advisories_is_refused(tmp_path: Path, content: str) -> None:
    (tmp_path / "bad.json").write_bytes(content.encode("latin-1"))
    told = looked_up(tmp_path / "bad.json")
    assert (told.returncode, told.stdout, "Traceback" in told.stderr) == (2, "", False)
    assert "bad.json" in told.stderr


DOCKER = """#!/bin/sh
[ "$1 $2 $3" = "buildx imagetools inspect" ] || exit 2
[ -f {folder}/away ] && {{ echo "no such host" >&2; exit 1; }}
printf 'sha256:'; printf '%s' "$4" | sha256sum | cut -c1-64
"""
GIT = """#!/bin/sh
[ "$1" = ls-remote ] || exit 2
printf '%s' "$2" | sha1sum | cut -c1-40
"""


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files that are pinned, and registries to ask."""
    for name in PINNED:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(REPOSITORY / name, tmp_path / name)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name, text in (("docker", DOCKER), ("git", GIT)):
        (programs / name).write_text(text.format(folder=tmp_path))
        (programs / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{programs}:/usr/bin:/bin")
    return tmp_path


def test_bases_steps_and_actions_are_pinned_and_pinned_again(copy: Path) -> None:
    assert pin.main(copy) == 0
    docker, build, workflow, mlflow, its_build = ((copy / name).read_text() for name in PINNED)
    assert re.findall(r"^FROM python:\S+@sha256:[0-9a-f]{64}$", mlflow, re.M)
    assert its_build.count("docker@sha256:") == 2
    bases = re.findall(r"^FROM (\S+)", docker, re.M)
    assert len(bases) == 3
    assert all(re.fullmatch(r"[\w./]+:[\w.-]+@sha256:[0-9a-f]{64}", base) for base in bases)
    names = re.findall(r"^    name: (\S+)", build, re.M)
    assert all("@sha256:" in name or name.startswith("${_REPOSITORY}") for name in names)
    uses = re.findall(r"uses: (.+)", workflow)
    assert all(re.fullmatch(r"[\w./-]+@[0-9a-f]{40}  # v\d.*", one) for one in uses)
    assert docker.count(" AS environment") == 1
    before = [(copy / name).read_text() for name in PINNED]
    assert pin.main(copy) == 0
    assert [(copy / name).read_text() for name in PINNED] == before


def test_where_a_registry_does_not_answer_nothing_is_changed(
    copy: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (copy / "away").touch()
    assert pin.main(copy) == 1
    assert "no such host. Nothing was changed." in capsys.readouterr().err
    for name in PINNED:
        assert (copy / name).read_text() == (REPOSITORY / name).read_text()
