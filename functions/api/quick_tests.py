"""`/api/quick-tests/`: two configs, trained on a sample and measured."""

from __future__ import annotations

import hashlib
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Response, status
from pydantic import BaseModel, ConfigDict, SkipValidation, model_validator

from functions.api.etags import tagged
from functions.api.older_forms import quick_test_body
from functions.api.pages import DEFAULT_LIMIT, Limit, Page, PagesOf, PageToken
from functions.api.resource import ERRORS, EmailOf, OnceOf, PortsOf, add_list
from functions.api.rights import needs
from functions.api.runs import MarkedBy, Run, add_run
from shared import editing, services
from shared.documents.base import CodeArtifact, Collection, Description, Name
from shared.documents.estimate import Estimate
from shared.documents.full_training import FullTraining
from shared.documents.quick_test import QuickTest, QuickTestSpec, TestState
from shared.documents.test_summary import QuickTestSummary
from shared.errors import NotFoundError
from shared.jobs import Purpose
from shared.ports import Filter, Ports
from shared.problems import Problem
from shared.services.document_kind import find
from shared.services.inputs import launched_test
from shared.services.store import QUICK_TEST

router = APIRouter(prefix="/api/quick-tests", tags=["quick tests"], responses=ERRORS)


class QuickTestCreate(BaseModel):
    """`name` may be left out: it is then made of the two configs' names."""

    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name | None] = None
    description: SkipValidation[Description] = ""
    spec: SkipValidation[QuickTestSpec]

    @model_validator(mode="before")
    @classmethod
    def _of_any_age(cls, body: Any) -> Any:
        return quick_test_body(body)


class QuickTestTrial(BaseModel):
    model_config = ConfigDict(extra="forbid")

    spec: SkipValidation[QuickTestSpec]

    @model_validator(mode="before")
    @classmethod
    def _of_any_age(cls, body: Any) -> Any:
        return quick_test_body(body)


class QuickTestForecast(BaseModel):
    """Attributes:
    valid: whether there is no problem of level `error`.
    estimate: null where the test is not valid, or its dataset is still being profiled.
    segment_columns: of its dataset, those that results may be split by.
    tells_apart: which differences a sample of its size would show, by earlier tests on the data;
        null where there is none.
    """

    valid: bool
    problems: list[Problem]
    estimate: Estimate | None
    segment_columns: list[str]
    tells_apart: str | None


class QuickTestPage(Page[QuickTest]):
    pass


class QuickTestSummaryPage(Page[QuickTestSummary]):
    pass


class QuickTestCode(BaseModel):
    """The two modules that a test runs, with where they are stored."""

    preprocessing_code: str
    trainer_code: str
    preprocessing: CodeArtifact
    trainer: CodeArtifact


@router.post("/", status_code=status.HTTP_201_CREATED, response_model=QuickTest)
@needs("editor")
def create_quick_test(
    body: QuickTestCreate, response: Response, ports: PortsOf, email: EmailOf, once: OnceOf
) -> Any:
    """Starts a quick test."""
    name = body.name if body.name is not None else _name(ports, body.spec)
    made = editing.create(
        ports,
        Collection.QUICK_TESTS,
        name=name,
        description=body.description,
        spec=body.spec,
        created_by=email,
        once=once,
    )
    return tagged(response, made)


def _name(ports: Ports, spec: Any) -> str:
    """`Features × Model`, as far as the spec names configs that there are."""
    fields = spec if isinstance(spec, dict) else {}
    names = []
    for field, collection in (
        ("feature_config_id", Collection.FEATURE_CONFIGS),
        ("model_config_id", Collection.MODEL_CONFIGS),
    ):
        snapshot = find(collection, str(fields.get(field)), ports)
        name = snapshot.data.get("name") if snapshot else None
        names.append(name if isinstance(name, str) else "?")
    return f"{names[0][:120]} × {names[1][:120]}"


