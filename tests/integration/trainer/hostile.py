"""A job whose every name is made to break out of a literal, and whose values are no better."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from tests.integration.trainer.support import Documents, TrainerJob, make_job, purchases

_COLUMNS = ("household_id", "product_id", "purchased_at", "category", "sales_value", "title")


def breaks_out(of: str, marker: Path) -> str:
    """A name that would create the file `marker`, were it ever code."""
    return (
        f'{of} " \' """ \\ \\" \n{{}} {{0}} %s # \r\t'
        f"\"\"\"\n__import__('os').system('touch {marker}')\n'''{{__import__('os')}}\u2028"
    )


def marker(folder: Path) -> Path:
    return folder.parent / f"{folder.name}-broken-out"


def product_id(plain: int) -> str:
    return f"{plain} \"'\\{{}}#"


def job(folder: Path, documents: Documents) -> TrainerJob:
    """Documents like `standard`, with a number, a cross, and a file of the same hostility."""
    names = {column: breaks_out(column, marker(folder)) for column in _COLUMNS}
    dataset, features, model = (document.model_dump(mode="json") for document in documents)
    config = features["spec"]
    config["buyer_model_features"] = config["buyer_model_features"][:3]
    for feature in config["buyer_model_features"][1:]:
        feature["transforms"]["bucketize"]["enabled"] = feature["column"] == "sales_value"
    config["buyer_model_crosses"][0]["features"] = ["household_id", "sales_value_bucket"]
    config["product_model_features"] = config["product_model_features"][:2]
    config["product_model_crosses"][0]["features"] = ["product_id", "category"]
    for document in (dataset, features, model):
        document["name"] = document["description"] = breaks_out("name", marker(folder))
    dataset["spec"]["column_mapping"] = {
        names[column]: role for column, role in dataset["spec"]["column_mapping"].items()
    }
    renamed = (
        Dataset.model_validate(dataset),
        FeatureConfig.model_validate(_rename(features, names)),
        ModelConfig.model_validate(model),
    )
    table = purchases()[list(_COLUMNS)].head(2000)
    table["product_id"] = table["product_id"].map(product_id)
    table["category"] = table["category"].map(lambda category: f"{category}\n\r\"'")
    folder.parent.mkdir(parents=True, exist_ok=True)
    source = folder.parent / 'it\'s "a" #hostile {} file.parquet'
    table.rename(columns=names).to_parquet(source)
    return make_job(folder, renamed, source, epochs=1)


def _rename(document: dict[str, Any], names: dict[str, str]) -> Any:
    """A config with other column names, wherever they stand."""
    text = json.dumps(document)
    for old, new in names.items():
        quoted = json.dumps(new)
        text = text.replace(f'"{old}"', quoted).replace(f'"{old}_bucket"', quoted[:-1] + '_bucket"')
    return json.loads(text)
