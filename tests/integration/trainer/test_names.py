"""Names and values of the worst kind: they train a real model and come out as they went in."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

from tests.integration.trainer import hostile
from tests.integration.trainer.support import GROUPS, TrainerJob, predict, purchases

pytestmark = pytest.mark.trainer


def test_hostile_names_train_and_stay_literals(hostile_run: TrainerJob) -> None:
    marker = hostile.marker(hostile_run.folder)
    assert [line["state"] for line in hostile_run.status() if "state" in line] == [
        "running",
        "succeeded",
    ] * 4
    assert not marker.exists(), "a name has been run as code"
    for module in (hostile_run.folder / "code").glob("*.py"):
        tree = ast.parse(module.read_text(encoding="utf-8"))
        literals = {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        for name in ("name", "household_id", "category", "sales_value"):
            assert hostile.breaks_out(name, marker) in literals
    vocabularies = json.loads((hostile_run.output / "vocabulary.json").read_text())
    found = {one["column"]: one for one in vocabularies}
    assert hostile.breaks_out("product_id", marker) in found
    # Its values have line breaks.
    category = found[hostile.breaks_out("category", marker)]
    assert category["vocabulary_size"] > GROUPS
    assert (category["oov_rate"], category["truncated"]) == (0, False)


def test_hostile_ids_are_recommended_as_they_are(hostile_run: TrainerJob, tmp_path: Path) -> None:
    keys = {
        feature.column.split(" ")[0]: feature.key
        for feature in hostile_run.request.examples.features
    }
    given = {keys["household_id"]: [1003, "no \"'\\\n{}#"], keys["sales_value"]: [None, 2.5]}
    candidates = str(hostile_run.output / "candidates.parquet")
    ended = predict(
        tmp_path, hostile_run.output / "model", given, "--candidates", candidates, "--k", "5"
    )
    assert ended.returncode == 0, ended.stderr
    title_of = {hostile.product_id(row.product_id): row.title for row in purchases().itertuples()}
    for row in json.loads(ended.stdout):
        assert len(row) == 5
        for found in row:
            assert found["name"] == title_of[found["product_id"]]
    assert not hostile.marker(hostile_run.folder).exists()
