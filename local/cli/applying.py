"""What files say beside what a system holds: planned and carried out by the system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from local.cli.client import Api
from shared.as_code.documents import FileDocument, check_together
from shared.as_code.kinds import BY_COLLECTION, KINDS
from shared.as_code.known_data import check_with_data
from shared.as_code.planning import Holdings
from shared.as_code.reading import FilesError, Finding, Place, refuse
from shared.as_code.walking import File
from shared.documents.dataset import Dataset
from shared.version import version
from shared.wording import plural

_PATH = "/api/as-code/"


def held_by(api: Api) -> Holdings:
    """All documents that files could be of, or name."""
    asked: dict[str, Any] = {"feature_config": {"include_archived": True}}
    return Holdings(
        {
            kind.key: list(api.items(kind.path, **asked.get(kind.key, {})))
            for kind in BY_COLLECTION.values()
        }
    )


def other_version(api: Api) -> str | None:
    """What to know where the system is of another version than this command."""
    theirs, ours = str(api.get("/api/health/")["version"]), version()
    if theirs == ours:
        return None
    return (
        f"The system at {api.url} is Recsmith {theirs}, this command {ours}. Settings that only "
        "one of them knows are refused, and defaults may differ."
    )


def plan_of(
    api: Api, files: Sequence[File], *, judge: bool
) -> tuple[list[dict[str, Any]], list[Finding]]:
    """The steps of a plan, as the API has them, and warnings. Raises FilesError."""
    answer = api.post(f"{_PATH}plan/", {"files": _sent(files), "judge": judge})
    findings = [_found(one) for one in answer["findings"]]
    refuse(findings)
    return answer["steps"], findings


def carry_out(
    api: Api, files: Sequence[File], steps: Sequence[dict[str, Any]]
) -> list[dict[str, Any]]:
    """The documents that were written, as the API has them, in their order.

    Raises:
        UserError: the plan would be another one by now; then none was written.
        FilesError: one was refused. Those before it are written, and a second try goes on.
    """
    seen = [{name: step[name] for name in ("kind", "name", "known_by")} for step in steps]
    answer = api.post(f"{_PATH}apply/", {"files": _sent(files), "steps": seen})
    made: list[dict[str, Any]] = answer["documents"]
    if not answer["complete"]:
        findings = [_found(one) for one in answer["findings"]]
        raise FilesError(
            findings,
            f"{plural(len(made), 'document')} before it applied; once this is mended, the same "
            "command does the rest."
            if made
            else None,
        )
    return made


def path_of(document: dict[str, Any]) -> str:
    """In the API, of a document that was written."""
    return f"{KINDS[document['kind']].path}{document['id']}/"


def _sent(files: Sequence[File]) -> list[dict[str, str]]:
    return [
        {
            "path": file.shown,
            "text": file.content.decode("utf-8-sig"),
            "owner": file.owner,
            "folder": file.folder,
        }
        for file in files
    ]


def _found(one: dict[str, Any]) -> Finding:
    place = Place(one["file"], one["line"], one["column"])
    return Finding(place, one["message"], one["path"], one["received"], one["level"])


def check_offline(documents: Sequence[FileDocument], datasets: dict[str, Dataset]) -> list[Finding]:
    """What can be said without a system; warnings are among it. Raises FilesError."""
    findings = [
        *check_together(documents),
        *check_with_data(documents, datasets),
        *(one.finding(problem) for one in documents for problem in one.warnings),
    ]
    refuse(findings)
    return findings
