"""What people call runs and mark them with, after they were started."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from shared.documents.base import Collection
from shared.documents.marks import MOST_TAGS, Marks, read_marks
from shared.editing.checking import shown
from shared.editing.conflicts import Seen, expect
from shared.errors import NotFoundError
from shared.ports import JsonObject, Ports, Transaction
from shared.problems import InvalidError, Problem
from shared.services.document_kind import AnyDocument, find, stamp
from shared.services.store import number


def mark(
    ports: Ports,
    collection: Collection,
    document_id: str,
    *,
    seen: Seen | None = None,
    name: str | None = None,
    description: str | None = None,
    add_tags: Sequence[str] = (),
    remove_tags: Sequence[str] = (),
    pinned: bool | None = None,
    archived: bool | None = None,
) -> AnyDocument:
    """Changes what is given of a run's name, description and marks; None leaves. Its spec, and
    with it its revision, stays.

    Raises:
        NotFoundError: no such document.
        StaleError: the document is no longer what the caller has seen.
        InvalidError: more than MOST_TAGS tags, or the stored document is unreadable.
    """
    path = collection.path(document_id)
    if find(collection, document_id, ports) is None:
        raise NotFoundError(collection.noun, document_id)
    number(collection, document_id, ports)
    words = {"name": name, "description": description}
    wanted: JsonObject = {key: value for key, value in words.items() if value is not None}

    def change(transaction: Transaction) -> JsonObject:
        snapshot = transaction.get(path)
        if snapshot is None:
            raise NotFoundError.document(path)
        data: JsonObject = snapshot.data
        expect(document_id, data, seen, wanted)
        before = read_marks(data)
        kept = [tag for tag in before.tags if tag not in remove_tags]
        after = Marks.model_construct(
            tags=list(dict.fromkeys([*kept, *add_tags])),
            pinned=before.pinned if pinned is None else pinned,
            archived=before.archived if archived is None else archived,
        )
        if len(after.tags) > MOST_TAGS:
            raise InvalidError([_too_many(after.tags)])
        fields = {key: value for key, value in wanted.items() if data.get(key) != value}
        if after != before:
            stored = data["marks"] if isinstance(data.get("marks"), dict) else {}
            fields["marks"] = {**stored, **after.model_dump()}
        if fields:
            fields["updated_at"] = stamp(ports.clock.now())
            transaction.update(path, fields)
        return {**data, **fields}

    return shown(collection, document_id, ports.documents.transact(change))


def _too_many(tags: Sequence[Any]) -> Problem:
    return Problem(
        path="add_tags",
        code="too_many",
        message=f"A run has at most {MOST_TAGS} tags. It would have {len(tags)}: remove some.",
        received=len(tags),
    )
