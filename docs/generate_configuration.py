"""Writes `configuration.md`: every field of every document, from the models and the generator.

What a field becomes in code is found by changing it, generating both modules anew, and comparing.
"""

from __future__ import annotations

import ast
import copy
import inspect
import re
from collections.abc import Iterator
from difflib import ndiff
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from shared.codegen import generate_preprocessing
from shared.codegen.plan import examples_spec, make_plan
from shared.columns import Column, ColumnType
from shared.documents.dataset import BigQuerySource, Dataset, DatasetSpec, FileSource
from shared.documents.feature_config import (
    FeatureConfig,
    FeatureConfigSpec,
    Numeric,
    NumericTransforms,
    StringEmbedding,
    Timestamp,
    TimestampTransforms,
)
from shared.documents.model_config import ModelConfig, ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec, Split
from shared.handlers.generate_code import trainer_source
from shared.layers import BatchNorm, Dense, Dropout, LayerNorm
from shared.transforms.bucketize import Bucketize
from shared.transforms.cross import Cross
from shared.transforms.cyclical import Cyclical
from shared.transforms.normalize import Normalize
from shared.transforms.vocabulary import VocabularySettings

PAGE = Path(__file__).with_name("configuration.md")
_HEAD = """\
# Configuration

<!-- Written by `make docs` from the models and the generator. Do not edit. -->

What each document's `spec` may say. The last column shows what a field becomes in the generated
modules, or in the request for a training job (*job:*): a line that changes with the field, for an
example; a dash where nothing of it reaches the code. Rules across fields, such as the width in
which towers end, are in `shared/rules/`.
"""

