"""CSV files that no spreadsheet runs."""

from __future__ import annotations

import csv
import io

import pytest
from api_client import Client
from hypothesis import given
from hypothesis import strategies as st
from lab import Lab

from functions.api.csv_files import csv_text


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


@given(st.lists(st.lists(st.text(st.characters(exclude_categories=["Cs"])), min_size=1)))
def test_no_cell_begins_a_formula_and_nothing_is_lost(rows):
    text = csv_text(rows)
    read = list(csv.reader(io.StringIO(text, newline="")))
    kept = [row for row in rows if row != [""]]
    for before, after in zip(kept, [row for row in read if row not in ([], [""])], strict=True):
        for cell, seen in zip(before, after, strict=True):
            assert seen.replace("'", "") == cell.replace("'", "")
            assert not seen.lstrip(" ").startswith(("=", "+", "-", "@"))


def test_numbers_are_not_quoted():
    assert csv_text([[-0.25, 3, None]]) == "-0.25,3,\r\n"
