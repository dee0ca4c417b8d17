"""Generated source: what it may hold, and that it is fit to be read."""

from __future__ import annotations

import ast
import gc
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from strategies import HOSTILE_NAMES, datasets, feature_configs, model_configs, texts

from shared.codegen import Plan, generate_preprocessing, generate_trainer, make_plan
from shared.codegen.check import UnexpectedSourceError, check_source, walk
from shared.codegen.keys import slug
from shared.columns import Column, ColumnType
from shared.documents.dataset import Dataset, SideFound
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.documents.tables import Events, ProductTable
from shared.literals import literal

Documents = tuple[Dataset, FeatureConfig, ModelConfig]
AnyDocument = TypeVar("AnyDocument", Dataset, FeatureConfig)
ROOT = Path(__file__).parents[4]
GOLDEN = ROOT / "tests" / "golden"


@st.composite
def documents(draw: st.DrawFn) -> Documents:
    dataset = draw(datasets())
    return dataset, draw(feature_configs(dataset)), draw(model_configs())


def plan_of(
    dataset: Dataset, features: FeatureConfig, model: ModelConfig, **fields: object
) -> Plan:
    """The plan of a test that rates some column, for generation does not look at its type; what
    rates stops early, so that both ways to train are generated."""
    patience = 3 if model.spec.rates else None
    test = QuickTestSpec.model_validate(
        {
            "feature_config_id": features.id,
            "model_config_id": model.id,
            "rating_column": dataset.status.columns[-1].name,
            "batch_size_override": 512,
            "learning_rate_override": 0.002,
            "early_stopping_patience": patience,
            **fields,
        }
    )
    return make_plan(features, model, dataset, test)


def generate(dataset: Dataset, features: FeatureConfig, model: ModelConfig) -> tuple[str, str]:
    """Both modules."""
    plan = plan_of(dataset, features, model)
    return generate_preprocessing(plan), generate_trainer(plan)


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
    plan = plan_of(*drawn)
    keys = [output.key for tower in plan.towers for output in tower.outputs]
    assert len({key.lower() for key in keys}) == len(keys)
    raw = [feature.key for feature in plan.raw]
    assert len({key.lower() for key in raw}) == len(raw)
    assert all(key.isidentifier() and key.isascii() for key in keys + raw)
    preprocessing, trainer = generate(*drawn)
    for tower in plan.towers:
        for output in tower.outputs:
            if output.pool is not None:  # the trainer looks it up
                assert f'self.pools["{output.key}"](features)' in trainer
                continue
            assert f'outputs["{output.key}"]' in preprocessing
            assert f'features["{output.key}"]' in trainer
    assert {ref.key for ref in plan.vocabularies} <= set(keys)


@pytest.fixture
def looks_back(standard: Documents, recommended: Documents) -> Documents:
    """The standard features with a history of categories, and a re-ranker."""
    dataset, features, _ = standard
    history = {"column": "category", "type": "history", "embedding_dim": 16}
    spec = features.spec.model_dump(mode="json")
    spec["buyer_model_features"].append(history)
    return dataset, FeatureConfig(id="fc", name="f", spec=spec), recommended[2]  # type: ignore[arg-type]


@pytest.mark.parametrize("documents", ["standard", "looks_back"])
@pytest.mark.parametrize("name", HOSTILE_NAMES)
def test_hostile_names_enter_as_literals_only(
    name: str, documents: str, request: pytest.FixtureRequest
) -> None:
    dataset, features, model = request.getfixturevalue(documents)
    plain = generate(dataset, features, model)

    hostile_dataset = renamed(dataset, "category", name)
    hostile_features = renamed(features, "category", name).model_copy(update={"name": name})
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
        ("def f(): pass\nclass f: pass\ndef run_fn(): pass", "defines f twice"),
        ("def run_fn(:", "does not parse"),
    ],
)
def test_unexpected_source_is_refused(source: str, message: str) -> None:
    with pytest.raises(UnexpectedSourceError, match=message):
        check_source(source, "run_fn")


def test_a_walk_is_the_librarys_own() -> None:
    for path in GOLDEN.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert list(walk(tree)) == list(ast.walk(tree))


