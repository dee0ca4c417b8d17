"""Products by how often they are bought."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from shared.arrays import Integers, counts_of, np
from shared.measuring import HeldOut
from shared.segments.base import Part, SegmentKind, Split, by_count, purchases_words

# Head and tail each make such a share of the purchases: Abdollahpouri, Mansoury, Burke, Mobasher
# and Malthouse 2021, "User-centered evaluation of popularity bias in recommender systems".
_SHARE = 0.2


class Products(SegmentKind):
    """By training rows: the best-selling products that make a fifth of them, the least-selling that
    do, and those between; products bought equally often stay together."""

    name = "products"
    label = "Products"
    help = (
        "By their training purchases. The best-selling products, which make 20% of the purchases, "
        "are the head, and the least-selling, which make another 20%, the tail."
    )
    position = 20

    def splits(self, held_out: HeldOut, columns: Mapping[str, Sequence[str]]) -> Iterator[Split]:
        counts = counts_of(held_out.train_product, held_out.candidates)
        ascending = np.sort(counts[counts > 0])
        tail = _reached(ascending)
        head = max(_reached(ascending[::-1]), tail + 1)
        parts = (
            Part("head", "Head", "head products", purchases_words(head, None)),
            Part("middle", "Middle", "middle products", purchases_words(tail + 1, head - 1)),
            Part("tail", "Tail", "tail products", purchases_words(1, tail)),
            Part("unseen", "Never trained on", "products never trained on", _NONE),
        )
        part = by_count(counts[held_out.product], [1, tail + 1, head], parts)
        yield Split(self.name, self.label, self.help, parts, part, by_popularity=True)


_NONE = "no training purchases"


def _reached(counts: Integers) -> int:
    """The count of the product with which the share of all purchases is reached; 1 without any."""
    if not len(counts):
        return 1
    together = np.cumsum(counts)
    return int(counts[np.searchsorted(together, _SHARE * together[-1])])
