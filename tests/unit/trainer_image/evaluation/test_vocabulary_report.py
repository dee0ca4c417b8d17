"""Why held-out values are not in a vocabulary, against counting by hand."""

from __future__ import annotations

from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.transforms.bag import Splitting
from shared.transforms.vocabulary import value_of
from trainer_image.evaluation.vocabulary import counted, lacks

values = st.lists(st.sampled_from(["", "a", "b", "é", "d", "e e"]), max_size=40)


@settings(deadline=None)
@given(values, values, st.integers(1, 4), st.integers(0, 4))
def test_a_value_is_missing_unseen_rare_or_cut(train, held_out, min_frequency, max_size) -> None:
    count = Counter(value for value in train if value)
    frequent = [value for value, rows in count.most_common() if rows >= min_frequency]
    vocabulary = frequent[:max_size]
    found = lacks(
        pa.array([value.encode() for value in vocabulary], pa.binary()),
        counted(pa.chunked_array([train[:5], train[5:]], pa.string()), None),
        counted(pa.chunked_array([held_out[:9], held_out[9:]], pa.string()), None),
        min_frequency,
    )

    def share(why) -> float:
        return sum(map(why, held_out)) / len(held_out) if held_out else 0

    assert found.missing == pytest.approx(share(lambda value: value == ""))
    assert found.unseen == pytest.approx(share(lambda value: value != "" and not count[value]))
    assert found.rare == pytest.approx(share(lambda value: 0 < count[value] < min_frequency))
    assert found.cut == pytest.approx(
        share(lambda value: value in frequent and value not in vocabulary)
    )
    assert found.rate == pytest.approx(share(lambda value: value not in vocabulary))
    assert found.cut_values == len(frequent) - len(vocabulary)


@given(st.text(st.sampled_from("\\\n\r\0\x1f nru0sé\u2028"), max_size=12))
def test_a_key_of_a_vocabulary_stands_for_one_value(value) -> None:
    escapes = {"\\": "\\\\", "\n": "\\n", "\r": "\\r", "\0": "\\0", "\x1f": "\\u"}
    key = value.translate(str.maketrans(escapes))
    assert not {"\n", "\r", "\0", "\x1f"} & set(key)
    assert value_of(key.encode()).decode() == value
    assert value_of(key.replace(" ", "\\s").encode()).decode() == value


def test_values_of_a_text_are_counted_each() -> None:
    texts = pa.chunked_array([["Whole MILK, 1 l", "milk"], ["", "milk", "!"]], pa.string())
    found = counted(texts, Splitting(r"[^\pL\pM\pN]+", most=3, lower=True, pairs=True))
    assert dict(zip(found.values.to_pylist(), found.times.to_pylist(), strict=True)) == {
        "whole": 1,
        "milk": 3,
        "1": 1,
        "whole milk": 1,
        "milk 1": 1,
        "": 2,
    }
