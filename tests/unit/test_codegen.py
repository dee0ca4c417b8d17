"""Generated source: what it may hold, and that it is fit to be read."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import HOSTILE_NAMES, datasets, feature_configs, model_configs, texts

from shared.codegen import generate_preprocessing, generate_trainer, make_plan, vocabulary_refs
from shared.codegen.check import UnexpectedSource, check_source
from shared.codegen.plan import slug
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.handlers.generate_code import trainer_source
from shared.literals import literal

Documents = tuple[Dataset, FeatureConfig, ModelConfig]
ROOT = Path(__file__).parents[2]
GOLDEN = ROOT / "tests" / "golden"


@st.composite
def documents(draw: st.DrawFn) -> Documents:
    dataset = draw(datasets())
    return dataset, draw(feature_configs(dataset)), draw(model_configs())


def rating_column(dataset: Dataset, model: ModelConfig) -> str | None:
    """Some column, where the model rates; generation does not look at its type."""
    return dataset.status.columns[-1].name if model.spec.rates else None


def generate(dataset: Dataset, features: FeatureConfig, model: ModelConfig) -> tuple[str, str]:
    """Both modules; what rates stops early, so that both ways to train are generated."""
    rating = rating_column(dataset, model)
    return generate_preprocessing(features, dataset, rating), generate_trainer(
        features,
        model,
        dataset,
        epochs=2,
        batch_size=512,
        learning_rate=0.002,
        seed=42,
        early_stopping_patience=3 if model.spec.rates else None,
        rating_column=rating,
    )


def skeleton(source: str) -> str:
    """The source's syntax tree without its string constants."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            node.value = ""
    return ast.dump(tree)


scalars = st.one_of(
    texts, st.none(), st.booleans(), st.integers(), st.floats(allow_nan=False, allow_infinity=False)
)


@given(
    st.recursive(
        scalars,
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    )
)
def test_a_literal_evaluates_to_its_value_on_one_printable_line(value: object) -> None:
    text = literal(value)
    assert ast.literal_eval(text) == value
    assert text.isprintable()


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents())
def test_any_valid_documents_give_modules_that_compile_twice_to_the_same_bytes(
    drawn: Documents,
) -> None:
    first = generate(*drawn)
    assert first == generate(*drawn)
    for source in first:
        compile(source, "generated", "exec")
        assert max(map(len, source.splitlines())) < 4000
        assert all(line.isprintable() for line in source.split("\n"))


@settings(max_examples=12, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(documents())
def test_keys_are_unique_plain_and_agree_between_the_modules(
    drawn: Documents,
) -> None:
    dataset, features, model = drawn
    plan = make_plan(features.spec, dataset, rating_column(dataset, model))
    keys = [output.key for tower in plan.towers for output in tower.outputs]
    assert len({key.lower() for key in keys}) == len(keys)
    raw = [feature.key for feature in plan.raw]
    assert len({key.lower() for key in raw}) == len(raw)
    assert all(key.isidentifier() and key.isascii() for key in keys + raw)
    preprocessing, trainer = generate(*drawn)
    for key in keys:
        assert f'outputs["{key}"]' in preprocessing
        assert f'features["{key}"]' in trainer
    assert {ref.key for ref in vocabulary_refs(plan)} <= set(keys)


@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_enter_as_literals_only(name: str, standard: Documents) -> None:
    dataset, features, model = standard
    plain = generate(dataset, features, model)

    hostile_dataset = Dataset.model_validate(
        rename(dataset.model_dump(mode="json"), "category", name)
    )
    hostile_features = FeatureConfig.model_validate(
        {**rename(features.model_dump(mode="json"), "category", name), "name": name}
    )
    hostile_features.description = name
    hostile_model = model.model_copy(update={"name": name, "description": name})
    hostile = generate(hostile_dataset, hostile_features, hostile_model)

    for before, after in zip(plain, hostile, strict=True):
        assert skeleton(before) == skeleton(after)
        strings = {n.value for n in ast.walk(ast.parse(after)) if isinstance(n, ast.Constant)}
        assert name in strings


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("household_id", "household_id"),
        ("Größe (cm)", "Grosse_cm"),
        ("価格", "column"),
        ("1st", "column_1st"),
        ("", "column"),
        ("a/b\nc", "a_b_c"),
    ],
)
def test_a_slug_is_readable_where_the_name_is(name: str, key: str) -> None:
    assert slug(name) == key


