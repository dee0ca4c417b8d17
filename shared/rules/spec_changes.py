"""What differs between two specs of one kind, in sentences for people.

The fields' own titles, and what items of lists say of themselves (`SpecModel.item_key`,
`item_words`), are all that is known here: a new kind of feature or layer needs nothing more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Any

from pydantic import BaseModel
from pydantic_core import to_json

from shared.models import SpecModel
from shared.rules.field_changes import changes
from shared.rules.value_words import (
    changed,
    item_words,
    label_of,
    same,
    settings_by_name,
    value_words,
    visible,
)
from shared.wording import capital, field, first_of, uncapital

_MOST_NAMED = 8
_Items = Sequence[SpecModel]


def changes_in_words(before: SpecModel, after: SpecModel) -> list[str]:
    """None where both say the same, at least one where they do not.

    Args:
        before, after: of the same model.

    >>> changes_in_words(small, wide)
    ['Buyer tower, layer 1: dense 64 → 128', 'Learning rate 0.002 → 0.001']
    """
    return [visible(one) for one in _changes(before, after)]


def changes_of_data(before: Any, after: Any) -> list[str]:
    """The same of stored specs that cannot be read, field by field."""
    found = [
        visible(f"{capital(field(one.path) or 'all of it')} {changed(one.was, one.now)}")
        for one in changes("", before, after)
    ]
    # JSON tells true from 1, which equal each other here.
    return found or ([] if same(before, after) else ["Written otherwise; it means the same"])


def _changes(before: SpecModel, after: SpecModel) -> Iterator[str]:
    model = type(before)
    for name in model.model_fields:
        one, other = getattr(before, name), getattr(after, name)
        if same(one, other):
            continue
        label = label_of(model, name)
        if _are_items(one) and _are_items(other):
            yield from _of_items(label, one, other)
        elif isinstance(one, SpecModel) and type(one) is type(other):
            if any(_is_of_items(getattr(one, part), getattr(other, part)) for part in _fields(one)):
                yield from _changes(one, other)
            else:
                yield f"{label}: {', '.join(_settings(one, other))}"
        elif isinstance(one, SpecModel) and other is None:
            yield f"{label} removed: {item_words(one)}"
        elif one is None and isinstance(other, SpecModel):
            yield f"{label} added: {item_words(other)}"
        elif isinstance(one, dict) and isinstance(other, dict):
            yield from _of_keys(label, one, other)
        else:
            yield f"{label}{':' * isinstance(one, SpecModel)} {_changed(model, name, one, other)}"


def _fields(model: BaseModel) -> Iterator[str]:
    yield from type(model).model_fields


def _are_items(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, SpecModel) for one in value)


def _is_of_items(one: Any, other: Any) -> bool:
    return _are_items(one) and _are_items(other) and bool(one or other)


def _changed(model: type[BaseModel], name: str, one: Any, other: Any) -> str:
    known = settings_by_name(model).get(name)
    return changed(one, other, known.options if known else ())


def _settings(
    before: SpecModel, after: SpecModel, of: type[SpecModel] | None = None, prefix: str = ""
) -> Iterator[str]:
    """What differs within an item: `embedding dimension 32 → 64`."""
    root = of or type(before)
    for name in _fields(before):
        one, other = getattr(before, name), getattr(after, name)
        if same(one, other):
            continue
        path = f"{prefix}{name}"
        if isinstance(one, SpecModel) and type(one) is type(other):
            yield from _settings(one, other, root, f"{path}.")
        else:
            yield f"{uncapital(label_of(root, path))} {_changed(root, path, one, other)}"


def _of_keys(label: str, before: dict[str, Any], after: dict[str, Any]) -> Iterator[str]:
    for key in {**before, **after}:
        one, other = before.get(key), after.get(key)
        if key not in before:
            yield f"{label}, {value_words(key)}: {value_words(other)} added"
        elif key not in after:
            yield f"{label}, {value_words(key)}: {value_words(one)} removed"
        elif not same(one, other):
            yield f"{label}, {value_words(key)}: {changed(one, other)}"


def _of_items(label: str, before: _Items, after: _Items) -> Iterator[str]:
    old, new = _by_key(before), _by_key(after)
    if old is None or new is None:
        yield from _in_order(label, before, after)
        return
    for key, item in old.items():
        if key not in new:
            yield f"{label}: {item_words(item)} removed"
        elif not same(item, new[key]):
            yield f"{label}, {value_words(key)}: {_item_changed(item, new[key])}"
    for key, item in new.items():
        if key not in old:
            yield f"{label}: {item_words(item)} added"
    kept = [key for key in new if key in old]
    if kept != [key for key in old if key in new]:
        named = first_of([value_words(key) for key in kept], _MOST_NAMED)
        yield f"{label}: in another order, {named}"


def _by_key(items: _Items) -> dict[str, SpecModel] | None:
    """None where something has no key of its own."""
    found: dict[str, SpecModel] = {}
    for item in items:
        key = item.item_key
        if key is None or found.setdefault(key, item) is not item:
            return None
    return found


def _item_changed(before: SpecModel, after: SpecModel) -> str:
    if type(before) is type(after):
        return ", ".join(_settings(before, after))
    return f"{item_words(before)} → {item_words(after)}"


def _in_order(label: str, before: _Items, after: _Items) -> Iterator[str]:
    """Of items that only their places tell apart."""
    old, new = ([to_json(item) for item in items] for items in (before, after))
    for step, start, end, first, last in _steps(old, new):
        if step != "equal":
            yield from _replaced(label, before[start:end], after[first:last], start, first)


def _replaced(label: str, before: _Items, after: _Items, start: int, first: int) -> Iterator[str]:
    """Neighbours in place of others: of one kind, one has become the other.

    Args:
        start, first: places of the first ones, from 0.
    """
    old, new = ([type(item) for item in items] for items in (before, after))
    for step, a, b, c, d in _steps(old, new):
        if step == "equal":
            for place, (one, other) in enumerate(zip(before[a:b], after[c:d], strict=True), c):
                number = f"{other.item_noun} {first + place + 1}"
                yield f"{label}, {number}: {_shortly(one, other)}"
            continue
        for place, one in enumerate(before[a:b], start + a + 1):
            yield f"{label}, {one.item_noun} {place}: {item_words(one)} removed"
        for place, other in enumerate(after[c:d], first + c + 1):
            yield f"{label}: {item_words(other)} added as {other.item_noun} {place}"


def _steps(old: list[Any], new: list[Any]) -> Sequence[tuple[str, int, int, int, int]]:
    return SequenceMatcher(None, old, new, autojunk=False).get_opcodes()


def _shortly(before: SpecModel, after: SpecModel) -> str:
    """`dense 128 → 64`: what both say in the same place is said once, if the rest is one word."""
    one, other = item_words(before), item_words(after)
    if one == other:  # what makes the difference is not said of either
        return f"{one}: {', '.join(_settings(before, after))}"
    words, others = one.split(), other.split()
    unlike = [n for n, pair in enumerate(zip(words, others, strict=False)) if len(set(pair)) > 1]
    if len(words) == len(others) and len(unlike) == 1:
        (place,) = unlike
        return " ".join([*words[:place], words[place], "→", *others[place:]])
    return f"{one} → {other}"
