"""Which versions an endpoint of Vertex AI has, and how requests are shared among them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from shared.errors import RefusedError
from shared.gcp.vertex_models_library import Endpoint


@dataclass(frozen=True)
class Traffic:
    """An endpoint as it now is.

    Attributes:
        endpoint: its resource name.
        shares: percent of the requests, by the version; 0 for one that gets none.
    """

    endpoint: str
    shares: dict[int, int] = field(default_factory=dict)


def called(version: int) -> str:
    """A version as Vertex AI knows it, as an alias and as a deployment's name."""
    return f"v{version}"


def deployed_ids(endpoint: Endpoint) -> dict[int, str]:
    """Ids of the deployments, by version; others' deployments are left alone."""
    return {
        int(one.display_name[1:]): one.id
        for one in endpoint.deployed_models
        if re.fullmatch(r"v[1-9][0-9]{0,8}", one.display_name)
    }


def shares_of(endpoint: Endpoint) -> dict[int, int]:
    """Percent of the requests, by version."""
    split = dict(endpoint.traffic_split)
    return {version: split.get(one, 0) for version, one in sorted(deployed_ids(endpoint).items())}


def with_share(version: int, share: int, others: Mapping[int, int]) -> dict[int, int]:
    """Whole shares of 100 percent in all: one has its own, the others what is left, in the
    proportions that they had. One without others gets all.

    Raises:
        RefusedError: others are there, and have no proportions to share what is left in.
    """
    held = sum(others.values())
    if not held:
        if others and share < 100:
            raise RefusedError(
                f"No other version gets requests, so that nobody takes the other {100 - share}% of "
                "the requests. `recsmith cloud endpoint traffic` gives every version its share."
            )
        return {version: 100}
    left = 100 - share
    shares = {number: left * its // held for number, its in others.items()}
    largest = max(shares, key=lambda number: others[number])
    shares[largest] += left - sum(shares.values())
    return {**shares, version: share}