# Parts of source that go together in some orders, are open at an end, or hold what they must not.
_PARTS = (
    *("def run_fn():\n    return 1", "def f():\n    pass", "class f:\n    x = 1", "x = 1", ""),
    *("import os", "import subprocess", "from . import x", "    from shutil import move"),
    *("eval('1')", "x.open()", "    y = open", "open: int = 1", "'eval(1)'", "# eval"),
    *('x = """', '"""', "x = (", ")", "if x:", "else:\n    pass", "@f", "x = 1 \\", "\\"),
    *("if x:\n    pass", "    ", "\f", "\ufeffx = 1", "\0", "x = 1\r", "\r", "async def f():"),
)


def refusal(source: str) -> str | None:
    """What the whole source is refused for, as it was before parts were looked at."""
    try:
        tree = ast.parse(source)
    except (SyntaxError, ValueError):
        return "does not parse"
    for node in ast.walk(tree):
        if isinstance(node, ast.Import | ast.ImportFrom):
            names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "."]
            if set(names) - {"os"}:
                return "imports"
        if isinstance(node, ast.Name) and node.id in ("eval", "open"):
            return "uses"
    defined = [n.name for n in tree.body if isinstance(n, ast.FunctionDef | ast.ClassDef)]
    if len(set(defined)) < len(defined):
        return "twice"
    return None if "run_fn" in defined else "has no function"


@settings(max_examples=500)
@given(st.lists(st.tuples(st.sampled_from(_PARTS), st.sampled_from(["\n", "\n\n\n", "\n\n\n\n"]))))
def test_parts_that_were_seen_before_let_nothing_through(parts: list[tuple[str, str]]) -> None:
    source = "".join(part + end for part, end in parts)
    expected = refusal(source)
    for _ in range(2):
        try:
            check_source(source, "run_fn")
            found = None
        except UnexpectedSourceError as error:
            found = str(error)
        assert (found is None) == (expected is None)
        if expected is not None:
            assert expected in str(found)


def test_a_fault_is_told_by_its_line_in_the_whole_module() -> None:
    for _ in range(2):
        with pytest.raises(UnexpectedSourceError, match="line 5 uses eval"):
            check_source("def run_fn():\n    pass\n\n\neval('1')\n", "run_fn")


def changed(documents: Documents, **spec: object) -> Documents:
    """Documents with other settings of the model."""
    dataset, features, model = documents
    settings = {**model.spec.model_dump(mode="json"), **spec}
    return dataset, features, ModelConfig(id="mc", name="m", spec=settings)  # type: ignore[arg-type]


def without_history(documents: Documents) -> Documents:
    dataset, features, model = documents
    spec = features.spec.model_dump(mode="json")
    spec["buyer_model_features"] = [
        feature for feature in spec["buyer_model_features"] if feature["type"] != "history"
    ]
    return dataset, FeatureConfig(id="fc", name="f", spec=spec), model  # type: ignore[arg-type]


def without_time(documents: Documents) -> Documents:
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    del dataset.spec.column_mapping["purchased_at"]
    return dataset, features, model


def with_kinds(documents: Documents) -> Documents:
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    dataset.status.columns.append(Column(name="type", type=ColumnType.STRING))
    dataset.spec.events = Events(
        column="type", kinds={'buy"': "target", "view": "history"}, weights={"view": 0.2}
    )
    return dataset, features, model


def with_availability(documents: Documents) -> Documents:
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    dataset.status.columns.append(Column(name="stock", type=ColumnType.INTEGER))
    dataset.status.sides = {"products": SideFound(columns={"stock": "stock"}, key_type="STRING")}
    dataset.spec.products = ProductTable.model_validate(
        {
            "source": dataset.spec.source.model_dump(),
            "key": "sku",
            "available": {"column": "stock", "op": ">", "value": 0},
        }
    )
    return dataset, features, model


def test_kinds_of_events_are_told_apart_only_where_a_history_reads_them(
    recommended: Documents,
) -> None:
    plan = plan_of(*with_kinds(recommended))
    assert plan.kind_key == plan.examples.kind_key == "type"
    source = generate_trainer(plan)
    assert """PURCHASE_KINDS = ['buy"']""" in source
    assert """KIND_WEIGHTS = {\n    'buy"': 1.0,\n    "view": 0.2,\n}""" in source
    assert 'outputs["event_kind"] = inputs["type"]' in generate_preprocessing(plan)
    # A re-ranker alone knows purchases, and nothing of kinds.
    plain = plan_of(*with_kinds(without_history(recommended)))
    assert plain.kind_key is None
    assert "type" not in plain.examples.columns
    assert "event_kind" not in generate_preprocessing(plain) + generate_trainer(plain)


