"""Documents in files, on the command line: applied, compared, exported, edited."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from local import demo_data
from local.cli import app
from local.cli.client import Api
from local.cli.system import own_system
from local.jobs.environment import REPOSITORY
from shared.as_code.documents import check_together
from shared.as_code.files import documents_in
from shared.as_code.kinds import KINDS
from shared.as_code.known_data import check_with_data
from shared.as_code.schema import schema
from shared.documents.dataset import Dataset
from tests.integration.laptop import Laptop, in_process

DATASET = """\
# the shop's tills
kind: dataset
name: Shop
spec:
  source: {kind: csv, uri: ../purchases.csv}
  column_mapping: {CustomerId: customer_id, sku: product_id, bought_on: transaction_date}
"""
CONFIGS = """\
kind: feature_config
name: Ids
spec:
  dataset: Shop
  buyer_model_features: [{column: CustomerId, type: string_embedding}]
  product_model_features: [{column: sku, type: string_embedding}]
---
kind: model_config
name: Small
spec:
  buyer_tower_layers: [{type: dense, units: 32, activation: null}]
  product_tower_layers: [{type: dense, units: 32, activation: null}]
---
kind: rule_set
name: Front
spec:
  dataset: Shop
  rules: {filters: [{type: except, product_ids: [p1]}]}
"""


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    made = Laptop(tmp_path)
    (tmp_path / "configs").mkdir()
    (tmp_path / "configs" / "shop.yaml").write_text(DATASET)
    (tmp_path / "configs" / "rest.yaml").write_text(CONFIGS)
    return made


Run = Callable[..., str]


@pytest.fixture
def run(laptop: Laptop, monkeypatch: pytest.MonkeyPatch) -> Iterator[Run]:
    """Everything that a command said, which talks to a system that is up."""

    for name, value in laptop.environment.items():
        monkeypatch.setenv(name, value)
    laptop.home.mkdir()
    with in_process(laptop) as run:
        yield run


def test_files_are_applied_compared_exported_and_edited(laptop: Laptop, run: Run) -> None:
    with own_system(laptop.home) as api:
        _applied(laptop.folder / "configs", run, api)
        _edited(laptop, run)
        _exported(laptop.folder, run, api)


def _applied(configs: Path, run: Run, api: Api) -> None:
    """All or nothing, once, over what somebody changed elsewhere."""
    wrong = CONFIGS.replace("column: sku", "column: skuu")
    (configs / "rest.yaml").write_text(wrong)
    said = run("apply", "configs", "--yes", status=1)
    assert "configs/rest.yaml:6:29: error: spec.product_model_features[0].column:" in said
    (configs / "rest.yaml").write_text(CONFIGS)
    assert "Give --yes" in run("apply", "configs", status=1)
    assert not api.get("/api/datasets/")["items"]
    assert "4 to create" in run("apply", "configs", "--yes")
    assert "4 documents unchanged" in run("apply", "configs", "--yes")
    (features,) = api.get("/api/feature-configs/")["items"]
    assert features["managed_by"] == {"path": "rest.yaml", "revision": 1}
    assert features["status"]["validation"]["state"] == "valid"

    # Somebody changes it elsewhere: the mark stays, and says that the file is behind.
    spec = features["spec"]
    spec["buyer_model_features"][0]["embedding_dim"] = 64
    path = f"/api/feature-configs/{features['id']}/"
    changed = api.put(path, {"name": "Ids", "spec": spec}, features["revision"])
    assert (changed["revision"], changed["managed_by"]["revision"]) == (2, 1)
    said = run("diff", "configs", status=1)
    assert "spec.buyer_model_features.0.embedding_dim: 64 → 32" in said
    run("apply", "configs", "--yes")
    assert api.get(path)["managed_by"]["revision"] == 3
    run("diff", "configs")

    # The dataset as a file is enough to check all that its data allows.
    (configs.parent / "profile.json").write_text(run("dataset", "show", "Shop", "--json"))
    (configs / "rest.yaml").write_text(wrong)
    said = run("validate", "configs", "--profile", "profile.json", status=1)
    assert "configs/rest.yaml:6:29: error:" in said
    run("validate", "configs")
    (configs / "rest.yaml").write_text(CONFIGS)


def _edited(laptop: Laptop, run: Run) -> None:
    """Without files; the editor's text is kept where it is refused."""
    listed = run("feature-config", "list", "--columns", "name,revision")
    assert listed == "Ids\t3\n"
    run("feature-config", "restore", "Ids", "2")
    laptop.environment["EDITOR"] = "sed -i s/64/16/"
    said = run("feature-config", "edit", "Ids")
    assert "is kept in rest.yaml" in said
    assert "embedding_dim: 16" in run("feature-config", "show", "Ids")
    laptop.environment["EDITOR"] = "sed -i s/16/-1/"
    said = run("feature-config", "edit", "Ids", status=1)
    assert "Nothing was changed. The text is kept in" in said
    kept = Path(said.rsplit("kept in ", 1)[1].strip().removesuffix("."))
    assert "embedding_dim: -1" in kept.read_text()
    kept.unlink()
    run("feature-config", "clone", "Ids", "--name", "Copy")
    said = run("feature-config", "create", "--defaults", "Shop", "--name", "Copy", status=1)
    assert "There is a feature config 'Copy' already." in said
    run("feature-config", "delete", "Copy", "--yes")
    assert "Ids" in run("dataset", "delete", "Shop", "--yes", status=1)
    run("apply", "configs", "--yes")


