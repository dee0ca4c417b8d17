"""Kinds are found in the files of their package."""

from __future__ import annotations

import ast
import importlib
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from shared.features import FEATURES
from shared.kinds import registry
from shared.layers import LAYERS
from shared.losses.base import Loss
from shared.rules.catalogue import catalogue
from shared.rules.kind_info import NamedKind
from shared.tasks import TASKS
from shared.transforms import TRANSFORMS
from shared.wording import alternatives

ROOT = Path(__file__).parents[3]

KIND = """
from shared.losses.base import Loss

class {name}(Loss):
    key, label, help = "{key}", "{name}", "A loss."
"""
LISTS = {
    name: getattr(catalogue(), name)
    for name in ("features", "transforms", "layers", "tasks", "losses", "optimizers", "roles")
}


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    folder = tmp_path / "a_package_of_kinds"
    folder.mkdir()
    (folder / "__init__.py").touch()
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [name for name in sys.modules if name.startswith(folder.name)]:
        del sys.modules[name]


def test_files_are_found_by_position_then_by_name(package: Path) -> None:
    (package / "zeta.py").write_text(KIND.format(name="Zeta", key="zeta"))
    (package / "alpha.py").write_text(KIND.format(name="Alpha", key="alpha"))
    (package / "first.py").write_text(KIND.format(name="First", key="first") + "    position = 1\n")
    (package / "shared_by_all.py").write_text("from shared.losses.mse import MeanSquaredError\n")
    importlib.import_module(package.name)

    found = registry(package.name, Loss, lambda kind: kind.key)

    assert list(found) == ["first", "alpha", "zeta"]


def test_two_kinds_of_one_name_are_refused(package: Path) -> None:
    for name in ("one", "two"):
        (package / f"{name}.py").write_text(KIND.format(name=name.title(), key="same"))
    importlib.import_module(package.name)

    with pytest.raises(TypeError, match=r"kinds\.two and .*kinds\.one both define 'same'"):
        registry(package.name, Loss, lambda kind: kind.key)


@pytest.mark.parametrize("name", LISTS)
def test_every_kind_says_in_one_line_what_it_is(name: str) -> None:
    kinds: list[NamedKind] = LISTS[name]
    assert len({kind.label for kind in kinds}) == len(kinds) > 0
    for kind in kinds:
        assert kind.label
        assert kind.help.endswith(".")
        assert "\n" not in kind.help


def test_only_a_kinds_own_package_asks_which_one_it_is() -> None:
    """No `isinstance` or `match` on a feature, a transform or a layer elsewhere. That a stack must
    end in a dense layer is a rule about that one; a setting that tunings search is one kind's."""
    kinds = {kind.__name__ for kind in (*FEATURES.values(), *TRANSFORMS.values(), *LAYERS.values())}
    asked = set()
    for top in ("shared", "functions", "local", "trainer_image"):
        for file in (ROOT / top).rglob("*.py"):
            if file.parent.name in ("features", "transforms", "layers", "tunables"):
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                tested: list[ast.expr] = []
                if isinstance(node, ast.Call) and ast.unparse(node.func) == "isinstance":
                    tested = node.args[1:]
                elif isinstance(node, ast.MatchClass):
                    tested = [node.cls]
                names = {
                    part.id
                    for one in tested
                    for part in ast.walk(one)
                    if isinstance(part, ast.Name)
                }
                asked |= {(str(file.relative_to(ROOT)), name) for name in names & kinds}
    assert asked <= {("shared/tasks/retrieval.py", "Dense"), ("shared/tasks/ranking.py", "Dense")}


def test_only_the_tasks_own_package_compares_anything_with_a_task() -> None:
    """Others ask a task what it does: `retrieves`, `rates`."""
    compared = []
    for top in ("shared", "functions", "local", "trainer_image"):
        for file in (ROOT / top).rglob("*.py"):
            if file.parent.name == "tasks":
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Compare | ast.MatchValue):
                    named = {
                        part.value if isinstance(part, ast.Constant) else part.attr.lower()
                        for part in ast.walk(node)
                        if isinstance(part, ast.Constant)
                        or (
                            isinstance(part, ast.Attribute)
                            and ast.unparse(part.value) == "ModelType"
                        )
                    }
                    if named & set(TASKS):
                        compared.append((str(file.relative_to(ROOT)), ast.unparse(node)))
    assert compared == []


def test_alternatives_are_a_sentence() -> None:
    assert alternatives(["a"]) == "a"
    assert alternatives(iter("abc")) == "a, b or c"
