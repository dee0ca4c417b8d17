"""Guesses what columns mean from their types, their values and their names."""

from __future__ import annotations

import re
import unicodedata
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from shared.columns import Column, ColumnType
from shared.documents.dataset import (
    CUSTOMER_ID,
    ID_TYPES,
    NUMBER_TYPES,
    PRODUCT_ID,
    RATING,
    TRANSACTION_DATE,
)
from shared.rules import role_words as words

# Values of a source's first rows, by column: numbers, else text; None where one is missing.
Rows = Mapping[str, Sequence[object]]

_MOST_RATINGS = 101  # 0 to 100
_MOST_ON_A_SCALE = 21  # 0 to 10 by halves
_LEAST_ROWS = 50  # that a scale is recognised by
_VARYING = 0.05  # share of the customers, or products, of several rows
_RESERVED = (CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE, RATING, *words.NAMES)
_LONGEST_ROLE = 63


def guess_roles(
    columns: Sequence[Column], given: Mapping[str, str], rows: Rows | None = None
) -> dict[str, str]:
    """Roles by column name: those that were given, and a guess at the others.

    A column is never given a role that does not take its type.

    Args:
        rows: values of the first rows, as far as they are known.

    >>> columns = [Column(name=n, type="STRING") for n in ("UserId", "sku", "mood")]
    >>> guess_roles(columns, {})
    {'UserId': 'customer_id', 'sku': 'product_id'}
    """
    seen = _Seen(rows or {})
    roles = dict(given)

    def give(role: str, candidates: Iterable[Column]) -> None:
        column = next((one for one in candidates if one.name not in roles), None)
        if column is not None and role not in roles.values():
            roles[column.name] = role

    give(CUSTOMER_ID, _ids(columns, seen, words.CUSTOMERS, words.CUSTOMER_NAMES))
    give(PRODUCT_ID, _ids(columns, seen, words.PRODUCTS, words.PRODUCT_NAMES))
    give(PRODUCT_ID, _names_of_products(columns, seen, roles))
    give(TRANSACTION_DATE, _times(columns, seen))
    for role, (types, names) in words.NAMES.items():
        fitting = {_squeezed(one.name): one for one in reversed(columns) if one.type in types}
        give(role, (fitting[name] for name in names if name in fitting))
    named = {role: name for name, role in roles.items()}
    customer, product = named.get(CUSTOMER_ID, ""), named.get(PRODUCT_ID, "")
    give(RATING, _ratings(columns, seen, customer, product, roles))
    for column in columns:
        guess = _attribute(column, seen, customer, product)
        if guess is not None and guess not in _RESERVED:
            give(guess, [column])
    return roles


def says_time(name: str) -> bool:
    """Whether a column's name says that it holds times.

    >>> [says_time(name) for name in ("trans_date", "Kaufdatum", "runtime", "city")]
    [True, True, False, False]
    """
    squeezed = _squeezed(name)
    if squeezed.endswith(words.NO_TIMES):
        return False
    return not set(_tokens(name)).isdisjoint(words.TIMES) or squeezed.endswith(words.LONG_TIMES)


def says_other_time(name: str) -> bool:
    """Whether a time is by its name another one than that of a purchase: a birth, a delivery."""
    squeezed = _squeezed(name)
    return any(word in squeezed for word in words.OTHER_TIMES)


def says_rating(name: str) -> bool:
    """Whether a column's name says that it holds ratings."""
    return _rating_rank(name) is not None


