"""Crosses worth trying: the seeds' two, where the combination says more than its parts."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, Dataset
from shared.documents.feature_config import Feature, Tower
from shared.transforms.cross import Cross

# Where a customer is; the same customer may be in several such places.
PLACES = (
    *("customer_city", "customer_district", "customer_county", "customer_region"),
    *("customer_state", "customer_zip", "customer_postcode", "customer_country"),
)
_EMBEDDING_DIM = 16
# 1, 2 and 5 times powers of ten, as a person would choose them.
_SIZES = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
# With more customers than this they would share the largest table's buckets.
_MOST_CUSTOMERS = _SIZES[-1] // 2
_FEWEST_CHILDREN = 2
_OF_CUSTOMERS = re.compile(r"customer_")
_OF_PRODUCTS = re.compile(r"product_|category$|subcategory$")


def default_crosses(tower: Tower, features: Sequence[Feature], dataset: Dataset) -> list[Cross]:
    """Crosses of a tower's features.

    - customer × place, for up to 50,000 customers: what a customer buys in one place and not in
      another. One place only, that with most values.
    - category × subcategory, where subcategories recur in several categories ("red", "organic").
      With two or more for each category they are taken for a hierarchy, in which a subcategory
      says by itself which category it is in.
    """
    if tower == "buyer":
        return _customer_by_place(features, dataset)
    return _category_by_subcategory(features, dataset)


@dataclass(frozen=True)
class CrossSize:
    """How to embed a cross.

    Attributes:
        values: number of each part's values, None where it is not known.
        combinations: at most so many of them occur together.
        hash_bucket_size: twice as many, in round numbers, as far as the largest table goes.
    """

    values: list[int | None]
    combinations: int
    hash_bucket_size: int
    embedding_dim: int = _EMBEDDING_DIM


def cross_size(dataset: Dataset, parts: Sequence[tuple[str, int | None]]) -> CrossSize:
    """The recommended size of a cross.

    Combinations are bounded by the rows, and by the customers (or products) where every part is an
    attribute of theirs: each has about one value of it.

    Args:
        parts: columns, each with its number of buckets where it is bucketised.
    """
    values = [buckets or values_of(dataset, column) for column, buckets in parts]
    combinations = math.prod(max(1, known or _SIZES[-1]) for known in values)
    roles = [dataset.spec.column_mapping.get(column, "") for column, _ in parts]
    bounds = [dataset.status.row_count]
    for owner, attributes in ((CUSTOMER_ID, _OF_CUSTOMERS), (PRODUCT_ID, _OF_PRODUCTS)):
        if all(attributes.match(role) for role in roles):
            bounds.append(values_of(dataset, dataset.spec.column_of(owner)))
    combinations = min(combinations, *(bound for bound in bounds if bound))
    size = next((size for size in _SIZES if size >= 2 * combinations), _SIZES[-1])
    return CrossSize(values, combinations, size)


def cross(dataset: Dataset, parts: Sequence[tuple[str, int | None]]) -> Cross:
    """A cross of the recommended size; `parts` as for `cross_size`."""
    size = cross_size(dataset, parts)
    return Cross(
        features=[f"{column}_bucket" if buckets else column for column, buckets in parts],
        hash_bucket_size=size.hash_bucket_size,
        embedding_dim=size.embedding_dim,
    )


def values_of(dataset: Dataset, column: str | None) -> int | None:
    """Number of a column's values, if it is known."""
    found = dataset.status.column(column) if column else None
    return found.statistics.unique_count if found and found.statistics else None


def embedded_column(features: Sequence[Feature], dataset: Dataset, role: str) -> str | None:
    """The column of a role, where it is embedded in the tower."""
    column = dataset.spec.column_of(role)
    embedded = {f.column for f in features if f.vocabulary is not None}
    return column if column in embedded else None


def _customer_by_place(features: Sequence[Feature], dataset: Dataset) -> list[Cross]:
    customer = embedded_column(features, dataset, CUSTOMER_ID)
    customers = values_of(dataset, customer)
    places = [embedded_column(features, dataset, role) for role in PLACES]
    counted = [(values_of(dataset, place) or 0, place) for place in places if place]
    if customer is None or customers is None or customers > _MOST_CUSTOMERS or not counted:
        return []
    values, place = max(counted, key=lambda found: found[0])
    return [cross(dataset, [(customer, None), (place, None)])] if values > 1 else []


def _category_by_subcategory(features: Sequence[Feature], dataset: Dataset) -> list[Cross]:
    category = embedded_column(features, dataset, "category")
    subcategory = embedded_column(features, dataset, "subcategory")
    categories, subcategories = (values_of(dataset, name) for name in (category, subcategory))
    if category is None or subcategory is None or not categories or not subcategories:
        return []
    if min(categories, subcategories) < 2 or subcategories >= _FEWEST_CHILDREN * categories:
        return []
    return [cross(dataset, [(category, None), (subcategory, None)])]
