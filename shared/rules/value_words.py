"""Values of settings within sentences: `0.001`, `on`, `ReLU`."""

from __future__ import annotations

from collections.abc import Sequence
from enum import Enum
from functools import lru_cache
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from shared.models import SpecModel
from shared.problems import shorten
from shared.rules.settings import Option, SettingInfo, settings_of
from shared.wording import capital, field, first_of, uncapital

_LONGEST_LIST = 8
_MOST_NAMED = 5


@lru_cache(maxsize=256)
def settings_by_name(model: type[BaseModel]) -> dict[str, SettingInfo]:
    """What is known of a model's settings, by their names: `vocab_settings.max_size`."""
    return {one.name: one for one in settings_of(model)}


def label_of(model: type[BaseModel], name: str) -> str:
    """What people call a setting: its title, with the part that it is of where others have the
    same."""
    known = settings_by_name(model)
    last = name.rpartition(".")[2]
    plain = last.replace("_", " ").capitalize()
    title = known[name].label if name in known else model_title(model, name) or plain
    if title == plain and "." not in name:
        return capital(field(name).removeprefix("the "))
    if sum(one.label == title for one in known.values()) > 1 and "." in name:
        part = name.split(".")[-2].replace("_", " ")
        return f"{capital(part)} {uncapital(title)}"
    return title


def model_title(model: type[BaseModel], name: str) -> str:
    """What a field that is no single setting says of itself; "" where it says nothing."""
    found = model.model_fields.get(name)
    return (found.title or "") if found is not None else ""


def visible(text: str) -> str:
    """One line in which nothing turns the writing round or hides: names may have such marks."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in text)


def same(one: Any, other: Any) -> bool:
    """Whether documents say the same by both."""
    return to_json(one) == to_json(other)


def changed(before: Any, after: Any, options: Sequence[Option] = ()) -> str:
    """`0.002 → 0.001`; of long lists, what has come and gone."""
    lists = isinstance(before, list) and isinstance(after, list)
    if lists and max(len(before), len(after)) > _LONGEST_LIST:
        return _come_and_gone(before, after)
    return f"{value_words(before, options)} → {value_words(after, options)}"


def value_words(value: Any, options: Sequence[Option] = ()) -> str:
    """A value of a setting, by the name that forms give it where they give it one."""
    if isinstance(value, Enum):
        value = value.value
    for option in options:
        if option.value == value and isinstance(option.value, bool) == isinstance(value, bool):
            return option.label
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, int):
        return f"{value:,}"
    if isinstance(value, float):
        brief = f"{value:g}"
        return brief if float(brief) == value else repr(value)
    if isinstance(value, str):
        plain = any(map(str.isalnum, value)) and value.strip() == value
        return str(shorten(value if plain else repr(value)))
    if isinstance(value, SpecModel):
        return item_words(value)
    if isinstance(value, list | tuple):
        return " / ".join(value_words(one, options) for one in value) or "none"
    if isinstance(value, dict):
        told = [f"{value_words(key)}: {value_words(one)}" for key, one in value.items()]
        return first_of(told, _LONGEST_LIST) or "none"
    return str(shorten(str(value)))


def item_words(item: SpecModel) -> str:
    """What an item of a list is, or a part that may be left out."""
    told = item.item_words()
    if told is not None:
        return told
    given = {name: getattr(item, name) for name in type(item).model_fields}
    usual = {
        name: None if one.is_required() else one.get_default(call_default_factory=True)
        for name, one in type(item).model_fields.items()
    }
    said = [
        f"{uncapital(label_of(type(item), name))} {_of(type(item), name, value)}"
        for name, value in given.items()
        if not same(value, usual[name]) or name == "kind"
    ]
    return ", ".join(said) or "as usual"


def _of(model: type[BaseModel], name: str, value: Any) -> str:
    known = settings_by_name(model).get(name)
    return value_words(value, known.options if known else ())


def _come_and_gone(before: list[Any], after: list[Any]) -> str:
    old = {to_json(one): value_words(one) for one in before}
    new = {to_json(one): value_words(one) for one in after}
    told = [
        f"{len(which):,} {word} ({first_of(which, _MOST_NAMED)})"
        for word, which in (
            ("added", [new[key] for key in new if key not in old]),
            ("removed", [old[key] for key in old if key not in new]),
        )
        if which
    ]
    return ", ".join(told) or "in another order"
