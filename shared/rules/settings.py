"""What may be set, and how: read from the models that check it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from shared.models import StatusModel

# What an enumeration says of itself, not of the setting that has it.
_OF_CLASSES = ("title", "description")


class Option(StatusModel):
    """A value to choose from, with its name for people and one line about it."""

    value: Any
    label: str
    help: str = ""


class SettingInfo(StatusModel):
    """A setting of a kind or of a document.

    Attributes:
        name: in documents; `vocab_settings.max_size` where settings lie in each other.
        type: `integer`, `number`, `boolean`, `string`, `array`, or `object` for a part with
            settings of its own, which may be null.
        label, help: for people; help may be "".
        minimum, maximum: bounds that may be reached; those of an array are of its length.
        above: a bound that may not be reached.
        step: what a form's arrows add, where it is not 1.
        choices: the only values, where there are few; null is one where nothing need be given.
        options: the values that a form offers, with their names.
        usual: numbers that a form offers, besides any other within the bounds.
        default: of a setting that is not `required`.
        words: all of this: "a whole number from 1 to 2,048, by default 128".
    """

    name: str
    type: str
    label: str
    help: str = ""
    minimum: float | None = None
    maximum: float | None = None
    above: float | None = None
    step: float | None = None
    choices: list[Any] | None = None
    options: list[Option] = []
    usual: list[float] = []
    required: bool
    default: Any = None
    words: str


def settings_of(model: type[BaseModel]) -> list[SettingInfo]:
    """Of a model's fields, those of models within it among them."""
    return settings(model.model_json_schema())


def settings(schema: Mapping[str, Any]) -> list[SettingInfo]:
    """Of a JSON schema as pydantic writes it."""
    return list(_settings(schema, schema.get("$defs", {})))


def _settings(
    schema: Mapping[str, Any], defs: Mapping[str, Any], prefix: str = ""
) -> Iterator[SettingInfo]:
    for name, field in schema.get("properties", {}).items():
        if "const" in field:
            continue  # what tells kinds apart
        inner = defs[field["$ref"].rpartition("/")[2]] if "$ref" in field else {}
        if (part := _optional_part(field, defs)) is not None:
            whole = {**field, "anyOf": [{"type": "object"}, {"type": "null"}]}
            yield _setting(f"{prefix}{name}", whole, required=False)
            yield from _settings(part, defs, f"{prefix}{name}.")
        elif "properties" in inner:
            given = field.get("default") or {}
            fields = {
                key: {**one, "default": given[key]} if key in given else one
                for key, one in inner["properties"].items()
            }
            yield from _settings({**inner, "properties": fields}, defs, f"{prefix}{name}.")
        elif field != {} and (inner or "type" in field or "anyOf" in field):
            required = name in schema.get("required", ())
            plain = {key: value for key, value in inner.items() if key not in _OF_CLASSES}
            yield _setting(f"{prefix}{name}", {**plain, **field}, required=required)


def _optional_part(field: Mapping[str, Any], defs: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """The model of a field that is null or has settings of its own."""
    named = (option["$ref"] for option in field.get("anyOf", []) if "$ref" in option)
    found = (defs[reference.rpartition("/")[2]] for reference in named)
    return next((model for model in found if "properties" in model), None)


def _setting(name: str, field: Mapping[str, Any], *, required: bool) -> SettingInfo:
    options = field.get("anyOf", [field])
    one: Mapping[str, Any] = next(option for option in options if option.get("type") != "null")
    # What a field says for itself comes before what its type says; pydantic makes up a title.
    said = {**one, **{key: value for key, value in field.items() if key != "title"}}
    last = name.rpartition(".")[2]
    titles = [field.get("title"), one.get("title")]
    title = next((t for t in titles if t and t != last.replace("_", " ").title()), "")
    choices = one.get("enum")
    if choices is not None and len(options) > 1:
        choices = [*choices, None]
    made = SettingInfo(
        name=name,
        type=one["type"],
        label=title or last.replace("_", " ").capitalize(),
        help=said.get("description", ""),
        minimum=one.get("minimum", one.get("minItems", one.get("minLength"))),
        maximum=one.get("maximum", one.get("maxItems", one.get("maxLength"))),
        above=one.get("exclusiveMinimum"),
        step=said.get("x-step"),
        choices=choices,
        options=said.get("x-options", []),
        usual=said.get("examples", []) if one["type"] in ("integer", "number") else [],
        required=required,
        default=field.get("default"),
        words="",
    )
    return made.model_copy(update={"words": _words(made)})


def _words(setting: SettingInfo) -> str:
    low, high = (_number(bound) for bound in (setting.minimum, setting.maximum))
    between = f" from {low} to {high}" if low and high else ""
    if setting.above is not None:
        between = f" above {_number(setting.above)}" + (f", up to {high}" if high else "")
    if not between and (low or high):
        between = f" of at least {low}" if low else f" of at most {high}"
    counted = low if low == high else f"{low} to {high}"
    if not (low and high):
        counted = f"at least {low}" if low else f"at most {high}"
    if setting.choices is not None:
        what = f"one of {', '.join(_value(choice) for choice in setting.choices)}"
    elif setting.type == "boolean":
        what = "on or off"
    elif setting.type == "integer":
        what = f"a whole number{between}"
    elif setting.type == "number":
        what = f"a number{between}"
    elif setting.type == "object":
        what = "settings of its own, or none"
    elif setting.type == "array":
        what = f"{counted} values" if between else "a list"
    else:
        what = f"a text of {counted} characters" if between else "a text"
    return what if setting.required else f"{what}, by default {_value(setting.default)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int | float):
        return _number(value)
    if isinstance(value, list):
        plain = [one for one in value if not isinstance(one, dict)]
        return " to ".join(_value(one) for one in plain) or "none"
    return "none" if value is None else str(value)


def _number(value: float | None) -> str:
    """`2,048`, `0.5`, `1e-06`."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value == int(value) else f"{value:g}"
