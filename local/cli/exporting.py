"""Documents of a system as files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from local.cli.client import UserError
from shared.as_code.documents import FileDocument
from shared.as_code.files import documents_in
from shared.as_code.kinds import FileKind
from shared.as_code.planning import Holdings, planned
from shared.as_code.rendering import file_names, rendered
from shared.as_code.walking import any_file
from shared.documents.feature_config import Lifecycle
from shared.wording import first_of

_MOST_NAMED = 5


@dataclass
class Exported:
    """Paths, as they were shown."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)


def stream_of(
    holdings: Holdings, kinds: Sequence[FileKind], name: str | None, *, whole: bool
) -> str:
    """Documents as one text, parted by `---`. Raises UserError."""
    names = holdings.names_by_id()
    return "---\n".join(
        _text(kind, held, names, whole) for kind, held in _chosen(holdings, kinds, name)
    )


def export_into(
    folder: Path,
    holdings: Holdings,
    kinds: Sequence[FileKind],
    name: str | None,
    *,
    whole: bool,
    force: bool,
) -> Exported:
    """Writes a file for each document. A file that says the same already stays as it is, with its
    comments; so does the place of a document that the folder has.

    Raises:
        UserError: a file says something else, and `force` is not given; then none is written.
        FilesError: the folder has files that cannot be read.
    """
    found = list(_chosen(holdings, kinds, name))
    there = documents_in([str(folder)]) if any_file(folder) else []
    by_name = {(one.kind.key, one.name): one for one in there}
    shared_files = _several_in_one(there)
    names, result = holdings.names_by_id(), Exported()
    texts: dict[Path, str] = {}
    differing = []
    for kind in kinds:
        held = [one for its, one in found if its is kind]
        called = file_names([one["name"] for one in held])
        for one in held:
            present = by_name.get((kind.key, one["name"]))
            if present is None:
                path = folder / kind.folder / called[one["name"]]
                if path.exists():
                    differing.append(str(path))
            else:
                path = Path(present.place.file)
                if planned([_unowned(present)], holdings).steps[0].action == "unchanged":
                    result.unchanged.append(str(path))
                    continue
                differing.append(str(path))
                if path in shared_files:
                    raise UserError(
                        f"{path} has several documents, and {present.title} differs. "
                        "Give that one a file of its own."
                    )
            texts[path] = _text(kind, one, names, whole)
    if differing and not force:
        raise UserError(
            f"{first_of(differing, _MOST_NAMED)} would be written over, with comments. "
            "`recsmith diff` shows the difference; --force writes."
        )
    for path, text in texts.items():
        _write(path, text)
        result.written.append(str(path))
    return result


def _unowned(document: FileDocument) -> FileDocument:
    return FileDocument(
        document.kind, document.name, document.description, document.spec, document.text
    )


def _several_in_one(documents: Sequence[FileDocument]) -> set[Path]:
    files = [Path(one.place.file) for one in documents]
    return {path for path in files if files.count(path) > 1}


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name}.{os.getpid()}")
        draft.write_text(text, encoding="utf-8")
        draft.replace(path)
    except OSError as error:
        raise UserError(f"{path} cannot be written: {error.strerror or error}.") from None


def _text(kind: FileKind, held: dict[str, Any], names: dict[str, str], whole: bool) -> str:
    return rendered(kind, held["name"], held["description"], held["spec"], names, whole=whole)


def _chosen(
    holdings: Holdings, kinds: Sequence[FileKind], name: str | None
) -> Iterator[tuple[FileKind, dict[str, Any]]]:
    """By kind and name. Raises UserError where names do not tell documents apart."""
    for kind in kinds:
        held = holdings.documents[kind.key]
        if name is not None:
            held = [one for one in held if name in (one["id"], one["name"])]
            held = [one for one in held if one["id"] == name] or held
            if not held:
                raise UserError(f"There is no {kind.noun} with the id or name {name!r}.")
        else:
            held = [one for one in held if not _archived(one)]
        seen: dict[str, str] = {}
        for one in sorted(held, key=lambda one: str(one["name"])):
            other = seen.get(one["name"].casefold())
            seen[one["name"].casefold()] = one["name"]
            if other is not None:
                raise UserError(
                    f"Two {kind.noun}s are called {other!r} and {one['name']!r}. Files tell them "
                    "apart by name: rename one, or export one by its id."
                )
            yield kind, one


def _archived(held: dict[str, Any]) -> bool:
    return bool(held["status"].get("lifecycle") == Lifecycle.ARCHIVED.value)