def _exported(folder: Path, run: Run, api: Api) -> None:
    """And applied to a system that holds nothing, from which the same comes out."""
    run("export", "--all", "--out", "first")
    for path in ("rule-sets", "feature-configs", "model-configs", "datasets"):
        for document in api.get(f"/api/{path}/")["items"]:
            api.delete(f"/api/{path}/{document['id']}/", document["revision"])
    assert "4 to create" in run("apply", "first", "--yes")
    run("export", "--all", "--out", "second")
    assert "0 written, 4 unchanged" in run("export", "--all", "--out", "second")
    first, second = folder / "first", folder / "second"
    names = [path.relative_to(first) for path in sorted(first.rglob("*.yaml"))]
    assert len(names) == 4
    assert all((first / name).read_bytes() == (second / name).read_bytes() for name in names)


def test_the_examples_are_documents_that_go_together() -> None:
    documents = documents_in([str(REPOSITORY / "examples" / "groceries")])
    assert {one.kind.key for one in documents} == {*KINDS} - {"schedule", "sweep", "tuning"}
    held: dict[str, list[str]] = {kind: [] for kind in KINDS}
    assert not check_together(documents, held)
    dataset = next(one for one in documents if one.kind.key == "dataset")
    assert dataset.spec["column_mapping"] == demo_data.MAPPING
    types = {"purchased_at": "TIMESTAMP", "quantity": "INTEGER", "sales_value": "FLOAT"}
    columns = [{"name": name, "type": types.get(name, "STRING")} for name in demo_data.MAPPING]
    known = Dataset.model_validate(
        {"id": "ds", "name": dataset.name, "spec": dataset.spec, "status": {"columns": columns}}
    )
    found = check_with_data(documents, {known.name: known})
    assert not [one for one in found if one.level == "error"]


def test_the_schema_beside_the_examples_is_the_present_one() -> None:
    kept = json.loads((REPOSITORY / "examples" / "recsmith.schema.json").read_text())
    assert kept == schema(), "recsmith schema > examples/recsmith.schema.json"


def test_the_workflow_validates_what_is_asked_and_applies_what_is_merged() -> None:
    flow = yaml.safe_load((REPOSITORY / "examples" / "github" / "recsmith.yml").read_text())
    assert set(flow[True]) == {"pull_request", "push"}  # `on`, by YAML 1.1
    for job, command in (("validate", "validate configs"), ("apply", "apply configs --yes")):
        assert f"recsmith {command}" in [step.get("run") for step in flow["jobs"][job]["steps"]]


def test_a_schema_is_printed() -> None:
    result = CliRunner().invoke(app, ["schema", "feature-config"])
    assert json.loads(result.stdout)["properties"]["kind"] == {"const": "feature_config"}
    assert "Kinds are" in CliRunner().invoke(app, ["schema", "nothing"]).stderr
