"""A saved model: its signatures, called with raw values."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from shared.examples import (
    HISTORY_AGES,
    HISTORY_IDS,
    HISTORY_INPUTS,
    HISTORY_KINDS,
    MISSING_TIMESTAMP,
)
from trainer_image.serving.served import INDEX

_LARGEST = (2 - 2**-23) * 2.0**127  # of single precision
# By the name of the input's TensorFlow type.
_MISSING = {"string": "", "float32": math.nan, "int64": MISSING_TIMESTAMP}
MEANINGS = {
    "string": "text",
    "float32": "number",
    "int64": "timestamp, seconds since 1970-01-01T00:00:00Z or ISO 8601",
}


# What follows the last past purchase.
_MISSING_PAST: dict[str, Any] = {HISTORY_IDS: "", HISTORY_AGES: 0.0, HISTORY_KINDS: ""}
# An id that is no product's: whoever has bought it alone is known to have bought nothing.
_NO_PRODUCT = "\0"

# What a caller tells of a customer's past: products with how many days ago each was bought, and
# what kind of event that was, "" a purchase. None leaves it to what the model knows.
Told = Sequence[tuple[str, float, str]] | None


class BadInputError(ValueError):
    """Input that the model does not take. `feature` is the one at fault, where it is one."""

    def __init__(self, message: str, feature: str | None = None) -> None:
        super().__init__(message)
        self.feature = feature


class SavedModel:
    """A SavedModel in memory; loading one imports TensorFlow."""

    def __init__(self, folder: str) -> None:
        os.environ.setdefault("TF_USE_LEGACY_KERAS", "1")
        os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
        import scann  # noqa: F401 - registers the operations of a saved index
        import tensorflow as tf

        self._tf = tf
        self._model = tf.saved_model.load(folder)  # the signatures live only as long as it does
        self._signatures = dict(self._model.signatures)

    @property
    def signatures(self) -> list[str]:
        """Those that take raw values."""
        return sorted(set(self._signatures) - {INDEX})

    def types(self, signature: str) -> dict[str, str]:
        """The name of the TensorFlow type that a signature takes, by raw feature."""
        _, inputs = self._signatures[signature].structured_input_signature
        told = ((key, spec) for key, spec in sorted(inputs.items()) if len(spec.shape) == 1)
        return {key: spec.dtype.name for key, spec in told}

    @property
    def looks_back(self) -> bool:
        """Whether queries are answered by what the customer bought before."""
        _, inputs = self._signatures["query_embedding"].structured_input_signature
        return HISTORY_IDS in inputs

    def outputs(self, signature: str) -> list[str]:
        return sorted(self._signatures[signature].structured_outputs)

    def call(
        self,
        signature: str,
        rows: Mapping[str, list[Any]],
        pasts: Sequence[Told] | None = None,
        of: Sequence[int] | None = None,
    ) -> dict[str, Any]:
        """What a signature gives for completed rows, as NumPy arrays by output.

        Args:
            pasts: of customers; None: nothing is told of that of any row.
            of: the place among `pasts` of each row's; None: they are in the order of the rows.
        """
        tf = self._tf
        _, inputs = self._signatures[signature].structured_input_signature
        told = [None] * len(next(iter(rows.values()), [])) if pasts is None else pasts
        # It asks itself where nobody tells it anything.
        events = [() if past is None else past or [(_NO_PRODUCT, 0.0, "")] for past in told]
        longest = max((len(past) for past in events), default=0)
        given = {}
        for key, spec in inputs.items():
            if key not in HISTORY_INPUTS:
                given[key] = tf.constant(rows[key], spec.dtype)
                continue
            at, nothing = HISTORY_INPUTS.index(key), _MISSING_PAST[key]
            padded = [
                [one[at] for one in past] + [nothing] * (longest - len(past)) for past in events
            ]
            values = tf.constant(padded, spec.dtype, [len(events), longest])
            given[key] = values if of is None else tf.gather(values, of)
        found = self._signatures[signature](**given)
        return {name: values.numpy() for name, values in found.items()}


def complete(given: Any, types: Mapping[str, str]) -> dict[str, list[Any]]:
    """Raw features for a signature, each a list with a value for each row.

    Args:
        given: `{feature: [value for each row]}`; features may be left out, and values null.
        types: name of the TensorFlow type, by feature.

    Raises:
        BadInputError: unknown features, unequal lengths, values of a wrong type.
    """
    if not isinstance(given, dict) or not all(isinstance(v, list) for v in given.values()):
        raise BadInputError('give an object of lists, such as {"household_id": ["2375"]}.')
    if unknown := sorted(set(given) - set(types)):
        raise BadInputError(
            f"unknown feature {unknown[0]!r}; the model takes {', '.join(types)}.", unknown[0]
        )
    rows = {len(values) for values in given.values()}
    if len(rows) != 1 or rows == {0}:
        raise BadInputError(
            "every feature needs equally many values, and at least one; received "
            + (", ".join(f"{len(values)} for {key}" for key, values in given.items()) or "none")
            + "."
        )
    (count,) = rows
    return {
        key: [_value(key, value, kind) for value in given.get(key, [None] * count)]
        for key, kind in types.items()
    }


def _value(key: str, value: Any, kind: str) -> Any:
    """One raw value as the model takes it. Text that says a number or a time is taken as such."""
    if value is None:
        return _MISSING[kind]
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if kind == "string" and (_is_text(value) or (number and isinstance(value, int))):
        return str(value)
    if kind == "float32" and (found := _number(value)) is not None:
        return found
    if kind == "int64":
        seconds = value if number and isinstance(value, int) else _seconds(value)
        if seconds is not None and -(2**63) <= seconds < 2**63:
            return seconds
    raise BadInputError(f"{key}: expected a {MEANINGS[kind]} or null, received {value!r}.", key)


def _is_text(value: Any) -> bool:
    """JSON may hold half a surrogate pair, which no text is."""
    return isinstance(value, str) and value.encode("utf-8", "replace").decode() == value


def _number(value: Any) -> float | None:
    """Infinity is a product's own value only: whoever asks can neither write nor exceed it."""
    if isinstance(value, float) and not math.isfinite(value):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, str) and not value.strip():
        return math.nan
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if abs(found) <= _LARGEST else None


def _seconds(value: Any) -> int | None:
    if not isinstance(value, str):
        return None
    text = value.strip()
    if not text:
        return MISSING_TIMESTAMP
    if text.removeprefix("-").isdecimal() and len(text) <= 20:
        return int(text)
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())
