"""One customer, by their id, wherever it may stand: for whoever is asked to forget them."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from shared.columns.text_form import TextForm, python_text

# Beside a job's examples: whom it has read, without saying their ids.
CUSTOMERS_FILE = "customers.sha256"
ERASED = "(erased)"
# Of an index. Of a million customers, one in 10^13 strangers is taken for one of them.
_BYTES = 8
# A shorter id, such as 7, is also any number: in texts it counts in quotes only.
_TELLING = 5


def index_of(customers: Iterable[str]) -> bytes:
    """The first 8 bytes of each id's SHA-256, in their order: what `CUSTOMERS_FILE` holds."""
    return b"".join(sorted({_digest(one) for one in customers}))


class Customer:
    """A customer's id in all ways in which a column may write it.

    Args:
        customer_id: as somebody gives it, such as `1003` or `1003.0`.
    """

    def __init__(self, customer_id: str) -> None:
        forms = {customer_id, *(python_text(customer_id, form) for form in TextForm)}
        self.ids = frozenset(forms - {""})
        self._numbers = frozenset(float(one) for one in self.ids if re.fullmatch("-?[0-9]+", one))
        telling = [one for one in sorted(self.ids) if len(one) >= _TELLING]
        patterns = [rf"(?<!\w){re.escape(one)}(?!\w)" for one in telling]
        patterns += [rf"(?<={q}){re.escape(one)}(?={q})" for one in sorted(self.ids) for q in "'\""]
        self._pattern = re.compile("|".join(patterns) or r"(?!)")

    def is_in(self, index: bytes) -> bool:
        """Whether an index of customers has them."""
        places = range(len(index) // _BYTES)

        def at(place: int) -> bytes:
            return index[place * _BYTES : (place + 1) * _BYTES]

        for wanted in map(_digest, self.ids):
            place = bisect_left(places, wanted, key=at)
            if at(place) == wanted:
                return True
        return False

    def is_named(self, value: Any) -> bool:
        """Whether a text, or any text in a JSON value, names them."""
        if isinstance(value, str):
            return self._is(value) or self._pattern.search(value) is not None
        if isinstance(value, dict):
            return any(map(self.is_named, value.values()))
        return isinstance(value, list) and any(map(self.is_named, value))

    def erased(self, text: str) -> str:
        """The text with `(erased)` in place of the id."""
        return self._pattern.sub(ERASED, text)

    def erased_from(self, document: dict[str, Any]) -> dict[str, Any]:
        """A document, its status without the id: samples and frequent values go, the ends of the
        column's range where the id is one of them, and a text says `(erased)`."""
        spec = document.get("spec")
        mapping = spec.get("column_mapping") if isinstance(spec, dict) else None
        roles = mapping if isinstance(mapping, dict) else {}
        columns = frozenset(name for name, role in roles.items() if role == "customer_id")
        status = document.get("status")
        cleaned = self._without(status, columns, of_customers=False)
        return document if cleaned == status else {**document, "status": cleaned}

    def _is(self, text: str) -> bool:
        return text in self.ids and len(text) >= _TELLING

    def _without(self, value: Any, columns: frozenset[str], *, of_customers: bool) -> Any:
        if isinstance(value, str):
            return ERASED if self._is(value) else self.erased(value)
        if isinstance(value, list):
            kept = [one for one in value if not self._counts(one, of_customers)]
            return [self._without(one, columns, of_customers=of_customers) for one in kept]
        if not isinstance(value, dict):
            return value
        of_customers = of_customers or value.get("name") in columns
        found = {
            key: self._without(one, columns, of_customers=of_customers or key == "names")
            for key, one in value.items()
        }
        if of_customers and self._numbers & {value.get("min"), value.get("max")}:
            found |= {"min": None, "max": None, "histogram": []}
        return found

    def _counts(self, item: Any, of_customers: bool) -> bool:
        """Whether an item of a list is the id, or says how often it occurs."""
        text = item.get("value") if isinstance(item, dict) else item
        if not isinstance(text, str):
            return False
        return text in self.ids if of_customers else self._is(text)


def _digest(customer: str) -> bytes:
    return hashlib.sha256(customer.encode(errors="surrogatepass")).digest()[:_BYTES]
