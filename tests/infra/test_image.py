"""The trainer's image and its build, as far as they can be read: there is no Docker here.

What the Dockerfile does was run by hand in an empty environment: see docs/google-cloud.md.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import yaml

from tests.infra.configuration import ALL_TEXT, FILES, parsed, value

REPOSITORY = Path(__file__).parents[2]
FOLDER = REPOSITORY / "trainer_image"
DOCKERFILE = (FOLDER / "Dockerfile").read_text(encoding="utf-8")
BUILD = yaml.safe_load((FOLDER / "cloudbuild.yaml").read_text(encoding="utf-8"))


def test_checkov_finds_nothing_in_the_dockerfile() -> None:
    checkov = Path(sys.executable).parent / "checkov"
    ended = subprocess.run(
        [checkov, "-f", FOLDER / "Dockerfile", "--framework", "dockerfile", "-o", "json"],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "LOG_LEVEL": "CRITICAL"},
    )
    report = json.loads(ended.stdout)
    assert report["results"]["failed_checks"] == []
    assert report["summary"]["passed"] > 20


def test_every_base_is_pinned_to_a_version() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(bases) == 3
    assert all(re.search(r":\d+\.\d+\.\d+", base) for base in bases)
    # Beam's harness and the environment's Beam must be the same version.
    (beam,) = [base for base in bases if "beam" in base]
    version = beam.partition("@")[0].rpartition(":")[2]
    locked = (REPOSITORY / "requirements" / "trainer.txt").read_text(encoding="utf-8")
    assert f"apache-beam=={version} " in locked


def test_what_is_installed_is_locked_with_hashes_and_what_is_copied_is_there() -> None:
    installs = [line for line in DOCKERFILE.split("&& ") if "pip install" in line]
    assert installs
    assert all("--require-hashes" in line for line in installs)
    for copied in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.M):
        for source in copied.split()[:-1]:
            assert (REPOSITORY / source).exists(), source
    ignored = (FOLDER / "Dockerfile.dockerignore").read_text(encoding="utf-8").split()
    locks = [f"requirements/{name}.txt" for name in ("trainer", "trainer-gpu", "uv")]
    for source in (*locks, "shared", "trainer_image"):
        assert f"!{source}" in ignored


def test_the_image_for_gpus_is_the_other_with_cuda() -> None:
    """Line by line the same lock, so that both train alike."""
    plain, gpu = (
        (REPOSITORY / "requirements" / f"{name}.txt").read_text(encoding="utf-8").splitlines()
        for name in ("trainer", "trainer-gpu")
    )
    more = [line for line in gpu if re.match(r"[a-z]\S*==", line) and line not in plain]
    assert {line.partition("==")[0] for line in more} >= {"nvidia-cudnn-cu12", "nvidia-cublas-cu12"}
    assert all(line.startswith("nvidia-") for line in more)
    assert [line for line in plain if line not in gpu] == []
    assert "ARG LOCK=trainer\n" in DOCKERFILE
    assert BUILD["substitutions"]["_LOCK"] == "trainer"


def test_the_image_bears_the_version_of_the_project() -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (build,) = [step["args"][-1] for step in BUILD["steps"] if step["id"] == "build"]
    (read,) = re.findall(r"^version=(.+)$", build, re.M)
    shell = ["bash", "-euc", f"echo {read}"]
    found = subprocess.run(shell, cwd=REPOSITORY, capture_output=True, text=True, check=True)
    assert found.stdout == f"{project['version']}\n"
    assert '--build-arg=VERSION="$$version"' in build
    assert "org.opencontainers.image.version=${VERSION}" in DOCKERFILE
    assert "ENV RECSMITH_VERSION=${VERSION}" in DOCKERFILE


def test_it_does_not_run_as_root() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.findall(r"^USER (\S+)", last, re.M) == ["recsmith"]


def test_a_build_is_told_what_it_needs_and_uses_what_it_is_told() -> None:
    used = set(re.findall(r"\$\{(_[A-Z]+)\}", str(BUILD["steps"])))
    assert used == set(BUILD["substitutions"])
    page = (REPOSITORY / "docs" / "google-cloud.md").read_text(encoding="utf-8")
    assert all(f"{name}" in page for name in BUILD["substitutions"])


def test_nothing_is_pushed_untested_and_templates_name_the_digest() -> None:
    steps = {step["id"]: str(step) for step in BUILD["steps"]}
    assert list(steps) == ["build", "test", "push", "compile", "upload"]
    assert "tests/integration/trainer" in steps["test"]
    assert "RepoDigests" in steps["push"]
    assert "$(cat image.txt)" in steps["compile"]
    assert "--no-clobber" in steps["upload"]


def test_templates_are_left_where_the_release_is_looked_for() -> None:
    """The launcher's folder is that of the release that is deployed; a build is of the next one."""
    (upload,) = [step for step in BUILD["steps"] if step["id"] == "upload"]
    assert upload["args"][-1] == "${_TEMPLATES}/${_RELEASE}/"
    assert 'TEMPLATE_URI             = "${local.templates}/${var.release}"' in ALL_TEXT
    ((output,),) = [
        [part["templates"]]
        for file in FILES
        for part in parsed(file).get("output", [])
        if "templates" in part
    ]
    assert value(output, "value") == "${local.templates}"
