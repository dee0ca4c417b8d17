"""What the examples stage reads: which columns under which keys, which rows, which split."""

from __future__ import annotations

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, Field

from shared.documents.dataset import Source


class RawType(StrEnum):
    """Types of raw features. A missing value is "", NaN or MISSING_TIMESTAMP."""

    TEXT = "text"  # tf.string
    NUMBER = "number"  # tf.float32
    TIMESTAMP = "timestamp"  # tf.int64, seconds since 1970-01-01T00:00:00Z


MISSING_TIMESTAMP = -(2**63)


class RawFeature(BaseModel):
    """A column as it enters Transform and the serving signatures.

    Attributes:
        key: its name there, `[A-Za-z_][A-Za-z0-9_]*`; the column's own name where that is one.
        column: the column's name in the dataset, which may be anything.
    """

    key: str
    column: str
    type: RawType


class ExamplesSpec(BaseModel):
    """Rows and columns of a test's examples.

    Attributes:
        features: every raw feature of both towers, and the customer's and the product's id as
            TEXT even where no tower uses them.
        query_keys: keys of the features that describe a query (customer and context).
        candidate_keys: keys of the features that describe a product.
        customer_key, product_key: keys of the two ids.
        label_key: key of the rating, a NUMBER; rows without one are dropped. None: no rating.
        timestamp_column: decides which rows are the latest; None for a random split.
        name_column: shown beside product ids in recommendations.
        sample_percent: above 0, up to 100.
        data_fingerprint: of the source when the test was validated. Examples of unlike data are
            unlike to whoever keeps results by what they were made from.
    """

    source: Source
    features: list[RawFeature]
    query_keys: list[str]
    candidate_keys: list[str]
    customer_key: str
    product_key: str
    label_key: str | None = None
    timestamp_column: str | None = None
    name_column: str | None = None
    sample_percent: float = Field(default=10.0, gt=0, le=100)
    sample_by: Literal["customer", "row"] = "customer"
    split: Literal["temporal", "random"] = "temporal"
    holdout_fraction: float = Field(default=0.1, gt=0, lt=1)
    seed: int = 42
    data_fingerprint: str = ""

    @property
    def columns(self) -> list[str]:
        """What is read of the source, each column once."""
        named = [feature.column for feature in self.features]
        named += [name for name in (self.timestamp_column, self.name_column) if name is not None]
        return list(dict.fromkeys(named))
