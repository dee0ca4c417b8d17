"""What files say and what a system holds: looked at together, judged, and written."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from local.as_code.documents import FileDocument, check_together
from local.as_code.kinds import BY_COLLECTION
from local.as_code.known_data import check_with_data
from local.as_code.planning import Holdings, Plan, Step, moved_since, references_settled, tag_of
from local.as_code.reading import FilesError, Finding
from local.cli.client import Api, UserError
from shared.documents.base import Collection
from shared.documents.dataset import Dataset
from shared.problems import Problem
from shared.version import version
from shared.wording import capital, plural

_INSPECTED = "unsaved"


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


def judged_by(api: Api, plan: Plan, holdings: Holdings) -> list[Finding]:
    """What the system says of what is to be written, with what it knows of the data; nothing is
    stored. Warnings are among it.

    What names a document that is yet to be written is judged by the columns of its data.
    """
    findings: list[Finding] = []
    ids, coming = holdings.ids(), dict[str, Dataset]()
    unsettled = []
    for step in plan.differing:
        document = step.document
        if document.kind.collection is Collection.DATASETS:
            coming |= _inspected(api, document, findings)
        elif references_settled(document, plan, holdings):
            spec = document.body(ids)["spec"]
            held = {"id": step.held["id"]} if step.held and not document.kind.runs else {}
            answer = api.post(f"{document.kind.path}validate/", {"spec": spec, **held})
            findings += [document.finding(Problem(**one)) for one in answer["problems"]]
        else:
            unsettled.append(document)
            findings += [document.finding(one) for one in document.warnings]
    return [*findings, *check_with_data(unsettled, coming)]


def _inspected(api: Api, document: FileDocument, findings: list[Finding]) -> dict[str, Dataset]:
    """A dataset that is to be written, with the columns of its source."""
    try:
        found = api.post("/api/datasets/inspect/", {"events": None, **document.spec})
    except UserError as error:
        if not error.fields:
            raise
        findings += [
            document.finding(Problem(code="invalid", **{**one, "path": one["path"]}))
            for one in error.fields
        ]
        return {}
    data = {
        "id": _INSPECTED,
        "name": document.name,
        "spec": document.spec,
        "status": {"columns": found["columns"]},
    }
    return {document.name: Dataset.model_validate(data)}


def written(api: Api, plan: Plan, said: Callable[[Step], None]) -> list[tuple[Step, str]]:
    """Writes what is due, each document whole or not at all, and says each.

    Returns:
        Each step with its document's path in the API.

    Raises:
        UserError: somebody changed one of the documents since the plan was made; then none is
            written. Or one is refused: those before it are written, and a second try goes on.
    """
    now = held_by(api)
    if moved := moved_since(plan, now):
        raise UserError(
            "Changed by others since the plan was made: "
            f"{', '.join(document.title for document in moved)}. Nothing was applied. "
            "Look at the difference and apply again.",
            code="stale",
        )
    ids, made = now.ids(), list[tuple[Step, str]]()
    for step in plan.due:
        document, kind = step.document, step.document.kind
        body = document.body(ids)
        if document.owner:
            body["managed_by"] = {"path": document.owner}
        try:
            if step.held is None:
                stored = api.post(kind.path, body)
            else:
                stored = api.put(f"{kind.path}{step.held['id']}/", body, tag_of(step.held))
        except UserError as error:
            raise _interrupted(error, step, made) from None
        ids[kind.key, document.name] = stored["id"]
        made.append((step, f"{kind.path}{stored['id']}/"))
        said(step)
    return made


def _interrupted(error: UserError, step: Step, made: Sequence[tuple[Step, str]]) -> UserError:
    document = step.document
    problems = [Problem(code="invalid", **one) for one in error.fields]
    told = [f"{one.place}: {one.message}" for one in map(document.finding, problems)] or [
        str(error)
    ]
    before = f"{plural(len(made), 'document')} before it applied" if made else "Nothing applied"
    return UserError(
        f"{capital(document.title)} was refused. {' '.join(told)} {before}; once this is "
        "mended, the same command does the rest.",
        code=error.code,
    )


def check_offline(documents: Sequence[FileDocument], datasets: dict[str, Dataset]) -> list[Finding]:
    """What can be said without a system; warnings are among it. Raises FilesError."""
    findings = [
        *check_together(documents),
        *check_with_data(documents, datasets),
        *(one.finding(problem) for one in documents for problem in one.warnings),
    ]
    refuse(findings)
    return findings


def refuse(findings: Sequence[Finding]) -> None:
    """Raises FilesError where there are errors among them."""
    if faults := [one for one in findings if one.level == "error"]:
        raise FilesError(faults)
