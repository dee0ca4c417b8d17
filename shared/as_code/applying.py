"""What files say and what a system holds: looked at together, judged, and written."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from shared import editing
from shared.as_code.documents import FileDocument
from shared.as_code.files import documents_of
from shared.as_code.kinds import BY_COLLECTION
from shared.as_code.known_data import check_with_data
from shared.as_code.planning import Holdings, Plan, Step, planned, references_settled
from shared.as_code.reading import Finding, refuse
from shared.as_code.walking import File
from shared.documents.base import Collection
from shared.documents.dataset import Dataset, DatasetSpec, DatasetStatus
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.problems import InvalidError, errors
from shared.rules.dataset import check_dataset
from shared.services.looking import columns_of

_PAGE = 200
_INSPECTED = "unsaved"


@dataclass
class Applied:
    """Steps that were carried out, each with its document's id, and what stopped the rest."""

    steps: list[tuple[Step, str]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)


class StalePlanError(Exception):
    """Documents are no longer as a plan found them, or files as it read them; none was written."""

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__(
            f"Changed since the plan was made: {', '.join(titles)}. Nothing was applied. "
            "Look at the difference and apply again."
        )


def holdings_of(ports: Ports) -> Holdings:
    """All documents that files could be of, or name."""
    return Holdings(
        {kind.key: list(_held(ports, kind.collection)) for kind in BY_COLLECTION.values()}
    )


def _held(ports: Ports, collection: Collection) -> Iterator[dict[str, Any]]:
    token: str | None = ""
    seen = set()
    while token is not None:
        page = editing.list_page(ports, collection, limit=_PAGE, page_token=token or None)
        for one in page.documents:
            if one.id not in seen:  # else it has changed meanwhile, and comes again
                seen.add(one.id)
                yield {"id": one.id, **one.data()}
        token = page.next_page_token


def plan_files(ports: Ports, files: Iterable[File], *, judge: bool) -> tuple[Plan, list[Finding]]:
    """What has to be written so that a system holds what files say, and warnings; nothing is
    stored.

    Args:
        judge: by all that the system knows of the data, too.

    Raises:
        FilesError: everything that is wrong.
    """
    holdings = holdings_of(ports)
    plan = planned(documents_of(files), holdings)
    return plan, _judged(ports, plan, holdings) if judge else []


def apply_files(
    ports: Ports, files: Iterable[File], seen: Mapping[tuple[str, str], str], by: str | None
) -> Applied:
    """Writes what is due, each document whole or not at all.

    Args:
        seen: what the steps of a plan were known by, by kind and name.
        by: who is named for it.

    Raises:
        FilesError: something is wrong by now; none was written.
        StalePlanError: the plan would be another one now.
    """
    holdings = holdings_of(ports)
    plan = planned(documents_of(files), holdings)
    now = {(step.document.kind.key, step.document.name): step for step in plan.steps}
    moved = [now[key].document.title for key in now if now[key].known_by != seen.get(key)]
    moved += [
        f"{kind.replace('_', ' ')} {name!r}" for kind, name in seen if (kind, name) not in now
    ]
    if moved:
        raise StalePlanError(moved)
    _judged(ports, plan, holdings)
    ids, applied = holdings.ids(), Applied()
    for step in plan.due:
        document = step.document
        try:
            document_id = _write(ports, step, ids, by)
        except InvalidError as invalid:
            applied.findings = [document.finding(one) for one in errors(invalid.problems)]
            break
        except (editing.StaleError, editing.LockedError, NotFoundError) as error:
            applied.findings = [Finding(document.place, str(error), "name", document.name)]
            break
        ids[document.kind.key, document.name] = document_id
        applied.steps.append((step, document_id))
    return applied


def _write(ports: Ports, step: Step, ids: dict[tuple[str, str], str], by: str | None) -> str:
    """Returns the document's id. Raises what `editing` raises."""
    document, collection = step.document, step.document.kind.collection
    body = document.body(ids)
    if document.owner:
        body["managed_by"] = {"path": document.owner}
    if step.held is None:
        return str(editing.create(ports, collection, created_by=by, **body).id)
    words = editing.words_of(step.held["name"], step.held["description"])
    seen = editing.Seen(step.held["revision"], words)
    found = editing.update(ports, collection, step.held["id"], seen=seen, changed_by=by, **body)
    return str(found.id)


def _judged(ports: Ports, plan: Plan, holdings: Holdings) -> list[Finding]:
    """What the system says of what is to be written, with what it knows of the data: warnings.

    What names a document that is yet to be written is judged by the columns of its data.

    Raises FilesError.
    """
    findings: list[Finding] = []
    ids, coming = holdings.ids(), dict[str, Dataset]()
    unsettled: list[FileDocument] = []
    for step in plan.differing:
        document = step.document
        if document.kind.collection is Collection.DATASETS:
            coming |= _looked_at(ports, document, findings)
        elif references_settled(document, plan, holdings):
            held = step.held["id"] if step.held and not document.kind.runs else None
            spec = document.body(ids)["spec"]
            trial = editing.try_out(ports, document.kind.collection, spec, held)
            findings += [document.finding(one) for one in trial.problems]
        else:
            unsettled.append(document)
            findings += [document.finding(one) for one in document.warnings]
    findings += check_with_data(unsettled, coming)
    refuse(findings)
    return findings


def _looked_at(ports: Ports, document: FileDocument, findings: list[Finding]) -> dict[str, Dataset]:
    """A dataset that is to be written, with the columns of its source."""
    spec = DatasetSpec.model_validate(document.spec)
    try:
        columns = columns_of(spec, spec.column_mapping, ports)
    except InvalidError as invalid:
        findings += [document.finding(one) for one in invalid.problems]
        return {}
    findings += [document.finding(one) for one in check_dataset(spec, columns)]
    status = DatasetStatus(columns=columns)
    return {document.name: Dataset(id=_INSPECTED, name=document.name, spec=spec, status=status)}
