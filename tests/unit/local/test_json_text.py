"""Documents are read alike by the fast parser and the slow one."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from local.state.json_text import dump, load

_VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


@given(st.dictionaries(st.text().filter(lambda name: name != "status"), _VALUES))
@example({"a": 5e-324, "b": 1.7976931348623157e308, "c": -0.0, "d": 10**300, "e": "e1000"})
def test_what_is_written_is_read(data: dict[str, Any]) -> None:
    read = load(dump(data))
    assert json.dumps(read) == json.dumps(data)
    assert list(read) == list(data)


_NUMBERS = st.from_regex(
    r"-?(0|[1-9][0-9]{0,400})(\.[0-9]{1,400})?([eE][+-]?[0-9]{1,4})?", fullmatch=True
)


@given(
    _NUMBERS,
    st.sampled_from(['{{"a":{}}}', '{{"a":[1, {} ]}}', '{{"a":{}, "b":1}}']),
)
@example("1e999", '{{"a":{}}}')
@example("9" * 199 + "e110", '{{"a":{}\n}}')
@example("9" * 400 + ".5", '{{"a":{}}}')
def test_a_number_that_no_float_holds_is_left_as_it_was_written(number: str, around: str) -> None:
    value = load(around.format(number))["a"]
    if isinstance(value, list):
        value = value[1]
    if any(sign in number for sign in ".eE"):
        held = math.isfinite(float(number))
        assert value == (float(number) if held else number)
    else:
        assert value == int(number)


@pytest.mark.parametrize("text", ['{"a": "\\ud800"}', '{"a": ' + "[" * 500 + "]" * 500 + "}"])
def test_what_the_fast_parser_refuses_is_read_by_the_slow_one(text: str) -> None:
    assert load(text) == json.loads(text)
