"""Raw values of a query: as the model takes them, and as people read them."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import Any

from shared.columns.text_form import python_text
from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from shared.predictions import RawValue
from trainer_image.serving.saved_model import complete

_TENSORFLOW = {RawType.TEXT: "string", RawType.NUMBER: "float32", RawType.TIMESTAMP: "int64"}


def typed(feature: RawFeature, value: RawValue) -> Any:
    """A raw value that was given for a column, as the model takes it. Raises BadInputError."""
    if feature.type is RawType.TEXT and (isinstance(value, bool) or _is_whole(value)):
        value = python_text(value, feature.form)  # type: ignore[arg-type]
    rows = complete({feature.key: [value]}, {feature.key: _TENSORFLOW[feature.type]})
    found = rows[feature.key][0]
    return python_text(found, feature.form) if feature.type is RawType.TEXT else found


def _is_whole(value: RawValue) -> bool:
    return isinstance(value, float) and value.is_integer()


def shown(value: Any, kind: RawType) -> RawValue:
    """A raw value for people: times in ISO 8601 where the calendar reaches so far."""
    if value is None or value == "" or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if kind is not RawType.TIMESTAMP:
        return value  # type: ignore[no-any-return]
    if value == MISSING_TIMESTAMP:
        return None
    try:
        return datetime.fromtimestamp(value, UTC).isoformat().replace("+00:00", "Z")
    except (OverflowError, ValueError, OSError):
        return int(value)