_COLUMNS = {
    "customer": ColumnType.STRING,
    "product": ColumnType.STRING,
    "bought_at": ColumnType.TIMESTAMP,
    "arrived_at": ColumnType.TIMESTAMP,
    "city": ColumnType.STRING,
    "brand": ColumnType.STRING,
    "price": ColumnType.FLOAT,
    "weight": ColumnType.FLOAT,
    "rating": ColumnType.FLOAT,
    "stars": ColumnType.FLOAT,
}
_EVERYTHING: dict[str, Any] = {
    "dataset": {
        "source": {"kind": "parquet", "uri": "purchases.parquet"},
        "column_mapping": {
            "customer": "customer_id",
            "product": "product_id",
            "bought_at": "transaction_date",
        },
    },
    "features": {
        "dataset_id": "ds-1",
        "buyer_model_features": [
            {"column": "city", "type": "string_embedding"},
            {
                "column": "bought_at",
                "type": "timestamp",
                "transforms": {
                    "bucketize": {"enabled": True},
                    "cyclical": {"weekly": True},
                },
            },
        ],
        "product_model_features": [
            {"column": "product", "type": "string_embedding"},
            {"column": "price", "type": "numeric", "transforms": {"bucketize": {"enabled": True}}},
        ],
        "buyer_model_crosses": [{"features": ["city", "bought_at_bucket"], "hash_bucket_size": 500}],
    },
    "model": {
        "model_type": "multitask",
        "buyer_tower_layers": [
            {"type": "dense", "units": 64},
            {"type": "dropout"},
            {"type": "batch_norm"},
            {"type": "layer_norm"},
            {"type": "dense", "units": 32, "activation": None},
        ],
        "product_tower_layers": [{"type": "dense", "units": 32, "activation": None}],
        "rating_head_layers": [{"type": "dense", "units": 1, "activation": None}],
        "retrieval_algorithm": "scann",
    },
    "test": {
        "feature_config_id": "fc-1",
        "model_config_id": "mc-1",
        "rating_column": "rating",
        "epochs": 3,
    },
}
_NUMERIC = ("features", "product_model_features", 1)
_TIMESTAMP = ("features", "buyer_model_features", 1)
_DENSE = {"type": "dense", "units": 16}
_EMBEDDED = {"column": "brand", "type": "string_embedding"}
# Section, and its models with where in `_EVERYTHING` an example of each is.
_SECTIONS: list[tuple[str, list[tuple[type[BaseModel], tuple[Any, ...]]]]] = [
    (
        "Dataset",
        [
            (DatasetSpec, ("dataset",)),
            (FileSource, ("dataset", "source")),
            (BigQuerySource, ("dataset", "source")),
        ],
    ),
    (
        "Feature config",
        [
            (FeatureConfigSpec, ("features",)),
            (StringEmbedding, ("features", "buyer_model_features", 0)),
            (VocabularySettings, ("features", "buyer_model_features", 0, "vocab_settings")),
            (Numeric, _NUMERIC),
            (NumericTransforms, (*_NUMERIC, "transforms")),
            (Timestamp, _TIMESTAMP),
            (TimestampTransforms, (*_TIMESTAMP, "transforms")),
            (Normalize, (*_NUMERIC, "transforms", "normalize")),
            (Bucketize, (*_NUMERIC, "transforms", "bucketize")),
            (Cyclical, (*_TIMESTAMP, "transforms", "cyclical")),
            (Cross, ("features", "buyer_model_crosses", 0)),
        ],
    ),
    (
        "Model config",
        [
            (ModelConfigSpec, ("model",)),
            (Dense, ("model", "buyer_tower_layers", 0)),
            (Dropout, ("model", "buyer_tower_layers", 1)),
            (BatchNorm, ("model", "buyer_tower_layers", 2)),
            (LayerNorm, ("model", "buyer_tower_layers", 3)),
        ],
    ),
    ("Quick test", [(QuickTestSpec, ("test",)), (Split, ("test", "split"))]),
]
# Values to change a field to, where the schema alone does not tell a sensible one.
_OTHERS: dict[tuple[str, str], Any] = {
    ("DatasetSpec", "source"): {"kind": "csv", "uri": "purchases.csv"},
    ("DatasetSpec", "column_mapping"): {
        "city": "customer_id",
        "product": "product_id",
        "bought_at": "transaction_date",
    },
    ("FileSource", "uri"): "more/*.parquet",
    ("FeatureConfigSpec", "buyer_model_features"): [
        *_EVERYTHING["features"]["buyer_model_features"],
        _EMBEDDED,
    ],
    ("FeatureConfigSpec", "product_model_features"): [
        *_EVERYTHING["features"]["product_model_features"],
        _EMBEDDED,
    ],
    ("FeatureConfigSpec", "product_model_crosses"): [
        {"features": ["product", "price_bucket"], "hash_bucket_size": 500}
    ],
    ("FeatureConfigSpec", "buyer_model_crosses"): [
        *_EVERYTHING["features"]["buyer_model_crosses"],
        {"features": ["bought_at_bucket", "city"], "hash_bucket_size": 700},
    ],
    ("StringEmbedding", "vocab_settings"): {"max_size": 500},
    ("Numeric", "column"): "weight",
    ("Timestamp", "column"): "arrived_at",
    ("Numeric", "transforms"): {"normalize": {"enabled": True}, "bucketize": {"enabled": False}},
    ("NumericTransforms", "normalize"): {"enabled": False},
    ("NumericTransforms", "bucketize"): {"enabled": True, "buckets": 20},
    ("TimestampTransforms", "normalize"): {"enabled": False},
    ("TimestampTransforms", "bucketize"): {"enabled": True, "buckets": 20},
    ("TimestampTransforms", "cyclical"): {"weekly": True, "daily": True},
    ("Normalize", "range"): [0, 1],
    ("Cross", "features"): ["bought_at_bucket", "city"],
    ("ModelConfigSpec", "buyer_tower_layers"): [
        _DENSE,
        *_EVERYTHING["model"]["buyer_tower_layers"],
    ],
    ("ModelConfigSpec", "product_tower_layers"): [
        _DENSE,
        *_EVERYTHING["model"]["product_tower_layers"],
    ],
    ("ModelConfigSpec", "rating_head_layers"): [
        _DENSE,
        *_EVERYTHING["model"]["rating_head_layers"],
    ],
    ("QuickTestSpec", "rating_column"): "stars",
    ("QuickTestSpec", "split"): {"holdout_percent": 20},
}
# What no single line shows.
_IN_WORDS = {
    ("BigQuerySource", "kind"): "*job:* `source`",
    ("BigQuerySource", "table"): "*job:* `source`",
    ("StringEmbedding", "type"): "the calls above and below",
    ("Numeric", "type"): "the calls above and below",
    ("Timestamp", "type"): "the calls above and below",
    ("Bucketize", "enabled"): "`_bucketize(…)`, and an embedding in the tower",
    ("ModelConfigSpec", "model_type"): "`class TwoTowerModel`, its losses and serving signatures",
    ("ModelConfigSpec", "retrieval_algorithm"): "brute force: `tf.math.top_k` over all scores; "
    "ScaNN: `scann_index(…)`, from 1,000 products on",
    ("ModelConfigSpec", "output_embedding_dim"): "the last layer of both towers, which must match",
    ("QuickTestSpec", "runner"): "*job:* `runner`",
}


def page() -> str:
    lines = [_HEAD]
    for title, models in _SECTIONS:
        lines += [f"## {title}", ""]
        for model, place in models:
            lines += [f"### {model.__name__}", "", *_described(model), *_table(model, place), ""]
    return "\n".join(lines).rstrip() + "\n"


