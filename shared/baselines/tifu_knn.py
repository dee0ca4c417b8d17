"""What the customer bought often and lately, and what customers like them did."""

from __future__ import annotations

from shared.arrays import Booleans, Codes, Floats, Integers, Reals, Sparse, np, sparse
from shared.baselines.base import LEARN_MORE
from shared.baselines.recent_popularity import NO_TIMES, recent_order
from shared.baselines.scoring import Scores, ScoringBaseline, sold, write_sparse
from shared.measuring import HeldOut

# Hu and others (2020) settled on these for Ta-Feng's groceries, the first of their data sets.
NEIGHBOURS = 300
GROUPS = 7
WITHIN_GROUP = 0.9
BETWEEN_GROUPS = 0.7
OWN_SHARE = 0.7
# A few seconds on two cores each: multiplications of distances, and of means; distances.
_MOST_FOR_DISTANCES = 500_000_000
_MOST_FOR_MEANS = 2_000_000_000
_MOST_DISTANCES = 100_000_000
# Fewer to choose from than this are no choice.
_FEWEST_TO_CHOOSE = 1_000


class TifuKnn(ScoringBaseline):
    """TIFU-kNN (Hu, He, Gao and Zhang 2020, "Modeling personalized item frequency information for
    next-basket recommendation"): a customer's frequencies of products, decayed over time, joined
    with those of the 300 customers nearest to them.

    What one customer bought at one moment is a basket, in which a product is or is not; rows
    without a time are the first. A customer's baskets are parted, in their order, into 7 groups of
    equal size, the later ones larger by one where they do not come out even, or one each of fewer
    baskets. A basket counts 0.9 to the power of how many follow it in its group, a group 0.7 to the
    power of how many follow it, both as means. Score: 0.7 times one's own, and 0.3 times the mean
    of the nearest by Euclidean distance. Where these are more than 100 million, or take
    more than 500 million multiplications, the nearest are looked for among every n-th customer.
    """

    name = "tifu_knn"
    label = "TIFU-kNN"
    help = (
        "Everyone is recommended what they bought often and lately, and what the 300 customers "
        "most like them did (TIFU-kNN)."
    )
    term = "TIFU-kNN"
    doing = "recommending what the customer, and customers like them, buy often (TIFU-kNN)"
    means = "Counting purchases, one's own and those of similar customers, is as good or better."
    helps = f"See that both towers have their ids. {LEARN_MORE}"
    remedy = "features"
    position = 26

    def skipped(self, held_out: HeldOut) -> str | None:
        if not held_out.train_timed.any():
            return NO_TIMES
        rows = len(held_out.train_product)
        most = _MOST_FOR_MEANS // NEIGHBOURS
        # Customers with held-out rows buy about as much as their neighbours.
        share = held_out.customers / held_out.buyers
        if rows * share > most:
            return f"{rows:,} purchases, at most {int(most / share):,}"
        asked = _MOST_DISTANCES // _FEWEST_TO_CHOOSE
        if held_out.customers > asked:
            return f"{held_out.customers:,} customers with held-out purchases, at most {asked:,}"
        return None

    def order(self, held_out: HeldOut) -> Integers:
        return recent_order(held_out)

    def scores(self, held_out: HeldOut) -> Scores:
        frequencies = _frequencies(held_out)
        asked = frequencies[: held_out.customers]
        columns = (np.bincount(one.indices, minlength=one.shape[1]) for one in (asked, frequencies))
        step = max(
            1,
            -(-int(np.dot(*columns)) // _MOST_FOR_DISTANCES),
            -(-held_out.customers * held_out.buyers // _MOST_DISTANCES),
        )
        among = np.arange(0, held_out.buyers, step)
        among = among[np.diff(frequencies.indptr)[among] > 0]
        near = frequencies[among]
        near_by_product = near.T.tocsr()
        squares = np.asarray(near.multiply(near).sum(axis=1)).ravel()

        def write(start: int, stop: int, scores: Floats) -> None:
            own = asked[start:stop]
            # Squared, without what all of a customer's have in common.
            distances = squares - 2 * (own @ near_by_product).toarray()
            distances[np.arange(start, stop)[:, np.newaxis] == among] = np.inf
            known = np.diff(own.indptr) > 0
            chosen = _nearest(distances) & known[:, np.newaxis]
            share = (1 - OWN_SHARE) / np.maximum(1, chosen.sum(axis=1))
            # One's own and the means of the nearest come of one product, side by side.
            means = sparse.diags(share) @ sparse.csr_matrix(chosen, dtype=np.float64)
            both = sparse.hstack([sparse.diags(OWN_SHARE * known), means], format="csr")
            write_sparse(both @ sparse.vstack([own, near], format="csr"), scores)

        return Scores(sold(frequencies), write)


def _nearest(distances: Reals) -> Booleans:
    """[customers, others], which are the NEIGHBOURS nearest, of equally near ones the first."""
    # In float32 the same distance is equal, in whatever order it was added up.
    found = distances.astype(np.float32)
    if found.shape[1] <= NEIGHBOURS:
        return np.isfinite(found)
    last = np.partition(found, NEIGHBOURS - 1, axis=1)[:, NEIGHBOURS - 1 : NEIGHBOURS]
    chosen: Booleans = (found <= last) & np.isfinite(found)
    too_many = np.count_nonzero(chosen, axis=1) - NEIGHBOURS
    for row in np.flatnonzero(too_many > 0):
        same = np.flatnonzero(found[row] == last[row])
        chosen[row, same[-too_many[row] :]] = False
    return chosen


def _frequencies(held_out: HeldOut) -> Sparse:
    """[buyers, candidates], the decayed frequencies of each customer's products."""
    buyer, product, time = held_out.train_buyer, held_out.train_product, held_out.train_time
    by_basket = np.lexsort((product, time, buyer))
    buyer, product, time = buyer[by_basket], product[by_basket], time[by_basket]
    begins = np.ones(len(buyer), np.bool_)
    begins[1:] = (buyer[1:] != buyer[:-1]) | (time[1:] != time[:-1])
    basket = np.cumsum(begins) - 1
    first = begins.copy()
    first[1:] |= product[1:] != product[:-1]  # a product once in each basket
    weights = _weights(buyer[begins], held_out.buyers)[basket[first]]
    shape = held_out.buyers, held_out.candidates
    return sparse.csr_matrix((weights, (buyer[first], product[first])), shape)


def _weights(buyer: Codes, buyers: int) -> Reals:
    """[baskets], of each. Args: buyer: [baskets], by buyer and time."""
    counts = np.bincount(buyer, minlength=buyers)
    place = np.arange(len(buyer)) - (np.cumsum(counts) - counts)[buyer]
    groups = np.minimum(counts, GROUPS)[buyer]
    size, larger = np.divmod(counts[buyer], groups)
    small = (groups - larger) * size  # baskets in the groups that are not larger
    past = place - small
    group = np.where(past < 0, place // size, groups - larger + past // (size + 1))
    within = np.where(past < 0, place % size, past % (size + 1))
    size = np.where(past < 0, size, size + 1)
    weights: Reals = WITHIN_GROUP ** (size - 1 - within) / size
    return weights * BETWEEN_GROUPS ** (groups - 1 - group) / groups
