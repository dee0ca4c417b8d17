"""Forgetting a customer: what holds their id, what of that goes, and what stays and why.

A trained model cannot unlearn somebody: its vocabulary has a row for them, its training rows are
what it predicts by. So a test is kept or deleted whole.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from pydantic import BaseModel

from shared.customers import CUSTOMERS_FILE, Customer
from shared.documents.base import Collection, read_status
from shared.documents.quick_test import QuickTestStatus, Tracking
from shared.editing.conflicts import InUseError, LockedError
from shared.editing.usage import usage
from shared.editing.writing import delete
from shared.errors import NotFoundError
from shared.jobs import MODEL_FILE, Purpose
from shared.places import job_id_of, output_key
from shared.ports import Filter, JsonObject, Ports, Snapshot, Transaction
from shared.problems import InvalidError, Problem
from shared.services.document_kind import find
from shared.services.recording import record
from shared.wording import plural

_PURPOSES: tuple[Purpose, ...] = ("quick_test", "full_training")
_LONGEST = 1000
_STATUSES = ("document whose status has it", "documents whose status has it")
_OWNERLESS = ("folder of a test that is gone", "folders of tests that are gone")
# What a job leaves that has read rows, where it does not say whose.
_READ = (MODEL_FILE, "examples/train/part-00000.parquet")


class Knows(BaseModel):
    """A quick test or full training whose files know the customer.

    Attributes:
        certain: whether its files say so; else they do not say whose rows they are, or it runs.
        reason: why it cannot be deleted now; null where it can.
        again: the command that tests the same again, once the source no longer has the customer.
    """

    id: str
    name: str
    purpose: Purpose
    certain: bool
    reason: str | None
    again: str


class Erasure(BaseModel):
    """What is, or was, done about a customer's id.

    Attributes:
        removed: what goes, or is gone, in words with its numbers.
        deleted: tests that are gone with their models; of a plan, none.
        knowing: tests that know the customer, and stay unless their models are to go too.
        named_in: documents whose specs, names or descriptions name the customer: users wrote that,
            and users change it.
        sources: where the customer's rows are to be removed by whoever owns them.
    """

    removed: list[str]
    deleted: list[str]
    knowing: list[Knows]
    named_in: list[str]
    sources: list[str]


def erasure_plan(ports: Ports, customer_id: Any, dataset_id: str | None = None) -> Erasure:
    """What `erase` would do; nothing is changed. Raises InvalidError, NotFoundError."""
    search = _Search(ports, _customer(customer_id), dataset_id)
    removed = _told(len(list(search.documents())), *_STATUSES)
    removed += _told(len(list(search.ownerless())), *_OWNERLESS)
    for keeper in ports.keepers:
        removed += _told(keeper.holding(search.customer), *keeper.what)
    return search.answer(removed, [])


def erase(
    ports: Ports, customer_id: Any, dataset_id: str | None = None, *, models: bool = False
) -> Erasure:
    """Removes a customer's id from profiles, messages, caches, logs and whatever else can do
    without it. What was interrupted is repeated by asking again.

    Args:
        dataset_id: of which the id is meant; None: of all. What does not belong to a dataset, such
            as caches, is looked through all the same.
        models: delete the tests that know the customer as well, with their models.

    Raises:
        InvalidError: no id.
        NotFoundError: no such dataset.
        UnavailableError, RefusedError: something cannot be deleted.
    """
    search = _Search(ports, _customer(customer_id), dataset_id)
    deleted = []
    for test in search.knowing() if models else []:
        if test.reason is None:
            try:
                delete(ports, Collection.QUICK_TESTS, test.id)
            except (InUseError, LockedError, NotFoundError):  # since it was looked at
                continue
            deleted.append(f"{test.name} ({test.id})")
    ownerless = list(search.ownerless())
    for folder in ownerless:
        ports.artifacts.remove(folder)
    cleaned = list(search.documents())
    for snapshot in cleaned:
        _clean(snapshot.path, search.customer, ports)
    removed = _told(len(cleaned), *_STATUSES)
    removed += _told(len(ownerless), *_OWNERLESS)
    for keeper in ports.keepers:  # last, for they keep what documents were before
        removed += _told(keeper.erase(search.customer), *keeper.what)
    return search.answer(removed, deleted)


def _customer(customer_id: Any) -> Customer:
    told = isinstance(customer_id, str | int) and not isinstance(customer_id, bool)
    text = str(customer_id).strip() if told else ""
    if not 0 < len(text) <= _LONGEST:
        message = f"Give the customer's id as the data has it, at most {_LONGEST:,} characters."
        raise InvalidError([Problem(path="customer_id", code="no_customer", message=message)])
    return Customer(text)


class _Search:
    """Where the customer's id is, of one dataset or of all."""

    def __init__(self, ports: Ports, customer: Customer, dataset_id: str | None) -> None:
        self._ports = ports
        self.customer = customer
        self._dataset_id = dataset_id
        if dataset_id is not None and find(Collection.DATASETS, dataset_id, ports) is None:
            raise NotFoundError(Collection.DATASETS.noun, dataset_id)

    def answer(self, removed: list[str], deleted: list[str]) -> Erasure:
        return Erasure(
            removed=removed,
            deleted=deleted,
            knowing=list(self.knowing()),
            named_in=list(self._named_in()),
            sources=[f"dataset {_name(one)!r}: {_source(one)}" for one in self._datasets()],
        )

    def documents(self) -> Iterator[Snapshot]:
        """Those whose status holds the id."""
        for snapshot in self._all():
            if self.customer.erased_from(snapshot.data) is not snapshot.data:
                yield snapshot

    def knowing(self) -> Iterator[Knows]:
        """The tests whose files know the customer, or may; later ones first."""
        folders = self._folders()
        for test in self._tests():
            running = not read_status(QuickTestStatus, test.data).state.ended
            mine = [key for key in _keys(test.id) if key in folders]
            found = [self._is_in(key, running=running) for key in mine]
            if not mine and running:
                found = [None]  # it has not read the source yet
            if True not in found and None not in found:
                continue
            state = usage(self._ports, Collection.QUICK_TESTS, test.id)
            yield Knows(
                id=test.id,
                name=_name(test),
                purpose=_spec(test).get("purpose", "quick_test"),
                certain=True in found,
                reason=state.reason,
                again=_again(_spec(test)),
            )

    def ownerless(self) -> Iterator[str]:
        """Folders of jobs that have the customer, and no test."""
        tests = self._ports.documents.query(Collection.QUICK_TESTS, fields=["name"])
        owned = {key for test in tests for key in _keys(test.id)}
        for key in sorted(self._folders() - owned):
            if self._is_in(key):
                yield key

    def _folders(self) -> set[str]:
        parents = {output_key("x", purpose).split("/")[0] for purpose in _PURPOSES}
        return {key for parent in parents for key in self._ports.artifacts.folders(parent)}

    def _is_in(self, key: str, *, running: bool = False) -> bool | None:
        """Whether a job's files have the customer; None where they do not say."""
        artifacts = self._ports.artifacts
        try:
            return self.customer.is_in(artifacts.read(artifacts.uri(f"{key}/{CUSTOMERS_FILE}")))
        except NotFoundError:
            read = running or any(
                artifacts.exists(artifacts.uri(f"{key}/{name}")) for name in _READ
            )
            return None if read else False

    def _all(self) -> Iterator[Snapshot]:
        yield from self._datasets()
        yield from self._features()
        yield from self._tests()
        others = (
            Collection.SWEEPS,
            Collection.TUNINGS,
            Collection.RULE_SETS,
            Collection.SCHEDULES,
        )
        for collection in (Collection.MODEL_CONFIGS, *others):
            yield from self._ports.documents.query(collection)

    def _named_in(self) -> Iterator[str]:
        for one in self._all():
            collection = Collection(one.path.split("/")[0])
            written = [one.data.get(key) for key in ("name", "description", "spec")]
            if collection is Collection.DATASETS:
                versions = self._ports.documents.query(f"{one.path}/versions")
                written += [version.data.get("spec") for version in versions]
            if self.customer.is_named(written):
                yield f"{collection.noun} {one.id}"

    def _datasets(self) -> list[Snapshot]:
        found = self._ports.documents.query(Collection.DATASETS)
        return [one for one in found if self._dataset_id in (None, one.id)]

    def _features(self) -> list[Snapshot]:
        where = [Filter("spec.dataset_id", "==", self._dataset_id)] if self._dataset_id else []
        return self._ports.documents.query(Collection.FEATURE_CONFIGS, where)

    def _tests(self) -> Sequence[Snapshot]:
        if self._dataset_id is None:
            return self._ports.documents.query(Collection.QUICK_TESTS)
        ids = [one.id for one in self._features()]
        where = [Filter("spec.feature_config_id", "in", ids)]
        return self._ports.documents.query(Collection.QUICK_TESTS, where)


