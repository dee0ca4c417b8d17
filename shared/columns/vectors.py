"""Vectors of numbers that are written as text: "[0.1, -2.5, 3e-2]", "0.1 -2.5 0.03"."""

from __future__ import annotations

import re

# Regular expressions of Python and of RE2, which DuckDB and TensorFlow have.
NUMBER = r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
BETWEEN = r"[\[\](){},;|\s]+"
VECTOR = rf"(?:{BETWEEN})?{NUMBER}(?:{BETWEEN}{NUMBER})*(?:{BETWEEN})?"


def numbers_in(text: str) -> int:
    """How many numbers a text holds; 0 where it holds anything else."""
    return len(re.findall(NUMBER, text)) if re.fullmatch(VECTOR, text) else 0


def duckdb_numbers_in(text: str) -> str:
    """The same in DuckDB's SQL, of an expression."""
    count = f"len(regexp_extract_all({text}, '{NUMBER}'))"
    return f"CASE WHEN regexp_full_match({text}, '{VECTOR}') THEN {count} ELSE 0 END"


def shared_length(lengths: list[int]) -> int:
    """How many numbers all of several texts hold; 0 where they differ."""
    return lengths[0] if lengths and len(set(lengths)) == 1 else 0
