"""What a file's document says, checked as far as no system and no data is needed."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from shared.as_code.kinds import BY_COLLECTION, KINDS, NAMED_ONLY, FileKind, named_by
from shared.as_code.reading import FilesError, Finding, Place, Text
from shared.documents.model_config import ModelConfig
from shared.problems import InvalidError, Problem, errors, shorten
from shared.rules.model_config import check_model_config
from shared.services.store import KINDS as STORED
from shared.wording import alternatives, capital, first_of

_FIELDS = ("kind", "name", "description", "spec")
_SCHEMA = "$schema"  # which editors look for in JSON
_UNKNOWN_ID = "unresolved"
_MOST_NAMED = 10


@dataclass(frozen=True)
class FileDocument:
    """A document as a file has it.

    Attributes:
        spec: with all defaults, and with names in place of ids.
        owner: the path that the stored document is marked with.
        warnings: what is doubtful of it by itself.
    """

    kind: FileKind
    name: str
    description: str
    spec: dict[str, Any]
    text: Text
    owner: str = ""
    warnings: tuple[Problem, ...] = ()

    @property
    def title(self) -> str:
        return f"{self.kind.noun} {self.name!r}"

    @property
    def place(self) -> Place:
        return self.text.place("name")

    def names(self) -> Iterator[tuple[FileKind, str, str]]:
        """Kind, path and name of every document that it names."""
        for reference, path, name in named_by(self.kind, self.spec):
            yield BY_COLLECTION[reference.to], path, name

    def body(self, ids: dict[tuple[str, str], str]) -> dict[str, Any]:
        """As the API takes it; `ids` has that of each named document, by kind and name."""
        named = {reference.name: reference for reference in self.kind.references}
        spec: dict[str, Any] = {}
        for field, value in self.spec.items():
            if (reference := named.get(field)) is None:
                spec[field] = value
                continue
            kind = BY_COLLECTION[reference.to].key
            spec[reference.field] = (
                [ids[kind, name] for name in value] if reference.many else ids[kind, value]
            )
        return {"name": self.name, "description": self.description, "spec": spec}

    def finding(self, problem: Problem) -> Finding:
        """A problem with the document, at its place in the file."""
        path = as_in_files(self.kind, problem.path)
        return Finding(
            self.text.place(path), problem.message, path, problem.received, problem.level
        )


def as_in_files(kind: FileKind, path: str) -> str:
    """A path of the API's documents as one of files: `spec.dataset_id` → `spec.dataset`."""
    for reference in kind.references:
        before = f"spec.{reference.field}"
        if path == before or path.startswith(f"{before}["):
            return f"spec.{reference.name}{path[len(before) :]}"
    return path


def with_names(
    kind: FileKind, spec: dict[str, Any], names: dict[str, str], *, compact: bool = False
) -> dict[str, Any]:
    """A spec of the API's with names in place of ids; an id that nothing has stays as it is.

    Args:
        compact: without the settings that have their defaults.
    """
    named = {reference.field: reference for reference in kind.references}
    made = {}
    for field, value in (_compact(kind, spec) if compact else spec).items():
        if (reference := named.get(field)) is None:
            made[field] = value
        elif isinstance(value, list):
            made[reference.name] = [names.get(one, one) for one in value]
        else:
            made[reference.name] = names.get(value, value)
    return made


def _compact(kind: FileKind, spec: dict[str, Any]) -> dict[str, Any]:
    parsed = kind.spec.model_validate(spec)
    whole = parsed.model_dump(mode="json")
    short: dict[str, Any] = _without_defaults(parsed, whole)
    return short if kind.spec.model_validate(short) == parsed else whole


def _without_defaults(value: Any, written: Any) -> Any:
    """What a model was written as, without what it says anyway; what kind a part is of, stays."""
    if isinstance(value, BaseModel) and isinstance(written, dict):
        fields = type(value).model_fields
        return {
            name: _without_defaults(getattr(value, name, None), item)
            for name, item in written.items()
            if name not in fields or name == "type" or not _is_usual(value, name, fields[name])
        }
    if isinstance(value, dict) and isinstance(written, dict):
        return {name: _without_defaults(value.get(name), item) for name, item in written.items()}
    if isinstance(value, list) and isinstance(written, list) and len(value) == len(written):
        return [_without_defaults(one, item) for one, item in zip(value, written, strict=True)]
    return written


def _is_usual(value: BaseModel, name: str, field: FieldInfo) -> bool:
    usual = field.get_default(call_default_factory=True)
    return not field.is_required() and bool(getattr(value, name) == usual)


