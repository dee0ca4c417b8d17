"""How people write documents: everything is checked before it is stored.

The HTTP API and the command line go through here. What is written past it is judged by the same
rules, in `handlers.validate_config`.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from shared.codegen import generate_preprocessing
from shared.documents.base import Collection, spec_hash
from shared.documents.dataset import Dataset, DatasetStatus
from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import QuickTest, QuickTestSpec, TestState
from shared.handlers.generate_code import trainer_source
from shared.handlers.store import (
    DATASET,
    FEATURE_CONFIG,
    KINDS,
    MODEL_CONFIG,
    AnyDocument,
    number,
    stamp,
    version_data,
    version_path,
)
from shared.handlers.verdicts import (
    Verdict,
    judge_feature_config,
    judge_model_config,
    judge_quick_test,
)
from shared.ports import Filter, JsonObject, NotFound, Ports, Transaction
from shared.problems import Invalid, Problem, errors, shorten
from shared.rules.dataset import check_dataset
from shared.rules.feature_config import check_feature_config

_PREFIXES = {
    Collection.DATASETS: "ds",
    Collection.FEATURE_CONFIGS: "fc",
    Collection.MODEL_CONFIGS: "mc",
    Collection.QUICK_TESTS: "qt",
}
_BASE32 = "abcdefghijklmnopqrstuvwxyz234567"
_LARGEST_PAGE = 200
# Where documents of one collection are named in those of others.
_REFERENCES: dict[Collection, list[tuple[Collection, str]]] = {
    Collection.DATASETS: [(Collection.FEATURE_CONFIGS, "spec.dataset_id")],
    Collection.FEATURE_CONFIGS: [(Collection.QUICK_TESTS, "spec.feature_config_id")],
    Collection.MODEL_CONFIGS: [(Collection.QUICK_TESTS, "spec.model_config_id")],
    Collection.QUICK_TESTS: [],
}


class Stale(Exception):  # noqa: N818
    """The document has changed since the caller read it.

    Attributes:
        current: what it is now, as JSON, with its id.
        yours: what the caller wanted it to be, and the revision that the caller knew.
    """

    def __init__(self, current: JsonObject, yours: JsonObject) -> None:
        self.current = current
        self.yours = yours
        super().__init__(
            f"{current['id']!r} is at revision {current.get('revision')}, not "
            f"{yours['revision']}. Read it again and repeat the change."
        )


class InUse(Exception):  # noqa: N818
    """The document is named by others, whose paths are `users`."""

    def __init__(self, path: str, users: Sequence[str]) -> None:
        self.path = path
        self.users = list(users)
        shown = ", ".join(self.users[:5])
        more = f" and {len(self.users) - 5} more" if len(self.users) > 5 else ""
        super().__init__(f"{path} is used by {shown}{more}. Delete or change those first.")


class Locked(Exception):  # noqa: N818
    """The quick test is past the point where this can be done."""

    def __init__(self, current: QuickTest, message: str) -> None:
        self.current = current
        super().__init__(message)


@dataclass(frozen=True)
class Page:
    """Some documents, latest change first.

    Attributes:
        unreadable: id of each document among them that cannot be read, with the reasons.
        next_page_token: for the page after this; None on the last.
    """

    documents: list[AnyDocument]
    unreadable: dict[str, list[Problem]]
    next_page_token: str | None


@dataclass(frozen=True)
class Preview:
    """Both modules' source."""

    preprocessing: str
    trainer: str


def get(ports: Ports, collection: Collection, document_id: str) -> AnyDocument:
    """Raises NotFound, and Invalid where somebody stored something unreadable."""
    document: AnyDocument = KINDS[collection].load(document_id, ports)
    return document


def list_page(
    ports: Ports,
    collection: Collection,
    where: Sequence[Filter] = (),
    *,
    limit: int = 50,
    page_token: str | None = None,
) -> Page:
    """Raises Invalid for a limit out of bounds and for a page token that leads nowhere."""
    if not 1 <= limit <= _LARGEST_PAGE:
        raise Invalid(
            [
                Problem(
                    path="limit",
                    code="out_of_range",
                    message=f"A page holds 1 to {_LARGEST_PAGE} documents.",
                    received=limit,
                )
            ]
        )
    if page_token is not None and (
        "/" in page_token or ports.documents.get(collection.path(page_token)) is None
    ):
        raise Invalid(
            [
                Problem(
                    path="page_token",
                    code="unknown_page",
                    message="The page token is not one that this list gave, or its document has "
                    "been deleted. Start again without it.",
                    received=shorten(page_token),
                )
            ]
        )
    found = ports.documents.query(
        collection,
        where,
        order_by="updated_at",
        descending=True,
        limit=limit + 1,
        start_after=page_token,
    )
    documents: list[AnyDocument] = []
    unreadable: dict[str, list[Problem]] = {}
    for snapshot in found[:limit]:
        try:
            documents.append(KINDS[collection].parse(snapshot.id, snapshot.data))
        except Invalid as invalid:
            unreadable[snapshot.id] = invalid.problems
    token = found[limit - 1].id if len(found) > limit else None
    return Page(documents, unreadable, token)


