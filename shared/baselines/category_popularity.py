"""What is popular, by category."""

from __future__ import annotations

from shared.arrays import counts_of, np
from shared.baselines.base import ExpectedBaseline
from shared.measuring import HeldOut
from shared.metrics import of_blocks
from shared.statistics import Measured


class CategoryPopularity(ExpectedBaseline):
    """Everyone is recommended the products of the categories with the most training rows per
    product, in a random order within each; products without a category come last. It knows no
    product, so that it can recommend one that is new; its metrics are expected values."""

    name = "category_popularity"
    label = "Popular categories"
    help = "Products of the categories that sell best per product, at random within each."
    term = "popularity of categories"
    short = "categories"
    doing = "recommending from popular categories"
    means = "The model knows less of new products than that their category is popular."
    helps = (
        "Give the product tower attributes that new products share with others, and raise the id "
        "dropout of the product's id."
    )
    remedy = "features"
    position = 25

    def skipped(self, held_out: HeldOut) -> str | None:
        return None if held_out.category is not None else "no column has the role of a category"

    def measure(self, held_out: HeldOut) -> Measured:
        assert held_out.category is not None
        category = held_out.category + 1  # 0: none
        rows = np.bincount(category, counts_of(held_out.train_product, held_out.candidates))
        products = np.bincount(category, minlength=len(rows))
        popular = rows / np.maximum(products, 1)
        popular[0] = -1
        order = np.lexsort((np.arange(len(rows)), -popular))
        before = np.empty_like(products)
        before[order] = np.cumsum(products[order]) - products[order]
        block = category[held_out.product]
        return of_blocks(before[block], products[block], held_out)
