"""The doors to the outside. One set of handlers, two sets of adapters, one contract.

`tests/integration` holds every adapter to the behaviour stated here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from shared.channels import Channel
from shared.columns import Column
from shared.columns.source_rows import SourceRows
from shared.customers import Customer
from shared.documents.dataset import SideFound
from shared.documents.insight import Insight
from shared.documents.source import FileOptions, Source
from shared.documents.tables import Tables
from shared.events import Event
from shared.experiments import RunRecord, TrackedRun
from shared.jobs import Job, JobRequest
from shared.online.outcomes import OutcomeReader
from shared.predictions import Prediction, PredictionInputs, PredictionRequest
from shared.prices import Prices
from shared.views import View

T = TypeVar("T")
JsonObject = dict[str, Any]
# A document's value of the field that a query orders by (text, a number, a boolean or None), and
# its id.
Place = tuple[str | int | float | bool | None, str]
NO_ROLES: Mapping[str, str] = {}


@dataclass(frozen=True)
class Snapshot:
    """A document as it was at one moment. `version` changes with every write that changes it."""

    path: str
    data: JsonObject
    version: int

    @property
    def id(self) -> str:
        return self.path.rsplit("/", 1)[-1]


@dataclass(frozen=True)
class DocumentChange:
    """A write, as the change feed tells it. None: the document did not or does not exist."""

    path: str
    before: JsonObject | None
    after: JsonObject | None


@dataclass(frozen=True)
class Filter:
    """A condition on a field; `field` is a dotted path (`spec.dataset_id`). `has` is of an array
    that has a string."""

    field: str
    op: Literal["==", "!=", "<", "<=", ">", ">=", "in", "has"]
    value: Any


class Transaction(Protocol):
    """Reads come before writes; writes take effect together, or not at all."""

    def get(self, path: str) -> Snapshot | None: ...

    def create(self, path: str, data: JsonObject) -> None:
        """Raises AlreadyExistsError, at the latest when the transaction commits."""

    def set(self, path: str, data: JsonObject) -> None:
        """Creates the document or replaces it whole."""

    def update(self, path: str, fields: JsonObject) -> None:
        """Replaces some top-level fields. Raises NotFoundError, at the latest at the commit."""

    def delete(self, path: str) -> None:
        """Deletes the document; nothing happens where there is none."""


class DocumentStore(Protocol):
    """JSON documents under paths `collection/id` and `collection/id/subcollection/id`.

    Every write by whatever means appears in the change feed at least once; how the feed is read
    belongs to the adapter (Eventarc on Google Cloud, a thread on a laptop).
    """

    def get(self, path: str) -> Snapshot | None: ...

    def query(
        self,
        collection: str,
        where: Sequence[Filter] = (),
        *,
        order_by: str | None = None,
        descending: bool = False,
        limit: int | None = None,
        start_after: str | Place | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Snapshot]:
        """Documents directly under `collection`.

        Ordered by a dotted field, ties by id; documents without the field are left out. By id,
        ascending, where no field is given. `start_after` is the id of a document of the result to
        go on after, or the place in the order that it had. With `fields`, dotted ones, the
        documents hold nothing but these (`project`): for reading many.

        Raises:
            NotFoundError: `start_after` names no document that has a place in the order.
        """

    def without(self, collection: str, field: str) -> list[Snapshot]:
        """Documents directly under `collection` that lack a dotted field, which no query that
        orders by it finds. Their `data` is left empty."""

    def transact(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` and commits its writes if no document that it read has changed since.

        Otherwise `change` runs again; it must have no other effects. An exception from `change`
        aborts without writing.

        Raises:
            ConflictError: it lost too often.
        """


class Changes(Protocol):
    """The change feed, for who wants to look again only where there is something new."""

    def since(self, seen: int | None) -> tuple[int, frozenset[str]]:
        """The number of the latest write, and the paths of the documents, or of those that they
        are parts of, that have had one after `seen`: none of None, and the collections where the
        feed does not reach back so far."""


class EventBus(Protocol):
    """Delivers every event to every handler of its topic at least once, in any order."""

    def publish(self, event: Event) -> None: ...


