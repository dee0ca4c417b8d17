"""What has to be written so that a system holds what files say."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from shared.as_code.documents import FileDocument, check_together, with_names
from shared.as_code.kinds import KINDS, FileKind
from shared.as_code.reading import FilesError, Finding
from shared.documents.base import spec_hash
from shared.editing.conflicts import words_of
from shared.problems import InvalidError
from shared.rules.field_changes import Change, changes
from shared.services.store import KINDS as STORED
from shared.wording import capital

Held = dict[str, Any]
Action = Literal["create", "update", "mark", "unchanged"]


@dataclass(frozen=True)
class Holdings:
    """The documents of a system, by kind, as its API gives them."""

    documents: dict[str, list[Held]]

    @property
    def names(self) -> dict[str, list[str]]:
        return {kind: [one["name"] for one in held] for kind, held in self.documents.items()}

    def names_by_id(self) -> dict[str, str]:
        return {one["id"]: one["name"] for held in self.documents.values() for one in held}

    def ids(self) -> dict[tuple[str, str], str]:
        return {
            (kind, one["name"]): one["id"] for kind, held in self.documents.items() for one in held
        }

    def called(self, kind: FileKind, name: str) -> Held | None:
        found = [one for one in self.documents.get(kind.key, []) if one["name"] == name]
        return found[0] if len(found) == 1 else None


@dataclass(frozen=True)
class Step:
    """What becomes of one document.

    Attributes:
        held: what the system holds of it; None where it is to be created.
        changes: by fields; `spec.` stands before those of the spec.
    """

    document: FileDocument
    action: Action
    held: Held | None = None
    changes: tuple[Change, ...] = ()

    @property
    def note(self) -> str:
        """What its writing leads to, in words; "" for nothing but the change."""
        if self.action == "mark":
            return "the file becomes its owner"
        return "" if self.action == "unchanged" else self.document.kind.effect(self.document.spec)

    @property
    def known_by(self) -> str:
        """A fingerprint of what is to be written and of what was found in its place."""
        document, held = self.document, self.held
        told = [document.description, document.owner, document.spec, held and held["id"], self.tag]
        return hashlib.sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()[:16]

    @property
    def tag(self) -> str | None:
        """The ETag of what was looked at."""
        return tag_of(self.held) if self.held else None


@dataclass(frozen=True)
class Plan:
    """Steps in their order: what is named comes before what names it."""

    steps: tuple[Step, ...]

    @property
    def due(self) -> list[Step]:
        return [step for step in self.steps if step.action != "unchanged"]

    @property
    def differing(self) -> list[Step]:
        """Those of which more differs than the mark of who owns them."""
        return [step for step in self.due if step.action != "mark"]


def tag_of(held: Held) -> str:
    """The ETag by which the API knows a document as it is."""
    return f'"{held["revision"]}-{words_of(held["name"], held["description"])}"'


def planned(documents: Sequence[FileDocument], holdings: Holdings) -> Plan:
    """Raises FilesError: what is wrong with the documents beside each other and the system's."""
    findings = check_together(documents, holdings.names)
    names = holdings.names_by_id()
    order = list(KINDS)
    steps = []
    for document in sorted(documents, key=lambda one: order.index(one.kind.key)):
        step = _step(document, holdings.called(document.kind, document.name), names)
        if step.action == "update" and document.kind.runs:
            fields = ", ".join(change.path for change in step.changes)
            said = (
                f"{capital(document.title)} has started, and does not change any more: "
                f"{fields}. Give the changed one another name."
            )
            findings.append(Finding(document.place, said, "name", document.name))
        steps.append(step)
    if findings:
        raise FilesError(findings)
    return Plan(tuple(steps))


def _step(document: FileDocument, held: Held | None, names: dict[str, str]) -> Step:
    if held is None:
        return Step(document, "create")
    was = {**said_by(document.kind, held, names)}
    now = {"description": document.description, "spec": document.spec}
    if was["description"] == now["description"] and spec_hash(was["spec"]) == spec_hash(
        now["spec"]
    ):
        owner = (held.get("managed_by") or {}).get("path", "")
        marked = not document.owner or owner == document.owner
        return Step(document, "unchanged" if marked else "mark", held)
    found = tuple(changes("", was, now))
    return Step(document, "update", held, found)


def said_by(kind: FileKind, held: Held, names: dict[str, str]) -> Held:
    """A system's document in the form of files, with all defaults of this version."""
    spec = held["spec"]
    try:
        parsed = STORED[kind.collection].shown.parse(held["id"], {**held, "status": {}})
        spec = parsed.data()["spec"]
    except InvalidError:
        pass  # of another version, or written by hand: whatever the file says differs from it
    return {"description": held["description"], "spec": with_names(kind, spec, names)}


def references_settled(document: FileDocument, plan: Plan, holdings: Holdings) -> bool:
    """Whether all that a document names is there already, and stays as it is."""
    changing = {(step.document.kind.key, step.document.name) for step in plan.differing}
    ids = holdings.ids()
    return all(
        (kind.key, name) in ids and (kind.key, name) not in changing
        for kind, _, name in document.names()
    )