@router.post("/estimate/", response_model=QuickTestForecast)
@needs("viewer")
def estimate_quick_test(body: QuickTestTrial, ports: PortsOf) -> Any:
    """What is to be said of a test, how long it would take, and what it would cost; nothing is
    stored."""
    forecast = editing.forecast_quick_test(ports, body.spec)
    return QuickTestForecast(
        valid=forecast.valid,
        problems=forecast.problems,
        estimate=forecast.estimate,
        segment_columns=forecast.segment_columns,
        tells_apart=forecast.tells_apart,
    )


async def _listed(
    by_marks: MarkedBy,
    feature_config_id: Annotated[str | None, Query(description="Only tests of this one.")] = None,
    model_config_id: Annotated[str | None, Query(description="Only tests of this one.")] = None,
    state: Annotated[TestState | None, Query(description="Only tests in this state.")] = None,
    purpose: Annotated[Purpose | None, Query(description="Only tests run for this.")] = None,
    sweep_id: Annotated[str | None, Query(description="Only tests of this sweep.")] = None,
    tuning_id: Annotated[str | None, Query(description="Only tests of this tuning.")] = None,
) -> list[Filter]:
    wanted = {
        "spec.feature_config_id": feature_config_id,
        "spec.model_config_id": model_config_id,
        "spec.purpose": purpose,
        "spec.sweep_id": sweep_id,
        "spec.tuning_id": tuning_id,
        "status.state": state.value if state else None,
    }
    equal = [Filter(field, "==", value) for field, value in wanted.items() if value is not None]
    return [*by_marks, *equal]


add_list(router, Collection.QUICK_TESTS, "QuickTest", QuickTestPage, _listed)


@router.get(
    "/summaries/",
    summary="List the quick tests in short, latest change first",
    response_model=QuickTestSummaryPage,
)
@needs("viewer")
def list_quick_test_summaries(
    pages: PagesOf,
    where: Annotated[list[Filter], Depends(_listed)],
    limit: Limit = DEFAULT_LIMIT,
    page_token: PageToken = None,
) -> Any:
    """The list of quick tests with what lists show of each: configs, state, progress, metrics,
    verdict, marks. For many tests this takes a fraction of the time of the whole list."""
    return pages.summaries(where, limit, page_token)


add_run(
    router,
    Run(
        QUICK_TEST,
        "QuickTest",
        QuickTest,
        services.cancel_quick_test,
        cancelling="One that has ended stays as it is.",
        deleting="One that has ended, with its model, its files, its job and its run in MLflow.",
    ),
)


@router.post(
    "/{quick_test_id}/full-training/",
    status_code=status.HTTP_201_CREATED,
    response_model=QuickTest,
)
@needs("editor")
def start_full_training(
    quick_test_id: str,
    body: FullTraining,
    response: Response,
    ports: PortsOf,
    email: EmailOf,
    once: OnceOf,
) -> Any:
    """Trains the configs of a completed quick test on all data and keeps the model.

    The feature config is promoted when it has completed.
    """
    changes = {name: getattr(body, name) for name in FullTraining.model_fields}
    made = editing.train_in_full(ports, quick_test_id, created_by=email, once=once, **changes)
    return tagged(response, made)


@router.get("/{quick_test_id}/generated-code/", response_model=QuickTestCode)
@needs("viewer")
def get_quick_test_code(quick_test_id: str, ports: PortsOf) -> Any:
    code = launched_test(quick_test_id, ports).status.code
    if code is None:
        raise NotFoundError("generated code of quick test", quick_test_id, "yet")
    return QuickTestCode(
        preprocessing_code=_source(code.preprocessing, ports),
        trainer_code=_source(code.trainer, ports),
        preprocessing=code.preprocessing,
        trainer=code.trainer,
    )


def _source(artifact: CodeArtifact, ports: Ports) -> str:
    """A module as it was generated. Raises NotFoundError where it is gone, or is another by now."""
    content = ports.artifacts.read(artifact.uri)
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise NotFoundError("module any more as it was generated", detail=": it has been changed")
    return content.decode()
