"""Which customer gets which version of an experiment.

A customer's *bucket* is one of 10,000: the first 15 hexadecimal digits of
`SHA-256("{salt}:{customer_id}")` in UTF-8, as a whole number, modulo 10,000. The versions' shares
lie one after another over the buckets: with 90% and 10%, buckets 0 to 8,999 get the first version
and 9,000 to 9,999 the second. Nothing is remembered, so that every server, and every query, comes
to the same. In GoogleSQL:

    MOD(CAST(CONCAT('0x', SUBSTR(TO_HEX(SHA256(CONCAT(salt, ':', customer_id))), 1, 15)) AS INT64),
        10000)

Where shares change under the same salt, only customers whose bucket a border between two versions
passes get another version. With two versions that is the fewest possible: as many as the change of
one version's share.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Literal

BUCKETS = 10_000
MOST_VERSIONS = 4
_HEX_DIGITS = 15  # 60 bits, which a signed integer of any database holds

# By what a version was told: the customer's bucket; or the control, because nobody is known by
# whom to tell, or because the customer's version could not be loaded.
AssignedBy = Literal["customer", "no_customer_id", "version_not_loaded"]


def bucket_of(salt: str, customer_id: str) -> int:
    """0 to 9,999.

    >>> bucket_of("ex-1", "2375")
    2605
    """
    told = f"{salt}:{customer_id}".encode(errors="surrogatepass")
    return int(hashlib.sha256(told).hexdigest()[:_HEX_DIGITS], 16) % BUCKETS


def place_of(bucket: int, shares_percent: Sequence[float]) -> int:
    """The place of a bucket's version among versions of these shares, which sum to 100."""
    borders = [round(sum_ * BUCKETS / 100) for sum_ in accumulate(shares_percent)]
    return min(bisect_right(borders, bucket), len(borders) - 1)


def share_is_exact(share_percent: float) -> bool:
    """Whether a share is a whole number of buckets."""
    buckets = share_percent * BUCKETS / 100
    return abs(buckets - round(buckets)) < 1e-6


def sum_to_all(shares_percent: Sequence[float]) -> bool:
    return sum(round(share * BUCKETS / 100) for share in shares_percent) == BUCKETS
