"""The kinds of documents that files hold: a row each, derived from what the documents know."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from shared.cron_words import cron_words
from shared.documents.base import Collection
from shared.documents.references import fields_that_name
from shared.models import SpecModel
from shared.services.store import KINDS as STORED
from shared.tasks import filled_in


@dataclass(frozen=True)
class Reference:
    """A field that names other documents.

    Attributes:
        field: of the spec, which holds an id or ids: `feature_config_ids`.
        name: of the file, which holds a name or names: `feature_configs`.
        many: whether it is a list.
    """

    field: str
    name: str
    to: Collection
    many: bool


@dataclass(frozen=True)
class FileKind:
    """A kind of document that files hold.

    Attributes:
        prepared: a spec as the API takes it, before it is parsed.
        runs: it starts when it is created, and does not change from then on.
        effect: what happens once a document with this spec is written, in words; "" for nothing.
        cloned, versioned: whether the API clones one, and keeps its versions.
    """

    collection: Collection
    prepared: Callable[[Any], Any] = lambda spec: spec
    runs: bool = False
    cloned: bool = True
    effect: Callable[[dict[str, Any]], str] = lambda _: ""

    @property
    def key(self) -> str:
        """As files call it: `feature_config`."""
        return self.collection.noun.replace(" ", "_")

    @property
    def noun(self) -> str:
        return self.collection.noun

    @property
    def command(self) -> str:
        """The name of its group of commands: `feature-config`."""
        plural = {Collection.RULE_SETS: "rules", Collection.SCHEDULES: "schedules"}
        return plural.get(self.collection, self.key.replace("_", "-"))

    @property
    def folder(self) -> str:
        """Of its files in an export, and of its documents in the API: `feature-configs`."""
        return self.collection.value.replace("_", "-")

    @property
    def path(self) -> str:
        return f"/api/{self.folder}/"

    @property
    def versioned(self) -> bool:
        return not self.runs

    @property
    def spec(self) -> type[SpecModel]:
        model = STORED[self.collection].document.model_fields["spec"].annotation
        assert isinstance(model, type)
        assert issubclass(model, SpecModel)
        return model

    @property
    def references(self) -> tuple[Reference, ...]:
        return tuple(
            Reference(field, _without_id(field), to, field.endswith("_ids"))
            for field, to in fields_that_name(self.collection)
        )


def _without_id(field: str) -> str:
    """`dataset_id` → `dataset`, `model_config_ids` → `model_configs`."""
    return field.removesuffix("_ids") + "s" if field.endswith("_ids") else field.removesuffix("_id")


def _starts(_: dict[str, Any]) -> str:
    return "it starts"


def _fires(spec: dict[str, Any]) -> str:
    return cron_words(spec["cron"], spec["zone"]).rstrip(".") if spec["enabled"] else "paused"


# What is named stands before what names it.
KINDS: dict[str, FileKind] = {
    kind.key: kind
    for kind in (
        FileKind(Collection.DATASETS, cloned=False),
        FileKind(Collection.FEATURE_CONFIGS),
        FileKind(Collection.MODEL_CONFIGS, prepared=filled_in),
        FileKind(Collection.RULE_SETS),
        FileKind(Collection.SCHEDULES, cloned=False, effect=_fires),
        FileKind(Collection.SWEEPS, runs=True, cloned=False, effect=_starts),
        FileKind(Collection.TUNINGS, runs=True, cloned=False, effect=_starts),
    )
}
# Trainings make registered models: files name them, and hold none.
NAMED_ONLY = FileKind(Collection.REGISTERED_MODELS)
BY_COLLECTION = {kind.collection: kind for kind in (*KINDS.values(), NAMED_ONLY)}


def kind_called(text: str) -> FileKind | None:
    """By what people call it: `feature-config`, `feature_configs`, `rules`."""
    wanted = text.strip().lower().replace("-", "_").replace(" ", "_")
    for kind in KINDS.values():
        if wanted in (kind.key, kind.collection.value, kind.command.replace("-", "_")):
            return kind
    return None


def named_by(kind: FileKind, spec: dict[str, Any]) -> Iterator[tuple[Reference, str, str]]:
    """Every name that a file's spec gives, with its path in the document."""
    for reference in kind.references:
        value = spec.get(reference.name)
        if reference.many and isinstance(value, list):
            for place, name in enumerate(value):
                if isinstance(name, str):
                    yield reference, f"spec.{reference.name}[{place}]", name
        elif isinstance(value, str):
            yield reference, f"spec.{reference.name}", value