@pytest.mark.parametrize(
    ("source", "message"),
    [
        ("import subprocess\ndef run_fn(): pass", "imports subprocess"),
        ("from os import path\nfrom shutil import move\ndef run_fn(): pass", "imports shutil"),
        ("def run_fn(): eval('1')", "uses eval"),
        ("def run_fn(): __import__('os')", "uses __import__"),
        ("x = 1", "has no function run_fn"),
        ("def run_fn(:", "does not parse"),
    ],
)
def test_unexpected_source_is_refused(source: str, message: str) -> None:
    with pytest.raises(UnexpectedSource, match=message):
        check_source(source, "run_fn")


def test_generated_modules_pass_ruff_and_mypy(
    standard: Documents, everything: Documents, multitask: Documents, tmp_path: Path
) -> None:
    for number, drawn in enumerate((standard, everything, multitask)):
        for name, source in zip(("preprocessing", "trainer"), generate(*drawn), strict=True):
            (tmp_path / f"{name}_{number}.py").write_text(source, encoding="utf-8")
    (tmp_path / "ruff.toml").write_text("line-length = 100\n", encoding="utf-8")
    select = "E,F,W,I,N,UP,B,A,C4,SIM,RET,RUF100"
    tools = [
        ["ruff", "format", "--check", "--no-cache", "."],
        ["ruff", "check", "--no-cache", "--select", select, "."],
        ["mypy", "--ignore-missing-imports", "--cache-dir", str(tmp_path / ".mypy"), "."],
    ]
    for tool in tools:
        done = subprocess.run(
            [sys.executable, "-m", *tool], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["standard", "everything", "multitask"])
def test_golden_files_are_current(name: str, request: pytest.FixtureRequest) -> None:
    """`make golden` writes them anew."""
    sources = generate(*request.getfixturevalue(name))
    for kind, source in zip(("preprocessing", "trainer"), sources, strict=True):
        path = GOLDEN / f"{name}_{kind}.py"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(source, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == source


def test_a_training_seed_takes_the_place_of_the_tests_own(standard: Documents) -> None:
    dataset, features, model = standard
    test = QuickTestSpec(feature_config_id=features.id, model_config_id=model.id, seed=17)
    assert "\nSEED = 17\n" in trainer_source(features, model, dataset, test)
    seeded = test.model_copy(update={"training_seed": 0})
    assert "\nSEED = 0\n" in trainer_source(features, model, dataset, seeded)


def test_only_a_patience_brings_early_stopping_into_the_code(standard: Documents) -> None:
    dataset, features, model = standard
    test = QuickTestSpec(feature_config_id=features.id, model_config_id=model.id)
    assert "early_stopping" not in trainer_source(features, model, dataset, test).lower()
    patient = test.model_copy(update={"early_stopping_patience": 4})
    source = trainer_source(features, model, dataset, patient)
    assert "\nEARLY_STOPPING_PATIENCE = 4\n" in source
    assert "callbacks=[WriteProgress(progress), early_stopping()]" in source


def rename(value: object, old: str, new: str) -> object:
    """A JSON value with one string replaced, keys included."""
    if isinstance(value, dict):
        return {rename(k, old, new): rename(v, old, new) for k, v in value.items()}
    if isinstance(value, list):
        return [rename(item, old, new) for item in value]
    return new if value == old else value


def test_threads_may_check_sources_while_garbage_is_collected():
    source = "def f():\n" + "    x = [(1 + 2) ** 3]\n" * 40 + "    return 1\n"
    failed: list[SystemError] = []

    def check(depth: int) -> None:
        if depth:
            check(depth - 1)
            return
        for _ in range(5):
            try:
                check_source(source, "f")
            except SystemError as error:
                failed.append(error)

    def switch(*_: object) -> None:
        time.sleep(0.0005)

    thresholds = gc.get_threshold()
    gc.set_threshold(100, 10, 10)
    gc.callbacks.append(switch)
    try:
        threads = [threading.Thread(target=check, args=(depth,)) for depth in (0, 10, 20)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        gc.callbacks.remove(switch)
        gc.set_threshold(*thresholds)
    assert failed == []
