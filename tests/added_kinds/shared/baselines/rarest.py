"""What hardly anybody has bought."""

from __future__ import annotations

from shared.arrays import np
from shared.baselines.base import RankingBaseline
from shared.baselines.popularity import places, popular_order
from shared.measuring import LISTED, HeldOut, Ranked


class Rarest(RankingBaseline):
    name = "rarest"
    label = "What is rare"
    term = "rarity"
    help = "Everyone is recommended the products with the fewest training rows."
    doing = "recommending what is rare"
    means = "The model has not even learned what is popular."
    helps = "Train at all."

    def ranked(self, held_out: HeldOut) -> Ranked:
        order = popular_order(held_out.train_product, held_out.candidates)[::-1].copy()
        lists = np.tile(order[:LISTED], (held_out.customers, 1))
        return Ranked(places(order)[held_out.product] + 1, lists)