class ArtifactStore(Protocol):
    """Files that are written once: generated code, models, reports. Only pointers to them
    (`shared/registry.py`) change, and only by `replace`."""

    def uri(self, key: str) -> str:
        """The URI of a key such as `code/ab12….py`, whether or not it exists."""

    def create(self, key: str, content: bytes) -> str:
        """Stores and returns the URI. Raises AlreadyExistsError; never leaves half a file."""

    def replace(self, key: str, content: bytes) -> str:
        """Stores in place of what is there, if anything, and returns the URI. Whoever reads
        meanwhile gets the old content or the new, whole; of many writers the last one stays.

        For pointers only: whatever else lies in the store may have been read, hashed or copied for
        good. Raises RefusedError where that is not allowed.
        """

    def read(self, uri: str) -> bytes:
        """Raises NotFoundError, also for URIs outside the store."""

    def pieces(self, uri: str) -> Iterator[bytes]:
        """An artifact in parts of at most some MiB, for what need not fit into memory. Raises
        NotFoundError, at the latest with the first part."""

    def exists(self, uri: str) -> bool: ...

    def contents(self, folder: str) -> list[tuple[str, int]]:
        """Keys of the artifacts in a folder and below it, in order, each with its size in bytes;
        links are none. None where there is no such folder."""

    def folders(self, parent: str) -> list[str]:
        """The keys of the folders directly in one, such as `jobs`, in order; none where there is no
        such folder."""

    def remove(self, folder: str) -> None:
        """Deletes every artifact whose key begins with the folder's, such as `jobs/quick-test-1`;
        nothing happens where there is none. Raises RefusedError where that is not allowed."""


class PipelineService(Protocol):
    def launch(self, request: JobRequest) -> None:
        """Starts a job under the caller's id.

        Raises:
            AlreadyExistsError: it was started before.
            RefusedError: it never will be.
        """

    def get(self, job_id: str) -> Job:
        """Raises NotFoundError."""

    def cancel(self, job_id: str) -> None:
        """Asks a job to stop; nothing happens where it has ended. Raises NotFoundError."""

    def forget(self, job_id: str) -> None:
        """Deletes what the service itself keeps of a job that has ended; nothing happens where
        there is none, or the service keeps it for a time of its own."""


@dataclass(frozen=True)
class Profile:
    """What was found in a source.

    Attributes:
        fingerprint: changes whenever the data does.
        source_fingerprint: changes whenever the files or the table were written, from before they
            were read; None where that cannot be known without reading.
        rows: what becomes of its rows; None where the mapping names no customer or no product.
        notes: what was left aside, taken as missing or merged, a sentence each.
        read_as: how files were read, so far as their source's options leave it out.
        as_of: the moment of the source that was read; None where it is read as it is.
        insight: what the rows are like; None where the mapping names no customer or no product.
        sides: what was found of further tables, by name.
    """

    columns: list[Column]
    row_count: int
    fingerprint: str
    source_fingerprint: str | None = None
    rows: SourceRows | None = None
    notes: list[str] = field(default_factory=list)
    read_as: FileOptions | None = None
    as_of: datetime | None = None
    insight: Insight | None = None
    sides: dict[str, SideFound] = field(default_factory=dict)


@dataclass(frozen=True)
class Look:
    """What is known of a source by its first rows.

    Attributes:
        source: with its options filled in, as they were understood.
        why: by column, what its type or format was told by.
        option_why: the same by option: `delimiter`, `header` …
        notes: as a profile's.
        undecided: columns of dates of which only their owner knows whether days come first, each
            with such a date.
        rows: the first few, as text, in the columns' order; None where a value is missing.
    """

    source: Source
    columns: list[Column]
    why: dict[str, str] = field(default_factory=dict)
    option_why: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    undecided: dict[str, str] = field(default_factory=dict)
    rows: list[list[str | None]] = field(default_factory=list)


