"""Writes `configuration.md`: every field of every document, from the models and the generator.

What a field becomes in code is found by changing it, generating both modules anew, and comparing.
"""

from __future__ import annotations

import copy
import inspect
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from configuration_example import COLUMNS, EVERYTHING, IN_WORDS, OTHERS, SECTIONS, Place
from pydantic import BaseModel

from shared.codegen import Plan, generate_preprocessing, generate_trainer, make_plan
from shared.columns import Column
from shared.documents.dataset import Dataset
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTestSpec
from shared.layers.base import LayerModel

PAGE = Path(__file__).with_name("configuration.md")
_HEAD = """\
# Configuration

<!-- Written by `make docs` from the models and the generator. Do not edit. -->

What each document's `spec` may say. The last column shows what a field becomes in the generated
modules, or in the request for a training job (*job:*): a line that changes with the field, for an
example; a dash where nothing of it reaches the code. Rules across fields, such as the width in
which towers end, are in `shared/rules/`.
"""


def page() -> str:
    lines = [_HEAD]
    for title, models in SECTIONS:
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


def _table(model: type[BaseModel], place: Place) -> Iterator[str]:
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
        kind = f"[{'; '.join(_kind(item, schema)[0] for item in field['prefixItems'])}]"
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
    return value if isinstance(value, str) else json.dumps(value, default=_changed)


def _changed(model: BaseModel) -> dict[str, Any]:
    return model.model_dump(mode="json", exclude_defaults=True)


def _in_code(model: type[BaseModel], name: str, field: dict[str, Any], place: Place) -> str:
    key = (model.__name__, name)
    if key in IN_WORDS:
        return IN_WORDS[key]
    if issubclass(model, LayerModel) and name == "type":
        code = model.model_validate(_at(EVERYTHING, place)).code()
        return f"`tf.keras.layers.{code.name}({', '.join(code.arguments)})`"
    lines = [_line(_set((*place, name), value), than) for value, than in _changes(key, place)]
    return "<br>".join(dict.fromkeys(filter(None, lines))) or "—"


def _changes(key: tuple[str, str], place: Place) -> Iterator[tuple[Any, dict[str, Any]]]:
    """Values of a field, each with a configuration that differs in that field only."""
    model, name = key
    if key in OTHERS:
        yield OTHERS[key], EVERYTHING
        return
    options = _options(
        next(kind for _, kinds in SECTIONS for kind, _ in kinds if kind.__name__ == model), name
    )
    for number, option in enumerate(options):
        if option is False:
            continue
        other = options[number - 1]
        yield option, EVERYTHING if other == option else _set((*place, name), other)


def _options(model: type[BaseModel], name: str) -> list[Any]:
    """All values that an enumeration has; of a number, one that is nobody's default."""
    schema = model.model_json_schema()
    field = schema["properties"][name]
    found: list[Any] = []
    for option in field.get("anyOf", [field]):
        if "$ref" in option:
            option = schema["$defs"][option["$ref"].rsplit("/", 1)[-1]]
        match option:
            case {"enum": values}:
                found += values
            case {"type": "boolean"}:
                found += [True, False]
            case {"type": "integer"}:
                found.append(min(option.get("maximum", 24), max(option.get("minimum", 0), 24)))
            case {"type": "number"}:
                found.append(option["maximum"] / 4)
            case {"type": "string"}:
                found.append("brand")
    return found


def _line(now: dict[str, Any], before: dict[str, Any]) -> str:
    """The first line that one configuration has and the other has not."""
    for mark, lines_of in (("", _preprocessing), ("", _trainer), ("*job:* ", _job)):
        known = set(lines_of(before))
        added = next((line for line in lines_of(now) if line not in known), None)
        if added is not None:
            return f"{mark}`{added}`"
    return ""


def _preprocessing(everything: dict[str, Any]) -> list[str]:
    test = {**EVERYTHING["test"], "rating_column": everything["test"]["rating_column"]}
    same = {**everything, "model": EVERYTHING["model"], "test": test}
    return _preprocessing_of(json.dumps(same))


@cache
def _preprocessing_of(everything: str) -> list[str]:
    return _lines(generate_preprocessing(_plan(json.loads(everything))))


def _trainer(everything: dict[str, Any]) -> list[str]:
    return _trainer_of(json.dumps(everything))


@cache
def _trainer_of(everything: str) -> list[str]:
    return _lines(generate_trainer(_plan(json.loads(everything))))


def _lines(source: str) -> list[str]:
    """Without comments, the first lines of docstrings, and what `explain` goes by; a call over
    three lines counts as one."""
    source = re.sub(
        r"\n# What `explain` takes.*?EXPLAIN_STEPS = \d+\n", "", source, flags=re.DOTALL
    )
    text = re.sub(r"\(\n +(.*[^,\n]),?\n +\)", r"(\1)", source)
    lines = [line.strip().removesuffix(",") for line in text.splitlines()]
    return [line for line in lines if not line.startswith(("#", '"""'))]


def _job(everything: dict[str, Any]) -> list[str]:
    """The request's examples, one field a line."""
    spec = _plan(everything).examples.model_dump(mode="json")
    return [f"{key}: {value}" for key, value in spec.items()]


def _plan(everything: dict[str, Any]) -> Plan:
    columns = [Column(name=name, type=kind) for name, kind in COLUMNS.items()]
    status = {"columns": [column.model_dump() for column in columns]}

    def document(part: str, **fields: Any) -> dict[str, Any]:
        return {"id": part, "name": part, "spec": everything[part], "status": {}, **fields}

    return make_plan(
        FeatureConfig.model_validate(document("features")),
        ModelConfig.model_validate(document("model")),
        Dataset.model_validate(document("dataset", status=status)),
        QuickTestSpec.model_validate(everything["test"]),
    )


def _at(data: Any, place: Place) -> Any:
    for part in place:
        data = data.get(part, {}) if isinstance(data, dict) else data[part]
    return data


def _set(place: Place, value: Any) -> dict[str, Any]:
    """Everything, with one field set to a value."""
    changed = copy.deepcopy(EVERYTHING)
    target: Any = changed
    for part in place[:-1]:
        target = target.setdefault(part, {}) if isinstance(target, dict) else target[part]
    target[place[-1]] = value
    return changed


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
