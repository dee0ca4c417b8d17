"""Two revisions of a document, or two documents of one kind: what differs, and what it did."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from typing import Any

from pydantic import BaseModel

from shared.comparing.effect_of_change import EffectOfChange, Side, effect_of_change
from shared.documents.base import Collection
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.references import fields_that_name
from shared.errors import NotFoundError
from shared.models import SpecModel
from shared.ports import JsonObject, Ports, Snapshot
from shared.problems import InvalidError, Problem
from shared.rules.config_hash import config_hash
from shared.rules.spec_changes import changes_in_words, changes_of_data
from shared.rules.value_words import changed
from shared.services.document_kind import find, stated_revision
from shared.services.store import KINDS
from shared.wording import in_markdown, listed

_MEANS_THE_SAME = "Both mean the same to a training, so that results do not differ by this."


class Revision(BaseModel):
    """A revision of a document. `name`: as the document is called now."""

    id: str
    name: str
    revision: int


class Differences(BaseModel):
    """What differs between two revisions, in words.

    Attributes:
        changes: a sentence for each thing that differs; none where nothing does.
        effect: what it did to the metrics; null where nothing differs, and of documents that no
            quick test is made of.
        markdown: all of it as one text, for a pull request.
    """

    before: Revision
    after: Revision
    changes: list[str]
    effect: EffectOfChange | None
    markdown: str


def differences_between(
    collection: Collection,
    document_id: str,
    ports: Ports,
    *,
    other_id: str | None = None,
    from_revision: int | None = None,
    to_revision: int | None = None,
) -> Differences:
    """Of a document at `from_revision` and at `to_revision`, or of the other at that.

    Args:
        other_id: of another document of the kind; None takes the same one.
        from_revision: None takes the one before `to_revision`; with another document the present.
        to_revision: None takes the present one.

    Raises:
        NotFoundError: there is no such document.
        InvalidError: it has no such revision, or there is none before.
    """
    one = _Kept(collection, document_id, ports)
    other = one if other_id in (None, document_id) else _Kept(collection, str(other_id), ports)
    to_revision = other.present if to_revision is None else to_revision
    if from_revision is None:
        from_revision = one.before(to_revision) if other is one else one.present
    raw = one.data(from_revision, "from_revision"), other.data(to_revision, "to_revision")
    beside = None if other is one else (one.name, other.name)
    before, after = one.side(from_revision, beside), other.side(to_revision, beside)
    said = _said(collection, before, after, raw, ports)
    effect = None
    if said:
        effect = effect_of_change(collection, before, after, ports)
    if effect is not None and _mean_the_same(before.spec, after.spec):
        effect = EffectOfChange(sentence=_MEANS_THE_SAME)
    sides = [Revision(id=s.id, name=s.name, revision=s.revision) for s in (before, after)]
    return Differences(
        before=sides[0],
        after=sides[1],
        changes=said,
        effect=effect,
        markdown=_markdown(before, after, said, effect),
    )


def changes_of_versions(
    collection: Collection, versions: list[Mapping[str, Any]]
) -> list[list[str] | None]:
    """What each of a document's versions changed of the one before; None of the first.

    Args:
        versions: as stored, latest first.
    """
    read = [(one, _read(collection, one)) for one in versions]
    told: list[list[str] | None] = [
        _changes(before, after, one, other, renamed=True)
        for (after, other), (before, one) in pairwise(read)
    ]
    return [*told, None] if versions else []


class _Kept:
    """A document with what is kept of its revisions. Raises NotFoundError."""

    def __init__(self, collection: Collection, document_id: str, ports: Ports) -> None:
        self.collection = collection
        live = find(collection, document_id, ports)
        if live is None:
            raise NotFoundError(collection.noun, document_id)
        self.live: Snapshot = live
        kept = ports.documents.query(f"{collection.path(document_id)}/versions")
        self.versions: dict[int, JsonObject] = {
            int(one.id): one.data for one in kept if one.id.isdecimal()
        }
        self.present = stated_revision(live.data) or max(self.versions, default=1)
        self.versions.setdefault(self.present, live.data)

    def before(self, revision: int) -> int:
        """Raises InvalidError."""
        earlier = [one for one in self.versions if one < revision]
        if not earlier:
            message = (
                f"There is no version before {revision}. Name two that there are, or another "
                f"{self.collection.noun}. Versions are {self._listed}."
            )
            raise InvalidError([Problem(path="from_revision", code="no_version", message=message)])
        return max(earlier)

    def data(self, revision: int, field: str) -> JsonObject:
        """Raises InvalidError."""
        if revision not in self.versions:
            message = f"There is no version {revision}. Versions are {self._listed}."
            raise InvalidError(
                [Problem(path=field, code="no_version", message=message, received=revision)]
            )
        return self.versions[revision]

    @property
    def _listed(self) -> str:
        return listed(map(str, sorted(self.versions)))

    @property
    def name(self) -> str:
        return str(self.live.data.get("name"))

    def side(self, revision: int, beside: tuple[str, str] | None) -> Side:
        """Args: beside: the names of two documents that are compared; None: it is one."""
        name, current = self.name, revision == self.present
        words = f"version {revision}"
        if beside is not None:
            words = f"{name!r} ({self.live.id})" if len(set(beside)) == 1 else repr(name)
            words = words if current else f"{words}, version {revision},"
        spec = _read(self.collection, self.versions[revision], self.live.id)
        return Side(self.live.id, name, revision, words, current, spec)


def _read(collection: Collection, data: Mapping[str, Any], document_id: str = "-") -> Any:
    """The spec of a revision; None where it cannot be read."""
    try:
        fields = {"name": "-", "spec": data.get("spec")}
        return KINDS[collection].shown.parse(document_id, fields).spec
    except InvalidError:
        return None


def _said(
    collection: Collection,
    before: Side,
    after: Side,
    raw: tuple[JsonObject, JsonObject],
    ports: Ports,
) -> list[str]:
    one, other = (
        None if side.spec is None else _with_names(collection, side.spec, ports)
        for side in (before, after)
    )
    return _changes(*raw, one, other, renamed=before.id == after.id)


def _changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    one: SpecModel | None,
    other: SpecModel | None,
    *,
    renamed: bool,
) -> list[str]:
    told = []
    if renamed:
        for part in ("name", "description"):
            was, now = before.get(part), after.get(part)
            if was != now:
                told.append(f"{part.capitalize()} {changed(was, now)}")
    if one is not None and other is not None:
        return [*told, *changes_in_words(one, other)]
    return [*told, *changes_of_data(before.get("spec"), after.get("spec"))]


def _with_names(collection: Collection, spec: SpecModel, ports: Ports) -> SpecModel:
    """The same with what other documents are called, beside their ids."""
    told = {}
    for field, named in fields_that_name(collection):
        document_id = getattr(spec, field, None)
        if isinstance(document_id, str):
            found = find(named, document_id, ports)
            if found is not None:
                told[field] = f"{found.data.get('name')} ({document_id})"
    return spec.model_copy(update=told)


def _mean_the_same(one: SpecModel | None, other: SpecModel | None) -> bool:
    configs = (FeatureConfigSpec, ModelConfigSpec)
    if not isinstance(one, configs) or not isinstance(other, configs):
        return False
    return config_hash(one) == config_hash(other)


def _markdown(before: Side, after: Side, said: list[str], effect: EffectOfChange | None) -> str:
    sides = [f"{side.name}, version {side.revision}" for side in (before, after)]
    if before.id == after.id:
        sides[1] = f"version {after.revision}"
    lines = [f"**{' → '.join(map(in_markdown, sides))}**", ""]
    lines += [f"- {in_markdown(one)}" for one in said or ["Nothing differs."]]
    if effect is not None:
        lines += [
            "",
            in_markdown(effect.sentence),
            *(f"- {in_markdown(one)}" for one in effect.warnings),
        ]
    return "\n".join(lines) + "\n"
