"""Rules made ready for a model's products."""

from __future__ import annotations

from collections import OrderedDict
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING

from shared.arrays import np
from shared.rules_of_lists import Rules
from shared.rules_of_lists.base import LastBought
from shared.rules_of_lists.choosing import CappedColumn
from shared.rules_of_lists.products import Products

if TYPE_CHECKING:
    from shared.arrays import Booleans

# Of the rules that are ready at once, how many they are, and what they take.
MOST_READY, MOST_BYTES = 256, 1 << 26
# As JSON. Longer ones name so much that others are sooner asked for again.
_LONGEST = 1 << 16


class Ruling:
    """
    Args:
        rules: that are right for the products, as `check_rules` says.

    Attributes:
        size: in bytes, without the rules themselves.
    """

    def __init__(self, rules: Rules, products: Products) -> None:
        self.rules = rules
        self.products = products
        # An eighth of a byte for each product; None: the filter keeps all.
        self._kept = [
            None if (kept := one.keeps(products)) is None else np.packbits(kept)
            for one in rules.filters
        ]
        found = [bits for bits in self._kept if bits is not None]
        self._bits = np.bitwise_and.reduce(found) if found else None
        self.size = sum(bits.nbytes for bits in found) + (found[0].nbytes if found else 0)

    def fits(self, bought: LastBought) -> Booleans:
        """Which products all filters keep for a customer, [products]."""
        count = len(self.products)
        fits: Booleans = np.ones(count, bool)
        if self._bits is not None:
            fits = np.unpackbits(self._bits, count=count).view(bool)
        for one in self.rules.filters:
            out = [self.products.row(p) for p in one.leaves_out(bought) if p in self.products]
            fits[out] = False
        return fits

    @cached_property
    def caps(self) -> list[CappedColumn]:
        columns = self.products.columns
        return [CappedColumn(columns[one.column].codes, one.at_most) for one in self.rules.caps]

    def left_out_by(self, product: str, bought: LastBought) -> str | None:
        """The first filter that leaves out a product, in words; None where all keep it."""
        byte, bit = divmod(self.products.row(product), 8)
        own = {product: bought[product]} if product in bought else {}
        for one, kept in zip(self.rules.filters, self._kept, strict=True):
            if kept is not None and not kept[byte] << bit & 128:
                return one.in_words()
            if product in one.leaves_out(own):
                return one.in_words()
        return None


class Rulings:
    """Those that were asked for last, ready.

    Attributes:
        size: of those that are ready, in bytes.
    """

    def __init__(self, products: Products) -> None:
        self.products = products
        self.size = 0
        self._ready: OrderedDict[bytes, tuple[int, Ruling]] = OrderedDict()

    def of(self, rules: Rules) -> Ruling:
        written = rules.model_dump_json().encode()
        key = sha256(written).digest()
        if key in self._ready:
            self._ready.move_to_end(key)
            return self._ready[key][1]
        made = Ruling(rules, self.products)
        if len(written) <= _LONGEST:
            self._ready[key] = len(written) + made.size, made
            self.size += len(written) + made.size
        while len(self._ready) > MOST_READY or self.size > MOST_BYTES:
            _, (size, _) = self._ready.popitem(last=False)
            self.size -= size
        return made