def test_generated_modules_pass_ruff_and_mypy(
    standard: Documents,
    everything: Documents,
    multitask: Documents,
    recommended: Documents,
    tmp_path: Path,
) -> None:
    """With each part and without it."""
    rates = {"rating_head_layers": [{"type": "dense", "units": 1, "activation": None}]}
    ranking = {**rates, "model_type": "ranking", "reranker": None}
    scann = {"retrieval_algorithm": "scann"}
    stops = {"early_stopping_patience": 2}
    variants = [
        plan_of(*standard),
        plan_of(*everything),
        plan_of(*multitask),
        plan_of(*standard, **stops),
        plan_of(*without_time(standard), **stops),
        plan_of(*recommended),
        plan_of(*recommended, **stops),
        plan_of(*without_history(recommended)),
        plan_of(*changed(recommended, reranker=None)),
        plan_of(*changed(recommended, reranker=None), **stops),
        plan_of(*changed(recommended, **scann)),
        plan_of(*changed(recommended, model_type="multitask", **rates)),
        plan_of(*changed(multitask, reranker={})),
        plan_of(*changed(recommended, **ranking)),
        plan_of(*changed(recommended, **ranking), early_stopping_patience=None),
        plan_of(*with_kinds(recommended)),
        plan_of(*with_kinds(changed(recommended, reranker=None))),
        plan_of(*with_availability(recommended)),
        plan_of(*with_availability(standard)),
        plan_of(*with_availability(changed(recommended, **ranking))),
    ]
    for number, plan in enumerate(variants):
        for name, source in (
            ("preprocessing", generate_preprocessing(plan)),
            ("trainer", generate_trainer(plan)),
        ):
            (tmp_path / f"{name}_{number}.py").write_text(source, encoding="utf-8")
    (tmp_path / "ruff.toml").write_text("line-length = 100\n", encoding="utf-8")
    select = "E,F,W,I,N,UP,B,A,C4,SIM,RET,ARG,RUF100"
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


@pytest.mark.parametrize("name", ["standard", "everything", "multitask", "recommended"])
def test_golden_files_are_current(
    name: str, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make golden` writes them anew."""
    monkeypatch.setenv("RECSMITH_VERSION", "1.2.3")  # a release changes no golden file
    sources = generate(*request.getfixturevalue(name))
    for kind, source in zip(("preprocessing", "trainer"), sources, strict=True):
        path = GOLDEN / f"{name}_{kind}.py"
        if request.config.getoption("--write-golden"):
            path.parent.mkdir(exist_ok=True)
            path.write_text(source, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == source


def test_the_header_says_which_version_has_written_a_module(
    standard: Documents, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("RECSMITH_VERSION", "7.8.9")
    for source in generate(*standard):
        assert source.partition("\n")[0].endswith(", generated by Recsmith 7.8.9.")


def test_a_training_seed_takes_the_place_of_the_tests_own(standard: Documents) -> None:
    assert "\nSEED = 17\n" in generate_trainer(plan_of(*standard, seed=17))
    seeded = plan_of(*standard, seed=17, training_seed=0)
    assert "\nSEED = 0\n" in generate_trainer(seeded)


def test_only_a_patience_brings_early_stopping_into_the_code(standard: Documents) -> None:
    assert "early_stopping" not in generate_trainer(plan_of(*standard)).lower()
    source = generate_trainer(plan_of(*standard, early_stopping_patience=4))
    assert "\nEARLY_STOPPING_PATIENCE = 4\n" in source
    assert "\n    callbacks.append(early_stopping())\n" in source


def test_only_an_id_dropout_has_the_candidate_tower_do_without_ids(standard: Documents) -> None:
    dataset, features, model = standard
    assert "sometimes_dropped" not in generate_trainer(plan_of(*standard))
    changed = features.model_copy(deep=True)
    (ids, *_) = changed.spec.product_model_features
    ids.id_dropout = 0.25  # type: ignore[union-attr]
    source = generate_trainer(plan_of(dataset, changed, model))
    tower = source[source.index("class CandidateTower") :]
    assert "self.tensor(features, training)" in tower
    (called,) = [
        node
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "sometimes_dropped"
    ]
    assert ast.unparse(called.args[3]) == "0.25"


def renamed(document: AnyDocument, old: str, new: str) -> AnyDocument:
    return type(document).model_validate(rename(document.model_dump(mode="json"), old, new))


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