def _described(model: type[BaseModel]) -> Iterator[str]:
    """The model's docstring, its attributes as a list."""
    text, _, attributes = (inspect.getdoc(model) or "").partition("Attributes:\n")
    if not model.__dict__.get("__doc__"):
        return
    yield from text.strip().splitlines()
    yield ""
    for found in re.finditer(r"^ {4}(\S[^:]*): (.*(?:\n {8}.*)*)", attributes, re.MULTILINE):
        names = ", ".join(f"`{name.strip()}`" for name in found[1].split(","))
        yield f"- {names}: {' '.join(found[2].split())}"
    if attributes:
        yield ""


def _table(model: type[BaseModel], place: tuple[Any, ...]) -> Iterator[str]:
    schema = model.model_json_schema()
    yield "| Field | Type | Default | Bounds | In code |"
    yield "|---|---|---|---|---|"
    for name, field in schema["properties"].items():
        kind, bounds = _kind(field, schema)
        required = name in schema.get("required", [])
        default = "required" if required else _default(model, name)
        cells = [f"`{name}`", kind, default, bounds or "—", _in_code(model, name, field, place)]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _kind(field: dict[str, Any], schema: dict[str, Any]) -> tuple[str, str]:
    """Type and bounds, in words."""
    if "$ref" in field:
        name = field["$ref"].rsplit("/", 1)[-1]
        target = schema["$defs"][name]
        if "enum" in target:
            return _kind(target, schema)
        return f"[{name}](#{name.lower()})", ""
    options = field.get("anyOf") or field.get("oneOf")
    if options:
        found = [_kind(option, schema) for option in options]
        return " or ".join(kind for kind, _ in found), ", ".join(b for _, b in found if b)
    if "const" in field:
        return f"`{field['const']}`", ""
    if "enum" in field:
        return "one of " + ", ".join(_value(option) for option in field["enum"]), ""
    kind = {"null": "null", "array": "list", "object": "object"}.get(field["type"], field["type"])
    bounds = [_range(field)]
    if field["type"] == "array" and "items" in field:
        inner, within = _kind(field["items"], schema)
        kind = f"list of {inner}"
        bounds.append(f"each {within}" if within else "")
    elif field["type"] == "array":
        kind = f"[{', '.join(_kind(item, schema)[0] for item in field['prefixItems'])}]"
        bounds = []
    elif field["type"] == "object":
        inner, within = _kind(field["additionalProperties"], schema)
        kind = f"object of {inner}"
        bounds.append(f"each {within}" if within else "")
    return kind, ", ".join(bound for bound in bounds if bound)


def _range(field: dict[str, Any]) -> str:
    found = []
    for low, high, unit in (
        ("minimum", "maximum", ""),
        ("minItems", "maxItems", " items"),
        ("minLength", "maxLength", " characters"),
    ):
        if low in field and high in field:
            found.append(f"{_number(field[low])} to {_number(field[high])}{unit}")
        elif "exclusiveMinimum" in field and high in field and not unit:
            found.append(f"above {field['exclusiveMinimum']}, to {_number(field[high])}")
        elif low in field or high in field:
            word = "at least" if low in field else "at most"
            found.append(f"{word} {_number(field.get(low, field.get(high)))}{unit}")
    if "pattern" in field:
        found.append(f"`{field['pattern']}`")
    return ", ".join(found)


def _number(value: float) -> str:
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _default(model: type[BaseModel], name: str) -> str:
    default = model.model_fields[name].get_default(call_default_factory=True)
    if isinstance(default, BaseModel):
        own = type(default)()
        changed = {
            key: value
            for key, value in default.model_dump(mode="json").items()
            if value != own.model_dump(mode="json")[key]
        }
        return ", ".join(f"`{key}: {_plain(value)}`" for key, value in changed.items()) or "its own"
    return _value(list(default) if isinstance(default, tuple) else default)


def _value(value: Any) -> str:
    return f"`{_plain(value)}`"


def _plain(value: Any) -> str:
    return {None: "null", True: "true", False: "false"}.get(value, str(value)) if not isinstance(
        value, list | dict | float | int
    ) or isinstance(value, bool) else str(value)


def _in_code(
    model: type[BaseModel], name: str, field: dict[str, Any], place: tuple[Any, ...]
) -> str:
    key = (model.__name__, name)
    if key in _IN_WORDS:
        return _IN_WORDS[key]
    if "const" in field and name == "type":
        return f"`{_lines_of(model, place)}`"
    shown = []
    for value in _other_values(model, name, place):
        line = _effect((*place, name), value)
        if line and line not in shown:
            shown.append(line)
    return "<br>".join(shown) or "—"


