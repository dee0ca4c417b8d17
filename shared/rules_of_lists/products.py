"""The products that rules choose among, by columns."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from shared.arrays import np
from shared.columns import RawType
from shared.columns.text_form import TextForm, python_text

if TYPE_CHECKING:
    from shared.arrays import Booleans, Floats, Integers

RuleValue = str | bool | int | float


@dataclass(frozen=True)
class RuleColumn:
    """A column that rules can read.

    Attributes:
        type: a text or a number.
        form: how its values are written, of a text.
    """

    name: str
    type: RawType
    form: TextForm = TextForm.WRITTEN

    @property
    def is_number(self) -> bool:
        return self.type is RawType.NUMBER

    def value(self, given: RuleValue) -> str | float | None:
        """A value that somebody gives, as the column has it; None where it cannot have such a one,
        or it is missing."""
        if not self.is_number:
            return python_text(given, self.form) or None
        try:
            found = math.nan if isinstance(given, bool) else single(float(given))
        except (ValueError, OverflowError):
            return None
        return found if math.isfinite(found) else None


def single(number: float) -> float:
    """The nearest number of single precision. Raises OverflowError where there is none."""
    (found,) = struct.unpack("f", struct.pack("f", number))
    return float(found)


class ProductColumn:
    """A column's values, read when they are first asked for.

    Args:
        read: the value of each product; "" or NaN where there is none. Numbers are compared in
            single precision, as they are stored.
    """

    def __init__(self, column: RuleColumn, read: Callable[[], Sequence[Any]]) -> None:
        self.column = column
        self._read = read

    @cached_property
    def numbers(self) -> Floats:
        """Of a column of numbers, [products]."""
        return np.asarray(self._read(), np.float32)

    @cached_property
    def _coded(self) -> tuple[list[Any], Integers]:
        if self.column.is_number:
            known = ~np.isnan(self.numbers)
            found, places = np.unique(self.numbers[known], return_inverse=True)
            codes = np.full(len(known), -1, np.int64)
            codes[known] = places.reshape(-1)
            return found.tolist(), codes
        values = self._read()
        codes_of: dict[str, int] = {"": -1}
        codes = np.fromiter(
            (codes_of.setdefault(value, len(codes_of) - 1) for value in values),
            np.int64,
            len(values),
        )
        return list(codes_of)[1:], codes

    @property
    def distinct(self) -> list[Any]:
        """The values that there are."""
        return self._coded[0]

    @property
    def codes(self) -> Integers:
        """The place of each product's value among `distinct`, [products]; -1 where it has none."""
        return self._coded[1]

    def holding(self, given: Collection[RuleValue]) -> Booleans:
        """Which products have one of the values, [products]."""
        wanted = {self.column.value(value) for value in given}
        # The last is of products without a value.
        held = np.array([*(value in wanted for value in self.distinct), False], bool)
        found: Booleans = held[self.codes]
        return found


class Products:
    """
    Args:
        ids: [products].
        columns: by name.
    """

    def __init__(self, ids: Sequence[str], columns: Mapping[str, ProductColumn]) -> None:
        self.ids = ids
        self.columns = columns
        self._rows = {product: row for row, product in enumerate(ids)}

    def __len__(self) -> int:
        return len(self.ids)

    def __contains__(self, product: str) -> bool:
        return product in self._rows

    def row(self, product: str) -> int:
        return self._rows[product]

    def marked(self, products: Collection[str]) -> Booleans:
        """Which rows are of some products, [products]; those that there are not are passed over."""
        marked = np.zeros(len(self.ids), bool)
        marked[[self._rows[product] for product in products if product in self._rows]] = True
        return marked