class DataSource(Protocol):
    """Reads datasets. All raise InvalidError, with paths under `spec.source`."""

    def look(self, source: Source) -> Look:
        """How a source is read, and its columns' names and types; quick."""

    def inspect(self, source: Source) -> list[Column]:
        """Names and types only; quick."""

    def first_rows(self, source: Source, columns: Sequence[str]) -> dict[str, list[Any]]:
        """Values of some rows, by column: numbers, else text; None where one is missing. Quick;
        empty where a look at rows costs something."""

    def profile(
        self,
        source: Source,
        mapping: Mapping[str, str] = NO_ROLES,
        latest: int | None = None,
        tables: Tables | None = None,
    ) -> Profile:
        """Everything, with statistics; may take minutes. Raises StillWorkingError where it takes
        longer than the caller may wait: asked for the same again, it goes on.

        Args:
            source: read `as_of` the moment that it names, where that can be.
            mapping: roles of columns, by name: rows are counted by what they lack of them.
            latest: seconds since 1970 after which no purchase can have been; None for no bound.
            tables: what the rows are made of beside the source; None where they are the source's
                as they are. The profile is of what comes of it.
        """

    def source_fingerprint(self, source: Source) -> str | None:
        """Of the source as it is now, from what is known without reading it: as
        `Profile.source_fingerprint`. Quick."""

    def bytes_read(
        self, source: Source, columns: Sequence[str], view: View | None = None
    ) -> int | None:
        """What a job that reads these columns of a view of the source pays for; None where reading
        costs nothing."""


class Predictor(Protocol):
    """Asks the saved models of completed jobs; quick once a model has been asked.

    Both raise NotFoundError where a job left no model, RefusedError where it is not among the
    models that are served here, and UnavailableError. No other model ever answers instead.
    """

    def describe(
        self, artifacts_uri: str, *, search: str | None = None, limit: int = 20
    ) -> PredictionInputs:
        """How the model is asked, with customers whose id holds `search`, case aside."""

    def predict(self, artifacts_uri: str, request: PredictionRequest) -> Prediction:
        """Raises InvalidError, with paths of the request."""


class ExperimentTracker(Protocol):
    """Keeps a run for each test that has ended, for people to compare."""

    def record(self, record: RunRecord) -> TrackedRun:
        """Writes the run, found again by its key or made.

        Writing the same record again changes nothing. Raises UnavailableError.
        """

    def keep_only(self, key: str, run_id: str) -> TrackedRun | None:
        """Deletes other runs of the key, which two writers at once may have made.

        Returns the run; None, and nothing is deleted, where it is none of the key's. Raises
        UnavailableError.
        """

    def forget(self, key: str) -> None:
        """Deletes the runs of a key. Raises UnavailableError."""


class Reporter(Protocol):
    def __call__(self, quick_test_id: str, ports: Ports) -> bytes:
        """A completed test as one self-contained HTML page. Raises NotFoundError where there is no
        such test, or it has not completed."""


class Keeper(Protocol):
    """Something beside documents and artifacts where customers' ids may lie."""

    @property
    def what(self) -> tuple[str, str]:
        """What one is called, and several."""

    def holding(self, customer: Customer) -> int:
        """How many of these have the customer's id, or may have it; nothing is changed."""

    def erase(self, customer: Customer) -> int:
        """Removes the id from these, or those that may have it; says how many. Raises
        UnavailableError."""


class Messenger(Protocol):
    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Sends a message. Raises UnavailableError where it may be taken later, RefusedError where
        it never will be."""


@dataclass(frozen=True)
class Messages:
    """Who is told of runs that have ended, and how.

    Attributes:
        console: address of the console, without a slash at its end; None where there is none.
    """

    channels: Sequence[Channel]
    messenger: Messenger
    console: str | None = None


class Clock(Protocol):
    def now(self) -> datetime:
        """The present time, UTC, with its time zone."""


@dataclass(frozen=True)
class Ports:
    """What a handler may touch.

    Attributes:
        prices: None where a run costs nothing.
        predictor, tracker, outcomes, changes: None where this deployment has none.
        report: None where nobody wants a page; a run then goes without.
        messages: None where nobody is told of ends.
        most_bytes: of BigQuery that one test may read; None: no bound.
        daily_usd: what all tests and trainings of a day (UTC) may cost; None: no bound.
        look_again_seconds: how often a document that somebody follows is read, where each reading
            may cost something.
        keepers: where else a customer's id may lie; what is asked last comes last.
    """

    documents: DocumentStore
    events: EventBus
    artifacts: ArtifactStore
    pipelines: PipelineService
    data: DataSource
    clock: Clock
    prices: Prices | None = None
    predictor: Predictor | None = None
    tracker: ExperimentTracker | None = None
    outcomes: OutcomeReader | None = None
    changes: Changes | None = None
    report: Reporter | None = None
    messages: Messages | None = None
    most_bytes: int | None = None
    daily_usd: float | None = None
    look_again_seconds: float = 0.25
    keepers: Sequence[Keeper] = ()