def _clean(path: str, customer: Customer, ports: Ports) -> None:
    """Removes the id from a document's status, and has its run in MLflow written anew."""
    collection = Collection(path.split("/")[0])
    tested = collection is Collection.QUICK_TESTS

    def change(transaction: Transaction) -> None:
        snapshot = transaction.get(path)
        if snapshot is None:
            return
        cleaned = customer.erased_from(snapshot.data)
        if cleaned is not snapshot.data:
            status: JsonObject = cleaned["status"]
            if tested:
                status = {**status, "tracking": Tracking().model_dump(mode="json")}
            transaction.update(path, {"status": status})

    ports.documents.transact(change)
    snapshot = ports.documents.get(path)
    if tested and snapshot is not None:
        record(snapshot, ports)


def _keys(test_id: str) -> list[str]:
    return [output_key(job_id_of(test_id), purpose) for purpose in _PURPOSES]


def _spec(snapshot: Snapshot) -> JsonObject:
    spec = snapshot.data.get("spec")
    return spec if isinstance(spec, dict) else {}


def _name(snapshot: Snapshot) -> str:
    name = snapshot.data.get("name")
    return name if isinstance(name, str) and name else snapshot.id


def _source(dataset: Snapshot) -> str:
    source = _spec(dataset).get("source")
    told = source if isinstance(source, dict) else {}
    return str(told.get("uri") or told.get("table") or "the tables of its query")


def _again(spec: JsonObject) -> str:
    pair = f"{spec.get('feature_config_id')} {spec.get('model_config_id')}"
    command = f"recsmith quick-test run {pair}"
    options = (("sample", "data_sample_percent"), ("epochs", "epochs"), ("seed", "seed"))
    if spec.get("purpose") == "full_training":
        return f"{command}, then recsmith train the new test"
    told = [f"--{name} {spec[field]}" for name, field in options if field in spec]
    return " ".join([command, *told])


def _told(count: int, one: str, many: str) -> list[str]:
    return [plural(count, one, many)] if count else []
