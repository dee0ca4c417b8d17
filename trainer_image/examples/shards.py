"""Large splits lie in several files, the shards, each of which has all rows of its customers."""

from __future__ import annotations

import math
import os
from itertools import pairwise

from shared.examples import ExamplesSpec
from trainer_image.job.status import JobFailedError

# The most rows of a split in one file. A larger split has several files of about so many each.
ROWS = "RECSMITH_SHARD_ROWS"
_DEFAULT_ROWS = 1_000_000
# Different values of a hash, of which each shard has an equal share.
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
    """SQL for the hash that decides to which shard a row's customer belongs. It is independent of
    the one that decides whether a customer is sampled.

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
