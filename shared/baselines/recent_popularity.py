"""What has been popular lately."""

from __future__ import annotations

from dataclasses import dataclass

from shared.arrays import Booleans, Integers, Reals, blocks, counts_of, np
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


@dataclass(frozen=True)
class Ages:
    """How many days older training rows are than the latest one; a row without a time is as old as
    the oldest.

    Attributes:
        oldest, latest: of the known times, in seconds since 1970.
    """

    oldest: int
    latest: int

    @staticmethod
    def since(held_out: HeldOut) -> Ages:
        """Args: held_out: at least one of its training rows has a time."""
        oldest, latest = [], []
        for block in blocks(len(held_out.train_time)):
            known = held_out.train_time[block][held_out.train_timed[block]]
            if len(known):
                oldest.append(int(known.min()))
                latest.append(int(known.max()))
        return Ages(min(oldest), max(latest))

    def of(self, times: Integers, timed: Booleans) -> Reals:
        """[rows], in days. Args: times: of rows. timed: whether each is known."""
        seconds = self.latest - np.where(timed, times, self.oldest).astype(np.float64)
        age: Reals = seconds / _SECONDS_PER_DAY
        return age


def recent_order(held_out: HeldOut) -> Integers:
    """Rows of the candidates, those with the most training rows of the window first."""
    ages = Ages.since(held_out)
    recent = np.zeros(held_out.candidates, np.int64)
    for block in blocks(len(held_out.train_product)):
        timed = held_out.train_timed[block]
        lately = timed & (ages.of(held_out.train_time[block], timed) < WINDOW_DAYS)
        recent += np.bincount(held_out.train_product[block][lately], minlength=len(recent))
    ever = counts_of(held_out.train_product, held_out.candidates)
    return np.lexsort((-ever, -recent))
