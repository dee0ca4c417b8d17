"""`/api/as-code/`: documents in files, planned and applied."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from functions.api.errors import json_safe
from functions.api.resource import ERRORS, EmailOf, PortsOf
from functions.api.rights import needs
from shared.as_code import applying
from shared.as_code.drafts import text_of_draft
from shared.as_code.planning import Step
from shared.as_code.reading import FilesError, Finding
from shared.as_code.walking import MOST_FILES, File

router = APIRouter(prefix="/api/as-code", tags=["as code"], responses=ERRORS)
Action = Literal["create", "update", "mark", "unchanged"]


class SentFile(BaseModel):
    """A file of YAML or JSON.

    Attributes:
        path: what it is called in findings.
        owner: its path within its repository, by which its documents are marked; "" for no mark.
        folder: that relative paths of data in it start from; "" leaves them as they are.
    """

    model_config = ConfigDict(extra="forbid")

    path: Annotated[str, Field(min_length=1, max_length=4096)]
    text: str
    owner: Annotated[str, Field(max_length=1000)] = ""
    folder: Annotated[str, Field(max_length=4096)] = ""

    def read(self) -> File:
        return File(self.path, self.owner, self.folder, self.text.encode())


class FilesToPlan(BaseModel):
    """Attributes:
    judge: by all that the system knows of the data, as creating them would; else only what differs
        is told.
    """

    model_config = ConfigDict(extra="forbid")

    files: Annotated[list[SentFile], Field(max_length=MOST_FILES)]
    judge: bool = True


class SeenStep(BaseModel):
    """A step of a plan, by its `known_by`."""

    model_config = ConfigDict(extra="forbid")

    kind: str
    name: str
    known_by: str


class FilesToApply(BaseModel):
    """Attributes:
    files: as they were planned.
    steps: all of the plan's.
    """

    model_config = ConfigDict(extra="forbid")

    files: Annotated[list[SentFile], Field(max_length=MOST_FILES)]
    steps: list[SeenStep]


class FileFinding(BaseModel):
    """What is to be said of a place in a file; lines and columns count from 1. `path` is the field
    within its document."""

    file: str
    line: int
    column: int
    path: str
    message: str
    received: Any = None
    level: Literal["error", "warning"]


class FieldChange(BaseModel):
    """`was` and `now` are null where a field is missing."""

    path: str
    was: Any
    now: Any


class FileStep(BaseModel):
    """What becomes of one document.

    Attributes:
        id: of the stored document; null where it is to be created.
        action: `mark` where only the file that keeps it differs.
        note: what writing it leads to, in words, such as that a sweep starts.
        known_by: what this step is known by when the plan is carried out.
    """

    kind: str
    name: str
    id: str | None
    file: str
    line: int
    column: int
    action: Action
    note: str
    changes: list[FieldChange]
    known_by: str


class FilePlan(BaseModel):
    """Attributes:
    valid: whether there is no finding of level `error`; otherwise there are no steps.
    """

    valid: bool
    findings: list[FileFinding]
    steps: list[FileStep] = []


class AppliedDocument(BaseModel):
    kind: str
    name: str
    id: str
    action: Action


class AppliedFiles(BaseModel):
    """Attributes:
    complete: whether all that was due was written.
    documents: that were written, in their order.
    findings: why those after them were not; the same request of a new plan does the rest.
    """

    complete: bool
    documents: list[AppliedDocument]
    findings: list[FileFinding] = []


class DraftOfFile(BaseModel):
    """A document as it is edited, stored or not.

    Attributes:
        kind: `dataset`, `feature_config`, `model_config`, `rule_set`, `schedule`, `sweep` or
            `tuning`.
        spec: with ids, as the kind's own resource has it.
    """

    model_config = ConfigDict(extra="forbid")

    kind: str
    name: Any
    description: Any = ""
    spec: Any


class TextOfFile(BaseModel):
    """Attributes:
    text: YAML of one document, as an export writes it.
    """

    text: str


@router.post("/render/", response_model=TextOfFile)
@needs("viewer")
def render_file(body: DraftOfFile, ports: PortsOf) -> Any:
    """A document as the file that would keep it; nothing is stored."""
    made = text_of_draft(ports, body.kind, body.name, body.description, body.spec)
    return TextOfFile(text=made)


@router.post("/plan/", response_model=FilePlan)
@needs("viewer")
def plan_files(body: FilesToPlan, ports: PortsOf) -> Any:
    """What would have to be written so that the system holds what files say; nothing is stored."""
    try:
        plan, findings = applying.plan_files(
            ports, [one.read() for one in body.files], judge=body.judge
        )
    except FilesError as error:
        return FilePlan(valid=False, findings=[_finding(one) for one in error.findings])
    steps = [_step(one) for one in plan.steps]
    return FilePlan(valid=True, findings=[_finding(one) for one in findings], steps=steps)


@router.post("/apply/", response_model=AppliedFiles)
@needs("editor")
def apply_files(body: FilesToApply, ports: PortsOf, email: EmailOf) -> Any:
    """Carries a plan out: creates and changes documents, deletes none.

    Documents are written one after another, each whole or not at all. 409 `stale_plan` where one
    has changed since the plan was made; then none is written.
    """
    files = [one.read() for one in body.files]
    seen = {(one.kind, one.name): one.known_by for one in body.steps}
    try:
        applied = applying.apply_files(ports, files, seen, email)
    except FilesError as error:
        findings = [_finding(one) for one in error.findings]
        return AppliedFiles(complete=False, documents=[], findings=findings)
    documents = [
        AppliedDocument(
            kind=step.document.kind.key, name=step.document.name, id=of, action=step.action
        )
        for step, of in applied.steps
    ]
    findings = [_finding(one) for one in applied.findings]
    return AppliedFiles(complete=not findings, documents=documents, findings=findings)


def _finding(one: Finding) -> FileFinding:
    return FileFinding(
        file=one.place.file,
        line=one.place.line,
        column=one.place.column,
        path=one.path,
        message=one.message,
        received=json_safe(one.received),
        level="warning" if one.level == "warning" else "error",
    )


def _step(step: Step) -> FileStep:
    document = step.document
    return FileStep(
        kind=document.kind.key,
        name=document.name,
        id=step.held["id"] if step.held else None,
        file=document.place.file,
        line=document.place.line,
        column=document.place.column,
        action=step.action,
        note=step.note,
        changes=[FieldChange(path=one.path, was=one.was, now=one.now) for one in step.changes],
        known_by=step.known_by,
    )