def document_of(text: Text, owner: str = "") -> FileDocument:
    """Raises FilesError with everything that is wrong with it by itself."""
    data = text.data
    if not isinstance(data, dict):
        said = f"A document has the fields {', '.join(_FIELDS)}. Received: {shorten(data)!r}."
        raise FilesError([Finding(text.place(""), said)])
    findings = [
        _finding(text, key, f"There is no such field. A document has {', '.join(_FIELDS)}.")
        for key in data
        if key not in (*_FIELDS, _SCHEMA)
    ]
    kind = KINDS.get(data["kind"]) if isinstance(data.get("kind"), str) else None
    if kind is None:
        said = f"`kind` is {alternatives(KINDS)}."
        near = difflib.get_close_matches(str(data.get("kind")), KINDS, 1)
        said += f" Did you mean {near[0]}?" if near else ""
        received = data.get("kind")
        findings.append(Finding(text.place("kind"), said, "kind", shorten(received)))
        raise FilesError(findings)
    spec = data.get("spec")
    if not isinstance(spec, dict):
        findings.append(_finding(text, "spec", f"`spec` has the fields of the {kind.noun}."))
        raise FilesError(findings)
    spec, faults = _with_ids(kind, spec, text)
    findings += faults
    given = {"name": data.get("name"), "description": data.get("description") or "", "spec": spec}
    warnings: tuple[Problem, ...] = ()
    try:
        parsed = STORED[kind.collection].parse("file", {**given, "spec": kind.prepared(spec)})
    except InvalidError as invalid:
        faulty = {one.path for one in faults}
        for problem in invalid.problems:
            path = as_in_files(kind, problem.path)
            if path not in faulty:
                place = text.place(path)
                findings.append(Finding(place, problem.message, path, problem.received))
        raise FilesError(findings) from None
    if isinstance(parsed, ModelConfig):
        found = check_model_config(parsed.spec)
        findings += [
            Finding(text.place(one.path), one.message, one.path, one.received)
            for one in errors(found)
        ]
        warnings = tuple(one for one in found if one.level == "warning")
    if findings:
        raise FilesError(findings)
    named = {reference.field: data["spec"][reference.name] for reference in kind.references}
    whole = {**parsed.data()["spec"], **named}
    return FileDocument(
        kind, parsed.name, parsed.description, with_names(kind, whole, {}), text, owner, warnings
    )


def _with_ids(
    kind: FileKind, spec: dict[str, Any], text: Text
) -> tuple[dict[str, Any], list[Finding]]:
    """The spec with fields of ids in place of names, whose ids are not known yet."""
    made, findings = dict(spec), []
    for reference in kind.references:
        if reference.field in made:
            said = f"Files name documents: write `{reference.name}` with a name, not an id."
            findings.append(_finding(text, f"spec.{reference.field}", said))
            del made[reference.field]
        path = f"spec.{reference.name}"
        value = made.pop(reference.name, None)
        what = BY_COLLECTION[reference.to].noun
        if not reference.many:
            if not isinstance(value, str) or not value:
                said = f"`{reference.name}` is the name of a {what}."
                findings.append(Finding(text.place(path), said, path, shorten(value)))
            made[reference.field] = _UNKNOWN_ID
            continue
        if not isinstance(value, list) or not all(isinstance(one, str) and one for one in value):
            said = f"`{reference.name}` is a list of names of {what}s."
            findings.append(Finding(text.place(path), said, path, shorten(value)))
            value = [_UNKNOWN_ID]
        made[reference.field] = [f"{_UNKNOWN_ID}-{number}" for number in range(len(value))]
    return made, findings


def _finding(text: Text, path: str, message: str) -> Finding:
    return Finding(text.place(path), message, path)


def check_together(
    documents: Sequence[FileDocument], stored: dict[str, list[str]] | None = None
) -> list[Finding]:
    """What is wrong with documents beside each other, and beside those of a system.

    Args:
        stored: names of a system's documents, by kind; None where no system is known: names
            that no file has are taken to be there.
    """
    findings = []
    seen: dict[tuple[str, str], FileDocument] = {}
    for document in documents:
        key = (document.kind.key, document.name.casefold())
        other = seen.setdefault(key, document)
        if other is not document:
            same = "is called so too" if other.name == document.name else "differs only by case"
            said = f"{capital(other.title)} in {other.place} {same}. Name one differently."
            findings.append(Finding(document.place, said, "name", document.name))
        for name in (stored or {}).get(document.kind.key, []):
            if name != document.name and name.casefold() == document.name.casefold():
                said = f"The name of the system's {name!r} differs only by case. Use that name."
                findings.append(Finding(document.place, said, "name", document.name))
        if (stored or {}).get(document.kind.key, []).count(document.name) > 1:
            said = f"Several {document.kind.noun}s of the system are called so. Rename all but one."
            findings.append(Finding(document.place, said, "name", document.name))
    if stored is None:
        return findings
    for document in documents:
        for kind, path, name in document.names():
            held = stored.get(kind.key, [])
            if (kind.key, name.casefold()) in seen and seen[kind.key, name.casefold()].name == name:
                continue
            if held.count(name) == 1:
                continue
            known = sorted({*held, *(one.name for one in documents if one.kind is kind)})
            if held.count(name) > 1:
                said = (
                    f"Several {kind.noun}s of the system are called {name!r}. Rename all but one."
                )
            elif near := difflib.get_close_matches(name, known, 1):
                said = f"There is no {kind.noun} {name!r}. Did you mean {near[0]!r}?"
            else:
                there = first_of([repr(one) for one in known], _MOST_NAMED) or "none"
                where = "the system" if kind is NAMED_ONLY else "the files or the system"
                said = f"There is no {kind.noun} {name!r}, in {where}: {there}."
                if kind is NAMED_ONLY:
                    said += " `recsmith train` registers one."
            findings.append(Finding(document.text.place(path), said, path, name))
    return findings