def create(
    ports: Ports,
    collection: Collection,
    *,
    name: Any,
    spec: Any,
    description: Any = "",
    created_by: str | None = None,
) -> AnyDocument:
    """Stores a new document at revision 1. Raises Invalid with everything that is wrong."""
    document_id = f"{_PREFIXES[collection]}-{''.join(secrets.choice(_BASE32) for _ in range(10))}"
    document = _checked(
        ports, collection, document_id, {"name": name, "description": description, "spec": spec}
    )
    now = ports.clock.now()
    document.created_at = document.updated_at = now
    document.created_by = created_by
    data, path = document.data(), collection.path(document_id)

    def change(transaction: Transaction) -> None:
        transaction.create(path, data)
        transaction.set(version_path(path, 1), version_data(data, now))

    ports.documents.transact(change)
    return document


def update(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    expected_revision: int | None = None,
    name: Any = None,
    description: Any = None,
    spec: Any = None,
) -> AnyDocument:
    """Replaces what is given; None leaves. Only a spec that really differs raises the revision.

    Raises:
        NotFound: no such document.
        Invalid: with everything that is wrong.
        Stale: the document is no longer at `expected_revision`.
        Locked: the spec of a quick test that has started.
    """
    path = collection.path(document_id)
    if number(collection, document_id, ports) is None:
        raise NotFound(path)
    stored = _data(ports.documents.get(path), path)
    given = {"name": name, "description": description, "spec": spec}
    wanted = {key: value for key, value in given.items() if value is not None}
    document = _checked(
        ports,
        collection,
        document_id,
        {**{key: stored.get(key) for key in given}, **wanted},
        judge=spec is not None,
    )
    new_spec = document.data()["spec"]
    now = ports.clock.now()

    def change(transaction: Transaction) -> JsonObject:
        data = _data(transaction.get(path), path)
        _expect(document_id, data, expected_revision, wanted)
        fields: JsonObject = {key: getattr(document, key) for key in wanted if key != "spec"}
        fields = {key: value for key, value in fields.items() if data.get(key) != value}
        if spec is not None and spec_hash(new_spec) != _full_spec_hash(
            collection, document_id, data
        ):
            _unlocked(collection, document_id, data, "Its spec cannot be changed any more.")
            fields["spec"] = new_spec
            fields["revision"] = _next_revision(data)
        if fields:
            fields["updated_at"] = stamp(now)
            transaction.update(path, fields)
        after = {**data, **fields}
        if "spec" in fields:
            version = version_path(path, fields["revision"])
            transaction.set(version, version_data(after, now))
        return after

    after = ports.documents.transact(change)
    return _parsed(collection, document_id, after)


def delete(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    expected_revision: int | None = None,
) -> None:
    """Deletes a document; its versions stay, as the audit trail.

    Raises:
        NotFound: no such document.
        InUse: others name it.
        Stale: it is no longer at `expected_revision`.
        Locked: a quick test that runs; cancel it first.
    """
    path = collection.path(document_id)
    if ports.documents.get(path) is None:
        raise NotFound(path)
    users = [
        user.path
        for user_collection, field in _REFERENCES[collection]
        for user in ports.documents.query(user_collection, [Filter(field, "==", document_id)])
    ]
    if users:
        raise InUse(path, users)

    def change(transaction: Transaction) -> None:
        data = _data(transaction.get(path), path)
        _expect(document_id, data, expected_revision, {})
        _unlocked(collection, document_id, data, "Cancel it first.", but_ended=True)
        transaction.delete(path)

    ports.documents.transact(change)


def clone(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    name: Any = None,
    created_by: str | None = None,
) -> AnyDocument:
    """A new document with the same spec. Raises NotFound, Invalid."""
    original = get(ports, collection, document_id)
    return create(
        ports,
        collection,
        name=name if name is not None else f"{original.name[:248]} (copy)",
        description=original.description,
        spec=original.data()["spec"],
        created_by=created_by,
    )


