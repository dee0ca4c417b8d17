"""What has been popular lately."""

from __future__ import annotations

from shared.arrays import Integers, Reals, np
from shared.baselines.base import LEARN_MORE, RankingBaseline
from shared.baselines.popularity import same_to_all
from shared.measuring import HeldOut, Ranked

# Four whole weeks: as many of each day of the week.
WINDOW_DAYS = 28
_SECONDS_PER_DAY = 86_400

NO_TIMES = "no training row has a known time of purchase"


class RecentPopularity(RankingBaseline):
    """Everyone is recommended the products with the most training rows in the last 28 days before
    the latest one; of equally many the one with more training rows in all, then by their ids."""

    name = "recent_popularity"
    label = "Popularity, last 28 days"
    help = "Everyone is recommended the products with the most training rows of the last 28 days."
    term = "popularity of the last 28 days"
    short = "28 days"
    doing = "recommending what was popular in the last 28 days"
    exactly = "recommending everybody the most popular products of the last 28 days"
    means = "What sells changes, and the model does not follow."
    helps = f"Give the buyer tower the time of purchase. {LEARN_MORE}"
    remedy = "features"
    position = 12

    def skipped(self, held_out: HeldOut) -> str | None:
        return None if held_out.train_timed.any() else NO_TIMES

    def ranked(self, held_out: HeldOut) -> Ranked:
        return same_to_all(recent_order(held_out), held_out)


def ages(held_out: HeldOut) -> Reals:
    """How many days each training row is older than the latest one, [training rows]; where a time
    is not known, as many as the oldest is that is known."""
    known = held_out.train_timed
    times = held_out.train_time.astype(np.float64)
    times[~known] = times[known].min()
    age: Reals = (times.max() - times) / _SECONDS_PER_DAY
    return age


def recent_order(held_out: HeldOut) -> Integers:
    """Rows of the candidates, those with the most training rows of the window first."""
    lately = held_out.train_timed & (ages(held_out) < WINDOW_DAYS)
    ever = np.bincount(held_out.train_product, minlength=held_out.candidates)
    recent = np.bincount(held_out.train_product[lately], minlength=held_out.candidates)
    return np.lexsort((-ever, -recent))
