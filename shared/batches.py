"""Tables filled for many customers at once, and vectors of products or customers for other systems:
what is asked for, and the note that a run keeps of itself beside its files.

`manifest.json` is replaced whole after every shard. A run that was killed goes on from it, and
whoever reads the files finds there which model made them and whether they are all there.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from enum import StrEnum
from types import MappingProxyType

from pydantic import BaseModel, ConfigDict, Field

from shared.models import Moment
from shared.predictions import ListName
from shared.registry import Alias
from shared.wording import alternatives

MANIFEST = "manifest.json"
DATA = "data"
# Names the file in which a process says why it failed, where nobody reads what it writes.
REASON = "RECSMITH_REASON"
# Vector Search takes at most 5,000 files at once.
MAX_SHARDS = 5000
_DIGESTS = ("customers", "rules")  # of settings
_EACH = 2000  # customers or products of a shard, where nobody says how many shards


class Content(StrEnum):
    """What a run writes: lists of recommendations, or vectors."""

    RECOMMENDATIONS = "recommendations"
    PRODUCTS = "products"
    CUSTOMERS = "customers"

    @property
    def subject(self) -> str:
        """What one of those is called that are counted: `customer`."""
        return "product" if self is Content.PRODUCTS else "customer"


class FileFormat(StrEnum):
    PARQUET = "parquet"
    CSV = "csv"
    JSONL = "jsonl"
    AVRO = "avro"

    @property
    def ending(self) -> str:
        """Vector Search tells JSON Lines by `.json`."""
        return "json" if self is FileFormat.JSONL else self.value


FORMATS: Mapping[Content, tuple[FileFormat, ...]] = MappingProxyType(
    {
        Content.RECOMMENDATIONS: (FileFormat.PARQUET, FileFormat.CSV),
        Content.PRODUCTS: (FileFormat.JSONL, FileFormat.AVRO, FileFormat.PARQUET),
        Content.CUSTOMERS: (FileFormat.JSONL, FileFormat.AVRO, FileFormat.PARQUET),
    }
)


class BatchError(Exception):
    """A run that cannot begin or go on; the message says why, and what would be right."""


class Reason(BaseModel):
    """Why a process failed, in a file of its own."""

    message: str


class BatchModel(BaseModel):
    """Whose answers these are.

    Attributes:
        artifacts_uri: the job's folder.
        model_id, name, version: of the registered model that was asked for.
        alias: what it was asked for by; the version is what that meant when the run began. All
            four are None where a test was asked for.
    """

    model_config = ConfigDict(frozen=True)

    artifacts_uri: str
    quick_test_id: str
    model_id: str | None = None
    name: str | None = None
    alias: Alias | None = None
    version: int | None = None

    @property
    def asked(self) -> str:
        """As it was asked for."""
        if self.alias is None:
            return f"the test {self.quick_test_id}"
        return f"{self.name} ({self.alias})"

    def __str__(self) -> str:
        return self.asked if self.version is None else f"{self.name}, version {self.version}"


class BatchSettings(BaseModel):
    """What is asked for besides the model; a run goes on only where all of it is the same.

    Attributes:
        k, list: of recommendations.
        shards: None: as many as the customers or products need.
        customers: SHA-256 of the listed ids, in their order; None: all that the model knows.
        unknown: customers of the list whom the model does not know are answered as strangers.
        rule_set, rules: id of the rule set that lists keep to, and SHA-256 of its rules.
    """

    model_config = ConfigDict(frozen=True)

    content: Content
    format: FileFormat
    k: int | None = None
    list: ListName | None = None
    shards: int | None = Field(default=None, ge=1, le=MAX_SHARDS)
    customers: str | None = None
    unknown: bool = False
    rule_set: str | None = None
    rules: str | None = None

    def check(self) -> None:
        """Raises BatchError."""
        formats = FORMATS[self.content]
        if self.format not in formats:
            raise BatchError(
                f"--format: {self.content} are written as {alternatives(formats)}. Received: "
                f"{self.format}."
            )

    def differences(self, other: BatchSettings) -> Sequence[str]:
        """Settings that are not the same, each with both values."""
        mine, theirs = self.model_dump(), other.model_dump()
        return [
            f"other {name}" if name in _DIGESTS else f"{name} {mine[name]}, not {theirs[name]}"
            for name in mine
            if mine[name] != theirs[name]
        ]


class Shard(BaseModel):
    """A file that is done.

    Attributes:
        subjects: customers or products, those without a row among them.
    """

    model_config = ConfigDict(frozen=True)

    file: str
    subjects: int
    rows: int
    sha256: str


class Manifest(BaseModel):
    """A run.

    Attributes:
        made_at: when it began, which is what its rows say.
        recsmith: the version that began it.
        subjects: how many customers or products it is about.
        left_out: how many of the list or the catalogue are not, by why: `duplicates`, `missing`,
            `unknown`, `too_long`, `unavailable`.
        shard_count: how many files it comes to.
        shards: those that are done, by number.
        complete: nothing is missing; until then the files are a part of the table.
        notes: what whoever reads it should know, a sentence each.
    """

    run_id: str
    made_at: Moment
    recsmith: str
    model: BatchModel
    settings: BatchSettings
    subjects: int
    left_out: dict[str, int] = {}
    shard_count: int = Field(ge=1, le=MAX_SHARDS)
    shards: dict[int, Shard] = {}
    complete: bool = False
    notes: list[str] = []

    @property
    def rows(self) -> int:
        return sum(shard.rows for shard in self.shards.values())

    @property
    def done(self) -> int:
        """Customers or products whose shards are done."""
        return sum(shard.subjects for shard in self.shards.values())

    def file(self, shard: int) -> str:
        """Where a shard lies in the run's folder."""
        return f"{DATA}/part-{shard:05d}.{self.settings.format.ending}"


def shard_count(subjects: int) -> int:
    """How many shards so many customers or products need."""
    return max(1, min(MAX_SHARDS, -(-subjects // _EACH)))


def shard_of(subject: str, shards: int) -> int:
    """In which shard a customer or product is: by its id alone, the same on every machine."""
    digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).digest()
    return int.from_bytes(digest[:8], "big") % shards