def preview_code(
    ports: Ports, feature_config_id: str, model_config_id: str, **overrides: Any
) -> Preview:
    """What a quick test of the two configs would run; nothing is stored.

    Args:
        overrides: fields of a quick test's spec, such as `epochs`.

    Raises:
        Invalid: with everything that is wrong, and where the dataset is not profiled yet.
    """
    raw = {
        "feature_config_id": feature_config_id,
        "model_config_id": model_config_id,
        **overrides,
    }
    test = _parsed(Collection.QUICK_TESTS, "preview", {"name": "preview", "spec": raw})
    spec: QuickTestSpec = test.spec
    verdict = judge_quick_test(spec, ports)
    if verdict.waiting_for is not None:
        waiting = Problem(
            path="spec.feature_config_id",
            code="not_ready",
            message=f"{verdict.waiting_for} is still being profiled. Try again in a moment.",
            received=feature_config_id,
        )
        raise Invalid([*errors(verdict.problems), waiting])
    if errors(verdict.problems):
        raise Invalid(errors(verdict.problems))
    feature_config = FEATURE_CONFIG.load(feature_config_id, ports)
    model_config = MODEL_CONFIG.load(model_config_id, ports)
    dataset = DATASET.load(feature_config.spec.dataset_id, ports)
    return Preview(
        preprocessing=generate_preprocessing(feature_config, dataset),
        trainer=trainer_source(feature_config, model_config, dataset, spec),
    )


def _parsed(collection: Collection, document_id: str, data: Any) -> AnyDocument:
    document: AnyDocument = KINDS[collection].parse(document_id, data)
    return document


def _checked(
    ports: Ports, collection: Collection, document_id: str, data: JsonObject, *, judge: bool = True
) -> AnyDocument:
    """The document, parsed and judged. Raises Invalid."""
    document = _parsed(collection, document_id, data)
    if judge and (faults := errors(_problems(ports, document))):
        raise Invalid(faults)
    return document


def _problems(ports: Ports, document: AnyDocument) -> list[Problem]:
    if isinstance(document, Dataset):
        return check_dataset(document.spec, ports.data.inspect(document.spec.source))
    if isinstance(document, FeatureConfig):
        return _feature_config_problems(ports, document)
    if isinstance(document, ModelConfig):
        return judge_model_config(document).problems
    assert isinstance(document, QuickTest)
    return judge_quick_test(document.spec, ports).problems


def _feature_config_problems(ports: Ports, config: FeatureConfig) -> list[Problem]:
    """While the dataset is being profiled, its columns' names and types are enough."""
    verdict: Verdict = judge_feature_config(config, ports)
    if verdict.waiting_for is None:
        return verdict.problems
    dataset = DATASET.load(config.spec.dataset_id, ports)
    try:
        columns = ports.data.inspect(dataset.spec.source)
    except Invalid as invalid:
        listed = " ".join(problem.message for problem in invalid.problems)
        return [
            Problem(
                path="spec.dataset_id",
                code="invalid_dataset",
                message=f"Dataset {dataset.id!r} is not valid. {listed}",
                received=dataset.id,
            )
        ]
    known = dataset.model_copy(update={"status": DatasetStatus(columns=columns)})
    return check_feature_config(config.spec, known)


def _data(snapshot: Any, path: str) -> JsonObject:
    if snapshot is None:
        raise NotFound(path)
    data: JsonObject = snapshot.data
    return data


def _expect(
    document_id: str, data: JsonObject, expected_revision: int | None, wanted: JsonObject
) -> None:
    if expected_revision is not None and data.get("revision") != expected_revision:
        raise Stale({"id": document_id, **data}, {**wanted, "revision": expected_revision})


def _full_spec_hash(collection: Collection, document_id: str, data: JsonObject) -> str | None:
    """Hash of a stored spec with its defaults filled in; None where it is unreadable."""
    try:
        return spec_hash(_parsed(collection, document_id, data).data()["spec"])
    except Invalid:
        return None


def _next_revision(data: JsonObject) -> int:
    revision = data["revision"]
    assert isinstance(revision, int), "the document has been numbered"
    return revision + 1


def _unlocked(
    collection: Collection,
    document_id: str,
    data: JsonObject,
    advice: str,
    *,
    but_ended: bool = False,
) -> None:
    """Raises Locked for a quick test that has been launched (and, unless `but_ended`, ended)."""
    if collection is not Collection.QUICK_TESTS:
        return
    try:
        test: QuickTest = KINDS[collection].parse(document_id, data)
    except Invalid:
        return
    if test.status.state.ended and but_ended:
        return
    if test.status.state is not TestState.PENDING or test.status.job is not None:
        raise Locked(test, f"Quick test {document_id!r} is {test.status.state}. {advice}")
