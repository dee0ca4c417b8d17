"""Crosses worth trying: the seeds' two, where the combination says more than its parts."""

from __future__ import annotations

from collections.abc import Sequence

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, Dataset
from shared.documents.feature_config import Feature, StringEmbedding, Tower
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


def cross(dataset: Dataset, columns: Sequence[str], most: int | None = None) -> Cross:
    """A cross of columns, with twice as many buckets as it may have combinations, if possible.

    Args:
        most: bound on the combinations, where there is one.
    """
    combinations = 1
    for column in columns:
        combinations *= max(1, values_of(dataset, column) or _SIZES[-1])
    wanted = 2 * min(combinations, most or combinations)
    size = next((size for size in _SIZES if size >= wanted), _SIZES[-1])
    return Cross(features=list(columns), hash_bucket_size=size, embedding_dim=_EMBEDDING_DIM)


def values_of(dataset: Dataset, column: str | None) -> int | None:
    """Number of a column's values, if it is known."""
    found = dataset.status.column(column) if column else None
    return found.statistics.unique_count if found and found.statistics else None


def embedded_column(features: Sequence[Feature], dataset: Dataset, role: str) -> str | None:
    """The column of a role, where it is embedded in the tower."""
    column = dataset.spec.column_of(role)
    embedded = {f.column for f in features if isinstance(f, StringEmbedding)}
    return column if column in embedded else None


def _customer_by_place(features: Sequence[Feature], dataset: Dataset) -> list[Cross]:
    customer = embedded_column(features, dataset, CUSTOMER_ID)
    customers = values_of(dataset, customer)
    places = [embedded_column(features, dataset, role) for role in PLACES]
    counted = [(values_of(dataset, place) or 0, place) for place in places if place]
    if customer is None or customers is None or customers > _MOST_CUSTOMERS or not counted:
        return []
    values, place = max(counted, key=lambda found: found[0])
    return [cross(dataset, [customer, place], most=customers)] if values > 1 else []


def _category_by_subcategory(features: Sequence[Feature], dataset: Dataset) -> list[Cross]:
    category = embedded_column(features, dataset, "category")
    subcategory = embedded_column(features, dataset, "subcategory")
    categories, subcategories = (values_of(dataset, name) for name in (category, subcategory))
    if category is None or subcategory is None or not categories or not subcategories:
        return []
    if min(categories, subcategories) < 2 or subcategories >= _FEWEST_CHILDREN * categories:
        return []
    products = values_of(dataset, dataset.spec.column_of(PRODUCT_ID))
    return [cross(dataset, [category, subcategory], most=products)]
