"""The doors to the outside. One set of handlers, two sets of adapters, one contract.

`tests/integration` holds every adapter to the behaviour stated here.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol, TypeVar

from shared.columns import Column
from shared.documents.dataset import Source
from shared.events import Event
from shared.experiments import RunRecord, TrackedRun
from shared.jobs import Job, JobRequest
from shared.predictions import Prediction, PredictionInputs, PredictionRequest
from shared.prices import Prices

T = TypeVar("T")
JsonObject = dict[str, Any]


class Conflict(Exception):  # noqa: N818
    """A transaction lost against others too often; try again later."""


class AlreadyExists(Exception):  # noqa: N818
    """What was to be created is there already."""


class NotFound(Exception):  # noqa: N818
    """What was asked for does not exist."""


class Refused(Exception):  # noqa: N818
    """A service will not do it, however often it is asked; the message says why."""


class Unavailable(Exception):  # noqa: N818
    """A service cannot be had at the moment; the message says why. Try again later."""


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
    """A condition on a field; `field` is a dotted path (`spec.dataset_id`)."""

    field: str
    op: Literal["==", "!=", "<", "<=", ">", ">=", "in"]
    value: Any


class Transaction(Protocol):
    """Reads come before writes; writes take effect together, or not at all."""

    def get(self, path: str) -> Snapshot | None: ...

    def create(self, path: str, data: JsonObject) -> None:
        """Raises AlreadyExists, at the latest when the transaction commits."""

    def set(self, path: str, data: JsonObject) -> None:
        """Creates the document or replaces it whole."""

    def update(self, path: str, fields: JsonObject) -> None:
        """Replaces some top-level fields. Raises NotFound, at the latest at the commit."""

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
        start_after: str | None = None,
        fields: Sequence[str] | None = None,
    ) -> list[Snapshot]:
        """Documents directly under `collection`.

        Ordered by a dotted field (documents without it come first ascending, last descending),
        ties by id; by id alone where none is given. `start_after` is the id of a document of
        the result to go on after. With `fields`, dotted ones, the documents hold nothing but these
        (`project`): for reading many.
        """

    def transact(self, change: Callable[[Transaction], T]) -> T:
        """Runs `change` and commits its writes if no document that it read has changed since.

        Otherwise `change` runs again; it must have no other effects. An exception from `change`
        aborts without writing.

        Raises:
            Conflict: it lost too often.
        """


class EventBus(Protocol):
    """Delivers every event to every handler of its topic at least once, in any order."""

    def publish(self, event: Event) -> None: ...


class ArtifactStore(Protocol):
    """Files that are written once: generated code, models, reports."""

    def uri(self, key: str) -> str:
        """The URI of a key such as `code/ab12….py`, whether or not it exists."""

    def create(self, key: str, content: bytes) -> str:
        """Stores and returns the URI. Raises AlreadyExists; never leaves half a file."""

    def read(self, uri: str) -> bytes:
        """Raises NotFound, also for URIs outside the store."""

    def exists(self, uri: str) -> bool: ...


class PipelineService(Protocol):
    def launch(self, request: JobRequest) -> None:
        """Starts a job under the caller's id.

        Raises:
            AlreadyExists: it was started before.
            Refused: it never will be.
        """

    def get(self, job_id: str) -> Job:
        """Raises NotFound."""

    def cancel(self, job_id: str) -> None:
        """Asks a job to stop; nothing happens where it has ended. Raises NotFound."""


@dataclass(frozen=True)
class Profile:
    """What was found in a source. `fingerprint` changes whenever its data does."""

    columns: list[Column]
    row_count: int
    fingerprint: str


class DataSource(Protocol):
    """Reads datasets. All raise Invalid, with paths under `spec.source`."""

    def inspect(self, source: Source) -> list[Column]:
        """Names and types only; quick."""

    def profile(self, source: Source) -> Profile:
        """Everything, with statistics; may take minutes."""

    def bytes_read(self, source: Source, columns: Sequence[str]) -> int | None:
        """What a job that reads these columns pays for; None where reading costs nothing."""


class Predictor(Protocol):
    """Asks the saved models of completed jobs; quick once a model has been asked.

    Both raise NotFound where a job left no model, and Unavailable.
    """

    def describe(
        self, artifacts_uri: str, *, search: str | None = None, limit: int = 20
    ) -> PredictionInputs:
        """How the model is asked, with customers whose id holds `search`, case aside."""

    def predict(self, artifacts_uri: str, request: PredictionRequest) -> Prediction:
        """Raises Invalid, with paths of the request."""


class ExperimentTracker(Protocol):
    """Keeps a run for each test that has ended, for people to compare."""

    def record(self, record: RunRecord) -> TrackedRun:
        """Writes the run, found again by its key or made.

        Writing the same record again changes nothing. Raises Unavailable.
        """

    def keep_only(self, key: str, run_id: str) -> None:
        """Deletes other runs of the key, which two writers at once may have made. Raises
        Unavailable."""


class Reporter(Protocol):
    def __call__(self, quick_test_id: str, ports: Ports) -> bytes:
        """A completed test as one self-contained HTML page. Raises NotFound where there is no such
        test, or it has not completed."""


class Clock(Protocol):
    def now(self) -> datetime:
        """The present time, UTC, with its time zone."""


@dataclass(frozen=True)
class Ports:
    """What a handler may touch.

    Attributes:
        prices: None where a run costs nothing.
        predictor, tracker: None where this deployment has none.
        report: None where nobody wants a page; a run then goes without.
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
    report: Reporter | None = None
