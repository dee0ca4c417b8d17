"""Packages of which only parts are imported."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest

from shared.gcp.lean import lean


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A package of its own name whose code needs all its parts."""
    name = f"large_{tmp_path.name.replace('-', '_')}"
    folder = tmp_path / name
    folder.mkdir()
    (folder / "__init__.py").write_text("from .part import Part\nfrom .other import Other\nall = 1")
    (folder / "part.py").write_text("class Part: ...")
    (folder / "other.py").write_text("class Other: ...")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def test_a_part_is_imported_without_the_others(package: str) -> None:
    lean(package)
    part = importlib.import_module(f"{package}.part")
    assert part.Part.__name__ == "Part"
    assert f"{package}.other" not in sys.modules


def test_whatever_else_is_asked_for_is_there(package: str) -> None:
    lean(package)
    part = importlib.import_module(f"{package}.part").Part
    whole = importlib.import_module(package)
    assert whole.Other.__module__ == f"{package}.other"
    assert (whole.Part, whole.all) == (part, 1)
    with pytest.raises(AttributeError, match=rf"module '{package}' has no attribute 'nothing'"):
        _ = whole.nothing


def test_a_part_is_an_attribute_without_the_whole(package: str) -> None:
    lean(package)
    assert importlib.import_module(package).part.Part.__name__ == "Part"
    assert f"{package}.other" not in sys.modules


def test_what_was_imported_before_stays(package: str) -> None:
    whole = importlib.import_module(package)
    lean(package, "there_is_no_such_package")
    assert importlib.import_module(package) is whole


def test_launching_loads_one_service_of_vertex_ai_and_the_others_can_be_had() -> None:
    program = (
        "import sys\nimport shared.gcp.vertex\n"
        "services = [n for n in sys.modules if n.startswith('google.cloud.aiplatform_v1.services.')"
        " and n.count('.') == 4]\n"
        "print(services)\n"
        "from google.cloud.aiplatform_v1 import ModelServiceClient, PipelineJob, types\n"
        "from shared.gcp.vertex_library import PipelineJob as ours\n"
        "print(PipelineJob is ours is types.PipelineJob, ModelServiceClient.__name__)\n"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.splitlines() == [
        "['google.cloud.aiplatform_v1.services.pipeline_service']",
        "True ModelServiceClient",
    ]
