"""Splits of many rows lie in several files, shards, of which each has all rows of its customers."""

from __future__ import annotations

import math
import os
from itertools import pairwise

from shared.examples import ExamplesSpec
from trainer_image.job.status import JobFailedError

# Rows that a split has in one file. Above it, it has as many files as hold about so many each.
ROWS = "RECSMITH_SHARD_ROWS"
_DEFAULT_ROWS = 1_000_000
# Of hashes: so many values, of which each shard has an equal share.
_HASHES = 1 << 16


def shard_rows() -> int:
    """As RECSMITH_SHARD_ROWS says. Raises JobFailedError where it is no number."""
    given = os.environ.get(ROWS) or str(_DEFAULT_ROWS)
    if not given.isdecimal() or not int(given):
        raise JobFailedError(f"{ROWS} is {given!r}; expected a whole number of rows from 1.")
    return int(given)


def number_of_shards(rows: int) -> int:
    """In how many files a split of so many rows lies."""
    return min(max(math.ceil(rows / shard_rows()), 1), _HASHES)


def shard_hash(spec: ExamplesSpec, customer: str) -> str:
    """SQL for the number by which a row's customer belongs to a shard. It is drawn apart from what
    decides whether a customer is sampled.

    Args:
        customer: SQL for a row's customer.
    """
    return f"('0x' || left(md5('{spec.seed}:shard:' || {customer}), 4))::USMALLINT"


def shard_conditions(shards: int) -> list[str]:
    """SQL conditions for the rows of each shard, by the column `shard` of their `shard_hash`."""
    if shards == 1:
        return ["true"]
    ends = [-(-_HASHES * number // shards) for number in range(shards + 1)]
    return [f"shard BETWEEN {first} AND {end - 1}" for first, end in pairwise(ends)]