class _Seen:
    """What the first rows show of columns."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows

    def values(self, column: str) -> list[object]:
        return [value for value in self._rows.get(column, ()) if _known(value)]

    def distinct(self, column: str) -> set[object]:
        return set(self.values(column))

    def varies_within(self, column: str, key: str) -> bool | None:
        """Whether rows of one customer, say, differ in a column; None where nobody can tell."""
        if column not in self._rows or key not in self._rows:
            return None
        values: defaultdict[object, list[object]] = defaultdict(list)
        for owner, value in zip(self._rows[key], self._rows[column], strict=True):
            if _known(owner) and _known(value):
                values[owner].append(value)
        several = [found for found in values.values() if len(found) > 1]
        if not several:
            return None
        return sum(len(set(found)) > 1 for found in several) > _VARYING * len(several)


def _known(value: object) -> bool:
    return value is not None and value == value


def _ids(
    columns: Sequence[Column],
    seen: _Seen,
    entities: tuple[tuple[str, ...], tuple[str, ...]],
    names: tuple[str, ...],
) -> list[Column]:
    """Columns that name who bought, or what, likeliest first. One that differs in every row, or in
    none, comes after all others."""
    plain, keyed = entities
    ranked = []
    for place, column in enumerate(columns):
        rank = _id_rank(column.name, plain, keyed, names) if column.type in ID_TYPES else None
        if rank is not None:
            known, values = len(seen.distinct(column.name)), len(seen.values(column.name))
            useless = values > 1 and known in (1, values)
            ranked.append((useless, rank, place, column))
    return [column for *_, column in sorted(ranked, key=lambda one: one[:3])]


def _names_of_products(
    columns: Sequence[Column], seen: _Seen, roles: Mapping[str, str]
) -> Iterator[Column]:
    """Columns of products' names, of which customers have several, and which come again: what names
    products where no column has their ids."""
    customer = next((name for name, role in roles.items() if role == CUSTOMER_ID), "")
    for column in columns:
        first, *_, last = _tokens(column.name) * 2
        of_products = words.SIDES.get(first) == "product" and last in words.ITEM_NAMES
        if column.type is not ColumnType.STRING or not (
            of_products or _squeezed(column.name) in words.NAMES["product_name"][1]
        ):
            continue
        again = len(seen.distinct(column.name)) < len(seen.values(column.name))
        if again and seen.varies_within(column.name, customer):
            yield column


def _id_rank(
    name: str, plain: Sequence[str], keyed: Sequence[str], names: Sequence[str]
) -> tuple[int, int] | None:
    """How likely a name is one of these ids; None where it is none."""
    squeezed, tokens = _squeezed(name), _tokens(name)
    for place, entity in enumerate((*plain, *keyed)):
        with_key = {*(entity + key for key in words.KEYS), *(key + entity for key in words.KEYS)}
        if squeezed in with_key:
            return (0, place) if entity in plain else (2, place)
        if squeezed == entity and entity in plain:
            return 1, place
    if squeezed in names:
        return 1, len(plain) + names.index(squeezed)
    of_rows = not set(tokens).isdisjoint(words.ORDERS)
    if len(tokens) > 2 and tokens[-1] in words.KEYS and tokens[-2] in plain and not of_rows:
        return 3, plain.index(tokens[-2])
    return None


def _times(columns: Sequence[Column], seen: _Seen) -> list[Column]:
    """Times that may be those of purchases, likeliest first."""
    ranked = []
    for place, column in enumerate(columns):
        if column.type is ColumnType.TIMESTAMP and not says_other_time(column.name):
            rank = _time_rank(column.name)
            ranked.append((rank, -len(seen.distinct(column.name)), place, column))
    return [column for *_, column in sorted(ranked, key=lambda one: one[:3])]


def _time_rank(name: str) -> int:
    squeezed = _squeezed(name)
    if not any(word in squeezed for word in words.LATER_TIMES):
        for place, word in enumerate((*words.PURCHASES, *words.INTERACTIONS)):
            if word in squeezed:
                return place
    late = not set(_tokens(name)) <= {*words.TIMES, "data", "at", "utc", "local"}
    return len(words.PURCHASES) + len(words.INTERACTIONS) + late


def _ratings(
    columns: Sequence[Column],
    seen: _Seen,
    customer: str,
    product: str,
    taken: Collection[str],
) -> list[Column]:
    """Numbers that customers gave products, likeliest first: by name, as far as the values do not
    contradict it, else by values alone."""
    by_name, by_values = [], []
    for place, column in enumerate(columns):
        if column.type not in NUMBER_TYPES or column.name in taken:
            continue
        values = seen.distinct(column.name)
        varies = [seen.varies_within(column.name, key) for key in (customer, product)]
        rank = _rating_rank(column.name)
        most = _MOST_RATINGS if rank == 0 else _MOST_ON_A_SCALE
        if rank is not None and False not in varies and (not values or 2 <= len(values) <= most):
            by_name.append((rank, place, column))
        elif rank is None and varies == [True, True] and _on_a_scale(column.name, seen):
            by_values.append(column)
    return [column for *_, column in sorted(by_name, key=lambda one: one[:2])] or by_values


def _rating_rank(name: str) -> int | None:
    tokens = _tokens(name)
    if not set(tokens).isdisjoint(words.NO_RATINGS) or says_time(name):
        return None
    if not set(tokens).isdisjoint(words.RATINGS) or _squeezed(name).endswith(words.RATINGS):
        return 0
    scores = set(tokens) & set(words.SCORES)
    return 1 if scores and set(tokens) <= {*words.SCORES, *words.OF_A_PURCHASE} else None


def _on_a_scale(name: str, seen: _Seen) -> bool:
    """Whether values are like 1 to 5, 0 to 10 or 0.5 to 5.0 by halves."""
    values = seen.distinct(name)
    numbers = [value for value in values if isinstance(value, int | float)]
    return (
        set(_tokens(name)).isdisjoint(words.NO_SHAPES)
        and len(seen.values(name)) >= _LEAST_ROWS
        and 3 <= len(numbers) == len(values) <= _MOST_ON_A_SCALE
        and all(float(2 * number).is_integer() for number in numbers)
        and min(numbers) in (0, 0.5, 1)
        and max(numbers) in (5, 10)
    )


def _attribute(column: Column, seen: _Seen, customer: str, product: str) -> str | None:
    """What a column says of one of the two sides. A rating says nothing of either, unless all of a
    side's rows agree on it; the number of an order neither."""
    name, tokens = plain_name(column.name), _tokens(column.name)
    if not {"id", "no", "nr", "number", "key"}.isdisjoint(tokens) and set(tokens) & set(
        words.ORDERS
    ):
        return None
    side, _, rest = name.partition("_")
    role = words.ATTRIBUTES.get(name)
    if role is None and side in words.SIDES and rest:
        role = f"{words.SIDES[side]}_{rest}"
    if role is not None and _rating_rank(column.name) is not None:
        key = customer if role.startswith("customer_") else product
        if seen.varies_within(column.name, key) is not False:
            return None
    return role[:_LONGEST_ROLE] if role else None


def plain_name(name: str) -> str:
    """`UserId`, `user id` and `USER_ID` are `user_id`; accents are left out."""
    folded = unicodedata.normalize("NFKD", name.replace("ß", "ss"))
    bare = "".join(letter for letter in folded if not unicodedata.combining(letter))
    split = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", bare)
    return re.sub(r"[^a-z0-9]+", "_", split.lower()).strip("_")


def _tokens(name: str) -> list[str]:
    return plain_name(name).split("_")


def _squeezed(name: str) -> str:
    return plain_name(name).replace("_", "")
