"""Documents as files: what is read, what is refused and where, what is written."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scenario import DATASET_SPEC, MODEL_SPEC, RULES, feature_spec
from strategies import datasets, feature_configs, model_configs, texts

from shared.as_code import reading
from shared.as_code.documents import check_together, document_of
from shared.as_code.files import documents_in
from shared.as_code.kinds import BY_COLLECTION, KINDS, kind_called
from shared.as_code.planning import Holdings, planned
from shared.as_code.reading import FilesError, read
from shared.as_code.rendering import file_names, rendered
from shared.as_code.schema import schema
from shared.documents.base import spec_hash
from shared.documents.model_config import ModelConfigSpec

FEATURES = """\
kind: feature_config
name: Basic
spec:
  dataset: Shop
  buyer_model_features:
    - {column: customer, type: string_embedding}
  product_model_features:
    - column: product
      type: string_embedding
"""

NIGHTLY = """\
kind: schedule
name: Nightly
spec:
  model: Shop
  cron: 0 3 * * mon
  zone: Europe/Berlin
"""


def findings(content: str | bytes) -> list[str]:
    """What is said of a file that is refused."""
    raw = content.encode() if isinstance(content, str) else content
    with pytest.raises(FilesError) as refused:
        [document_of(text) for text in read(raw, "f.yaml")]
    return [f"{one.place}: {one.message}" for one in refused.value.findings]


def held(kind: str, name: str, spec: dict[str, Any], **fields: Any) -> dict[str, Any]:
    """A document as a system holds it, with the defaults of its spec."""
    whole = KINDS[kind].spec.model_validate(spec).model_dump(mode="json")
    document = {"id": f"{kind}-{name}", "name": name, "description": "", "revision": 1}
    return {**document, "spec": whole, "status": {}, **fields}


def holdings(*documents: dict[str, Any]) -> Holdings:
    found: dict[str, list[dict[str, Any]]] = {kind.key: [] for kind in BY_COLLECTION.values()}
    for one in documents:
        found[one["id"].rpartition("-")[0]].append(one)
    return Holdings(found)


SHOP = held("dataset", "Shop", DATASET_SPEC)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (FEATURES + "  colour: red\n", ":10:3: There is no such field"),
        (FEATURES.replace("product_model", "products_model"), ":7:3: There is no such field"),
        (FEATURES.replace("string_embedding}", "embedding}"), ":6:7: "),
        (FEATURES.replace("feature_config", "feature_conf"), "Did you mean feature_config?"),
        (FEATURES + "name: Again\n", ":10:1: 'name' stands here a second time; first in line 2"),
        (FEATURES.replace("dataset: Shop", "dataset_id: ds-1"), ":4:3: Files name documents"),
        (FEATURES.replace("dataset: Shop", "dataset: 7"), "`dataset` is the name of a dataset"),
        (FEATURES.replace("  dataset: Shop\n", ""), "`dataset` is the name of a dataset"),
        (FEATURES.replace("  dataset", "\tdataset"), ":4:1: Tabs are not taken"),
        (FEATURES.replace("Shop", "&shop Shop"), ":4:12: Anchors and aliases"),
        (FEATURES.replace("Shop", "*shop"), ":4:12: Anchors and aliases"),
        ("a: &a [*a]\n", "Anchors and aliases"),
        (FEATURES.replace("Shop", "!!python/name:os.system x"), ":4:12: Tags (!)"),
        (FEATURES.replace("Basic", "007"), ":2:7: Write '007' in quotes"),
        (FEATURES.replace("Basic", ".inf"), "A number is finite"),
        (FEATURES.replace("Basic", "9" * 5000), "at most 400 digits"),
        (FEATURES + "? [a, b]\n: 1\n", "A field's name is text"),
        (FEATURES + "<<: {a: 1}\n", "Merge keys"),
        (FEATURES + "extra: 1\n", "A document has kind, name, description, spec"),
        ("[" * 200 + "]" * 200, "at most 100 deep"),
        ("kind: [", "This is not YAML"),
        ("- kind: dataset\n", "A document has the fields kind"),
        ("kind: dataset\nname: x\n", "`spec` has the fields of the dataset"),
        (b"kind: dataset\nname: \xff\n", ":2:1: The file is not UTF-8"),
        ("kind: dataset\nname: a\x07\n", ":2:8: The character"),
        (
            NIGHTLY.replace("0 3 * * mon", "0 25 * * mon"),
            ":5:3: The hour is '25'; expected 0 to 23",
        ),
        (NIGHTLY.replace("0 3 * * mon", "0 3 31 2 *"), ":5:3: It never fires"),
        (NIGHTLY.replace("0 3 * * mon", "'* * * * *'"), ":5:3: It fires twice within 1 min"),
        (NIGHTLY.replace("Berlin", "Berlim"), ":6:3: 'Europe/Berlim'"),
        (NIGHTLY.replace("model: Shop", "model_id: rm-1"), ":4:3: Files name documents"),
        (NIGHTLY.replace("  model: Shop\n", ""), "`model` is the name of a registered model"),
        (NIGHTLY + "  promotion: always\n", ":7:3: "),
        (b"#" * (reading.MOST_BYTES + 1), "one may have 1,024 KiB"),
    ],
)
def test_what_cannot_be_used_is_named_with_line_and_column(content: str | bytes, said: str) -> None:
    assert any(said in one for one in findings(content)), findings(content)


def test_everything_that_is_wrong_is_said_at_once() -> None:
    content = FEATURES.replace("Shop", "''").replace("Basic", "x" * 300) + "  colour: red\n"
    assert len(findings(content)) == 3


def test_rules_that_need_no_data_are_judged_without_a_system() -> None:
    wide = {"type": "dense", "units": 16, "activation": None}
    content = yaml.safe_dump(
        {"kind": "model_config", "name": "M", "spec": {**MODEL_SPEC, "buyer_tower_layers": [wide]}}
    )
    assert any("tower" in one for one in findings(content))


def test_plain_values_are_what_yaml_1_2_says() -> None:
    (text,) = read(b"[no, on, 12:30, 2024-01-01, 1_000, 1e-3, 10, -2.5, true, ~, '1', \"\"]", "f")
    assert text.data == [
        *("no", "on", "12:30", "2024-01-01", "1_000", 1e-3, 10, -2.5, True, None, "1", ""),
    ]


def test_json_is_read_with_its_escapes() -> None:
    (text,) = read(b'{"kind": "x", "a": ["\\ud83d\\ude00", "\\u00e9\\/"]}', "f.json")
    assert text.data["a"] == ["😀", "é/"]
    assert text.place("a[1]").column == 37


def test_names_are_told_apart_and_found(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text(FEATURES)
    (tmp_path / "b.yml").write_text(FEATURES.replace("Basic", "basic"))
    (tmp_path / "x.schema.json").write_text("{}")
    (tmp_path / ".hidden.yaml").write_text("no: document")
    documents = documents_in([str(tmp_path)])
    said = [one.message for one in check_together(documents)]
    assert len(said) == 1
    assert "differs only by case" in said[0]
    (found,) = check_together(documents[:1], {"dataset": ["Shops"]})
    assert found.message == "There is no dataset 'Shop'. Did you mean 'Shops'?"
    assert found.place.line == 4
    (found,) = check_together(documents[:1], {"dataset": ["Shop", "Shop"]})
    assert "Several datasets of the system are called 'Shop'" in found.message
    assert not check_together(documents[:1], {"dataset": ["Shop"]})


def test_the_data_lies_beside_the_file_that_names_it(tmp_path: Path) -> None:
    folder = tmp_path / "configs"
    folder.mkdir()
    spec = {"source": {"kind": "csv", "uri": "../data/p.csv"}, "column_mapping": {}}
    spec["products"] = {"source": {"kind": "csv", "uri": "gs://b/p.csv"}, "key": "id"}  # type: ignore[assignment]
    data = {"kind": "dataset", "name": "Shop", "spec": spec}
    (folder / "shop.yaml").write_text(yaml.safe_dump(data))
    (document,) = documents_in([str(folder)])
    assert document.spec["source"]["uri"] == f"{tmp_path.as_posix()}/data/p.csv"
    assert document.spec["products"]["source"]["uri"] == "gs://b/p.csv"
    assert document.owner == "shop.yaml"
    (tmp_path / ".git").mkdir()
    (document,) = documents_in([str(folder)])
    assert document.owner == "configs/shop.yaml"


def test_a_plan_creates_updates_and_leaves() -> None:
    (text,) = read(FEATURES.encode(), "f.yaml")
    document = document_of(text, "f.yaml")
    (step,) = planned([document], holdings(SHOP)).steps
    assert step.action == "create"
    same = held("feature_config", "Basic", feature_spec("dataset-Shop"))
    (step,) = planned([document], holdings(SHOP, same)).steps
    assert step.action == "mark"
    owned = {**same, "managed_by": {"path": "f.yaml", "revision": 1}}
    (step,) = planned([document], holdings(SHOP, owned)).steps
    assert step.action == "unchanged"
    wide = held("feature_config", "Basic", feature_spec("dataset-Shop", embedding_dim=64))
    plan = planned([document], holdings(SHOP, wide))
    (change,) = plan.steps[0].changes
    assert (change.path, change.was, change.now) == (
        *("spec.buyer_model_features.0.embedding_dim", 64, 32),
    )
    known = {
        planned([document], holdings(SHOP, *there)).steps[0].known_by
        for there in ([wide], [], [{**wide, "revision": 2}], [{**wide, "id": "feature_config-2"}])
    }
    assert len(known) == 4
    assert plan.steps[0].known_by in known


def test_what_runs_is_not_changed_once_it_has_started() -> None:
    spec = "spec: {feature_configs: [Basic], model_configs: [Small], epochs: 3}"
    (text,) = read(f"kind: sweep\nname: Grid\n{spec}\n".encode(), "s.yaml")
    document = document_of(text)
    there = [
        SHOP,
        held("feature_config", "Basic", feature_spec("dataset-Shop")),
        held("model_config", "Small", MODEL_SPEC),
    ]
    ids = {
        "feature_config_ids": ["feature_config-Basic"],
        "model_config_ids": ["model_config-Small"],
    }
    assert planned([document], holdings(*there)).steps[0].action == "create"
    same = held("sweep", "Grid", {**ids, "epochs": 3})
    assert planned([document], holdings(*there, same)).steps[0].action == "unchanged"
    with pytest.raises(FilesError, match=r"does not change any more: spec\.epochs"):
        planned([document], holdings(*there, held("sweep", "Grid", {**ids, "epochs": 4})))


def test_a_schedule_names_a_model_that_a_training_has_made() -> None:
    (text,) = read(NIGHTLY.encode(), "n.yaml")
    document = document_of(text)
    with pytest.raises(FilesError) as refused:
        planned([document], holdings())
    (found,) = refused.value.findings
    assert (found.place.line, found.path) == (4, "spec.model")
    assert found.message == (
        "There is no registered model 'Shop', in the system: none. `recsmith train` registers one."
    )
    model = {"id": "registered_model-Shop", "name": "Shop", "description": "", "revision": 1}
    there = holdings({**model, "spec": {}, "status": {}})
    (step,) = planned([document], there).steps
    assert (step.action, step.note) == ("create", "Every Monday at 03:00, Europe/Berlin")
    body = document.body(there.ids())
    assert body["spec"]["model_id"] == "registered_model-Shop"
    same = held("schedule", "Nightly", body["spec"])
    there = holdings(same, {**model, "spec": {}, "status": {}})
    assert planned([document], there).steps[0].action == "unchanged"
    paused = {**same, "spec": {**same["spec"], "enabled": False}}
    there = holdings(paused, {**model, "spec": {}, "status": {}})
    (change,) = planned([document], there).steps[0].changes
    assert (change.path, change.was, change.now) == ("spec.enabled", False, True)
    assert kind_called("schedules") is kind_called("schedule") is KINDS["schedule"]


def test_files_have_names_that_any_system_takes() -> None:
    named = file_names(["Größe (cm)", "a/b", "A b", "価格", "..", "x" * 250])
    assert named["Größe (cm)"] == "groe-cm.yaml"
    assert sorted(named.values())[:2] == ["a-b-2.yaml", "a-b.yaml"]
    assert len(set(named.values())) == 6
    assert all(len(one) < 100 for one in named.values())


SCHEDULED = st.fixed_dictionaries(
    {
        "cron": st.builds(
            "{} {} {} {} {}".format,
            st.integers(0, 59),
            st.sampled_from(["3", "*/6", "8-18/2", "1,13", "*"]),
            st.sampled_from(["*", "1", "1-15", "*/2"]),
            st.sampled_from(["*", "jan-mar", "6"]),
            st.sampled_from(["*", "mon", "1-5", "7"]),
        )
    },
    optional={
        "zone": st.sampled_from(["UTC", "Europe/Berlin", "America/Los_Angeles"]),
        "enabled": st.booleans(),
        "epochs": st.none() | st.integers(1, 20),
        "data_sample_percent": st.none() | st.sampled_from([5.0, 25.0, 100.0]),
        "promotion": st.sampled_from(["never", "unless_worse"]),
        "tell": st.lists(st.sampled_from(["team", "on-call"]), unique=True),
    },
)


@st.composite
def _documents(draw: st.DrawFn) -> tuple[str, str, str, dict[str, Any]]:
    """Kind, name, description and spec of a document as the API has it."""
    kind = draw(
        st.sampled_from(["dataset", "feature_config", "model_config", "rule_set", "schedule"])
    )
    if kind == "schedule":
        spec = {"model_id": "rm-1", **draw(SCHEDULED)}
        spec = KINDS[kind].spec.model_validate(spec).model_dump(mode="json")
    elif kind == "model_config":
        spec = draw(model_configs()).data()["spec"]
    elif kind == "rule_set":
        spec = {"dataset_id": "ds-1", "rules": RULES}
        spec = KINDS[kind].spec.model_validate(spec).model_dump(mode="json")
    else:
        dataset = draw(datasets())
        made = dataset if kind == "dataset" else draw(feature_configs(dataset))
        spec = made.data()["spec"]
    words = st.one_of(texts, st.text(max_size=60), st.just("two\nlines  \n\n"))
    return kind, draw(texts), draw(words), spec


@given(_documents(), texts, st.booleans())
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_what_is_written_is_read_back_as_the_same_document_and_bytes(
    drawn: tuple[str, str, str, dict[str, Any]], dataset: str, whole: bool
) -> None:
    kind, name, description, spec = drawn
    names = {"ds-1": dataset, "rm-1": dataset}
    text = rendered(KINDS[kind], name, description, spec, names, whole=whole)
    (found,) = read(text.encode(), "f.yaml")
    assert found.data["name"] == name
    assert found.data.get("description", "") == description
    if kind == "model_config":  # not all that are drawn are sensible
        again = ModelConfigSpec.model_validate(found.data["spec"]).model_dump(mode="json")
        assert spec_hash(again) == spec_hash(spec)
        return
    document = document_of(found)
    body = document.body({("dataset", dataset): "ds-1", ("registered_model", dataset): "rm-1"})
    assert spec_hash(body["spec"]) == spec_hash(spec)
    assert rendered(KINDS[kind], name, description, body["spec"], names, whole=whole) == text
    assert yaml.safe_load(text)["name"] == name  # other readers take it for the same


def test_the_schema_knows_every_field_by_the_files_name() -> None:
    made = schema()
    assert [one["properties"]["kind"]["const"] for one in made["oneOf"]] == list(KINDS)
    only = schema([KINDS["sweep"]])
    fields = only["properties"]["spec"]["properties"]
    assert fields["feature_configs"]["maxItems"] == 20
    assert not [field for field in fields if field.endswith(("_id", "_ids"))]
    assert "feature_configs" in only["properties"]["spec"]["required"]
    assert only["properties"]["spec"]["additionalProperties"] is False
