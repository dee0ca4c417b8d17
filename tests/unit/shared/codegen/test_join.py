"""Fragments of generated source, and what the modules have of them."""

from __future__ import annotations

import ast
import itertools
from pathlib import Path

import pytest

from shared.codegen import generate_trainer, join, make_plan
from shared.codegen.join import Definition, fragment, functions, needed
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.layers import BatchNorm, Dense, Dropout

FRAGMENT = '''\
"""About the fragment."""

import json

from shared.codegen.fragments.given import FAST, LOUD, MAKER


class Speaker:
    """Speaks."""

    if LOUD:

        def shout(self) -> str:
            """LOUDLY"""
            return {"é": json.dumps("!") if FAST else "!!"}["é"]

    if not LOUD and FAST:

        def whisper(self) -> str:
            # Softly.
            return "."

    def speak(self, volume: int) -> object:
        if LOUD:
            made = MAKER(volume)
        elif FAST:
            made = 1
        else:
            # Nothing to hurry for.
            made = 2
        if volume:  # no switch
            made += 1
        return made
'''


@pytest.fixture
def speaker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "speaker.py").write_text(FRAGMENT, encoding="utf-8")
    monkeypatch.setattr(join, "_FOLDER", tmp_path)


@pytest.mark.usefixtures("speaker")
def test_only_the_branches_taken_reach_a_module() -> None:
    assert speaker_of(LOUD=True, FAST=False, MAKER="loud.Maker") == (
        '''\
class Speaker:
    """Speaks."""

    def shout(self) -> str:
        """LOUDLY"""
        return {"é": "!!"}["é"]

    def speak(self, volume: int) -> object:
        made = loud.Maker(volume)
        if volume:  # no switch
            made += 1
        return made'''
    )
    assert speaker_of(LOUD=False, FAST=True) == (
        '''\
class Speaker:
    """Speaks."""

    def whisper(self) -> str:
        # Softly.
        return "."

    def speak(self, volume: int) -> object:
        made = 1
        if volume:  # no switch
            made += 1
        return made'''
    )
    quiet = speaker_of(LOUD=False, FAST=False)
    assert quiet.count("def ") == 1
    assert "        # Nothing to hurry for.\n        made = 2\n" in quiet


def speaker_of(**given: bool | str) -> str:
    (definition,) = fragment("speaker", given)
    return definition.source


def test_only_what_is_needed_comes_along() -> None:
    definitions = [
        Definition("main", "", frozenset({"used"})),
        Definition("unused", "", frozenset({"alone"})),
        Definition("alone", "", frozenset()),
        Definition("used", "", frozenset({"main", "print"})),
        Definition("asked", "", frozenset()),
    ]
    found = needed(definitions, {"main", "asked"})
    assert [one.name for one in found] == ["main", "used", "asked"]


def louder(text: str) -> str:
    """LOUDLY"""
    return called(text) + "!"


def called(text: str) -> str:
    return text.upper()


def test_a_function_brings_what_it_calls_and_each_comes_once() -> None:
    found = functions([louder, called, louder])
    assert [one.name for one in found] == ["called", "louder"]
    assert found[1].source == (
        '''\
def louder(text: str) -> str:
    """LOUDLY"""
    return called(text) + "!"'''
    )


@pytest.mark.parametrize(
    ("logq", "hits", "scann", "normalized"), list(itertools.product((True, False), repeat=4))
)
def test_a_trainer_has_no_switches_and_nothing_that_is_not_used(
    multitask: tuple[Dataset, FeatureConfig, ModelConfig],
    logq: bool,
    hits: bool,
    scann: bool,
    normalized: bool,
) -> None:
    dataset, features, model = multitask
    changes = {
        "logq_correction": logq,
        "remove_accidental_hits": hits,
        "retrieval_algorithm": "scann" if scann else "brute_force",
        "normalize_embeddings": normalized,
    }
    spec = model.spec.model_copy(update=changes)
    test = QuickTestSpec(
        feature_config_id=features.id, model_config_id=model.id, rating_column="quantity"
    )
    changed = model.model_copy(update={"spec": spec})
    source = generate_trainer(make_plan(features, changed, dataset, test))
    assert ("correct_sampling" in source) == logq
    assert ("remove_accidental_hits" in source) == hits
    assert ("import scann" in source) == ("ScannIndex" in source) == scann
    tree = ast.parse(source)
    told = {"GENERATED_FROM", "COLUMNS", "run_fn"}
    defined = {
        name
        for node in tree.body
        for name in (
            [node.name]
            if isinstance(node, ast.FunctionDef | ast.ClassDef)
            else [
                target.id for target in getattr(node, "targets", []) if isinstance(target, ast.Name)
            ]
        )
    }
    read = {
        node.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    assert defined - read == told


def test_scores_are_taken_apart_in_one_step_where_that_is_exact(
    multitask: tuple[Dataset, FeatureConfig, ModelConfig],
) -> None:
    dataset, features, model = multitask
    test = QuickTestSpec(
        feature_config_id=features.id, model_config_id=model.id, rating_column="quantity"
    )

    def source(**changes: object) -> str:
        spec = model.spec.model_copy(update=changes)
        changed = model.model_copy(update={"spec": spec})
        return generate_trainer(make_plan(features, changed, dataset, test))

    linear = {
        "buyer_tower_layers": [Dense(units=32, activation=None), Dropout()],
        "product_tower_layers": [BatchNorm(), Dense(units=32, activation=None)],
    }
    assert "\nEXPLAIN_STEPS = 1\n" in source(**linear)
    assert "\nEXPLAIN_STEPS = 256\n" in source()
    assert "\nEXPLAIN_STEPS = 256\n" in source(
        **{**linear, "buyer_tower_layers": [Dense(units=32)]}
    )
    ranking = source(model_type="ranking")
    assert "EXPLAIN_STEPS" not in ranking
    assert "def explain" not in ranking
