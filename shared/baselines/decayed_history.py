"""What the customer bought before, lately above all."""

from __future__ import annotations

from shared.arrays import np
from shared.baselines.base import RankingBaseline
from shared.baselines.own_history import OwnProducts, own_first
from shared.baselines.popularity import places
from shared.baselines.recent_popularity import NO_TIMES, Ages, recent_order
from shared.measuring import HeldOut, Part, Ranked, ranked_in_parts

# Habits last longer than a season: half a year.
HALF_LIFE_DAYS = 180


class DecayedHistory(RankingBaseline):
    """Everyone is recommended their own products again, by the sum of their training rows' weights,
    which halve every 180 days; of equal ones first, and after them all others, by the popularity of
    the last 28 days. A row without a time weighs as much as the oldest one with a time."""

    name = "decayed_history"
    label = "Own history with decay, then recent popularity"
    help = (
        "Everyone is recommended their own products again, recent purchases counting for more, and "
        "after them what was popular in the last 28 days."
    )
    term = "own history with decay"
    short = "decayed history"
    doing = "recommending what the customer bought before, recent purchases first"
    exactly = "recommending customers what they bought before, recent purchases counting for more"
    means = (
        "A list of past purchases is as good or better; the recall of products that are new to "
        "the customer shows what the model adds to it."
    )
    helps = (
        "See that both towers have their ids; wider embeddings of them and more epochs help to "
        "remember."
    )
    remedy = "features"
    position = 22

    def skipped(self, held_out: HeldOut) -> str | None:
        return None if held_out.train_timed.any() else NO_TIMES

    def ranked(self, held_out: HeldOut) -> Ranked:
        order, ages = recent_order(held_out), Ages.since(held_out)

        def ranked(part: Part) -> Ranked:
            own = OwnProducts.of(part.held_out)
            times, timed = part.held_out.train_time[own.rows], part.held_out.train_timed[own.rows]
            weights = np.exp2(-ages.of(times, timed) / HALF_LIFE_DAYS)
            pair = np.repeat(np.arange(len(own.count)), own.count)
            sums = np.bincount(pair, weights, len(own.count))
            # To seven digits: the order in which equal ages are added up makes no difference.
            keys = (places(order)[own.product], -sums.astype(np.float32))
            return own_first(part.held_out, own.sorted(*keys), order)

        return ranked_in_parts(held_out, ranked)