def _lines_of(model: type[BaseModel], place: tuple[Any, ...]) -> str:
    code = model.model_validate(_at(_EVERYTHING, place)).code()  # type: ignore[attr-defined]
    return f"tf.keras.layers.{code.name}({', '.join(code.arguments)})"


def _other_values(model: type[BaseModel], name: str, place: tuple[Any, ...]) -> list[Any]:
    """Values to change a field to: all that an enumeration has, else one that differs."""
    if (model.__name__, name) in _OTHERS:
        return [_OTHERS[model.__name__, name]]
    schema = model.model_json_schema()
    field = schema["properties"][name]
    options = field.get("anyOf", [field])
    found: list[Any] = []
    for option in options:
        target = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]] if "$ref" in option else option
        found += target.get("enum", [])
        if target.get("type") == "boolean":
            found += [True, False]
        elif target.get("type") == "integer":
            found.append(min(target.get("maximum", 24), max(target.get("minimum", 0), 24)))
        elif target.get("type") == "number":
            high = target.get("maximum", 1)
            found.append(0.25 if high <= 1 else 25.0 if high > 10 else 0.05)
        elif target.get("type") == "string" and "enum" not in target:
            found.append("brand")
    return found


def _effect(place: tuple[Any, ...], value: Any) -> str:
    """A line that is there with this value and not with another one."""
    now = _set(place, value)
    before = _everything()
    if _at(now, place) == _at(before, place, None):
        others = [v for v in (_flipped(value), 7) if v != value]
        before = _set(place, others[0])
    added = _added(_code(before), _code(now))
    if added:
        return f"`{added[0]}`" + (" …" if len(added) > 1 else "")
    added = _added(_job(before), _job(now))
    return f"*job:* `{added[0]}`" if added else ""


def _flipped(value: Any) -> Any:
    return {"relu": "tanh", True: False, False: True, "temporal": "random"}.get(value, _SWAP.get(value))


_SWAP = {
    "mse": "huber",
    "adam": "sgd",
    "customer": "row",
    "auto": "random",
    "parquet": "csv",
}


def _added(before: list[str], after: list[str]) -> list[str]:
    return [line[2:].strip() for line in ndiff(before, after) if line.startswith("+ ")]


def _code(everything: dict[str, Any]) -> list[str]:
    """Both modules, one statement a line, without docstrings and without where they come from."""
    feature_config, model_config, dataset, test = _documents(everything)
    sources = [
        generate_preprocessing(feature_config, dataset, test.rating_column),
        trainer_source(feature_config, model_config, dataset, test),
    ]
    lines: list[str] = []
    for source in sources:
        tree = ast.parse(source)
        for node in ast.walk(tree):
            body = getattr(node, "body", None)
            if isinstance(body, list) and body and _is_docstring(body[0]):
                body[0] = ast.Pass()
        kept = [node for node in tree.body if not _is_origin(node)]
        lines += ast.unparse(ast.Module(kept, [])).splitlines()
    return lines


def _is_docstring(node: ast.stmt) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_origin(node: ast.stmt) -> bool:
    return isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "GENERATED_FROM"


def _job(everything: dict[str, Any]) -> list[str]:
    """The request's examples, one field a line."""
    feature_config, _, dataset, test = _documents(everything)
    plan = make_plan(feature_config.spec, dataset, test.rating_column)
    spec = examples_spec(plan, dataset, test).model_dump(mode="json")
    return [f"{key}: {value}" for key, value in spec.items()]


def _documents(
    everything: dict[str, Any],
) -> tuple[FeatureConfig, ModelConfig, Dataset, QuickTestSpec]:
    columns = [Column(name=name, type=kind) for name, kind in _COLUMNS.items()]
    status = {"columns": [column.model_dump() for column in columns]}

    def document(part: str, **fields: Any) -> dict[str, Any]:
        return {"id": part, "name": part, "spec": everything[part], "status": {}, **fields}

    return (
        FeatureConfig.model_validate(document("features")),
        ModelConfig.model_validate(document("model")),
        Dataset.model_validate(document("dataset", status=status)),
        QuickTestSpec.model_validate(everything["test"]),
    )


def _everything() -> dict[str, Any]:
    return copy.deepcopy(_EVERYTHING)


def _at(data: Any, place: tuple[Any, ...], *default: Any) -> Any:
    for part in place:
        if default and isinstance(data, dict) and part not in data:
            return default[0]
        data = data[part]
    return data


def _set(place: tuple[Any, ...], value: Any) -> dict[str, Any]:
    changed = _everything()
    target: Any = changed
    for part in place[:-1]:
        target = target.setdefault(part, {}) if isinstance(target, dict) else target[part]
    target[place[-1]] = value
    return changed


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
