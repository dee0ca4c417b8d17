"""`/api/quick-tests/`: two configs, trained on a sample and measured."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Depends, Query, Response, status
from fastapi.sse import EventSourceResponse, ServerSentEvent
from pydantic import BaseModel, ConfigDict, SkipValidation, model_validator

from functions.api import stream
from functions.api.older_forms import quick_test_body
from functions.api.resource import ERRORS, EmailOf, Limit, Page, PageToken, PortsOf, tagged
from functions.api.resource import page as page_of
from shared import editing, handlers
from shared.documents.base import CodeArtifact, Collection, Description, Name
from shared.documents.quick_test import Estimate, QuickTest, QuickTestSpec, TestState
from shared.handlers.store import QUICK_TEST, find
from shared.jobs import Purpose
from shared.ports import Filter, NotFound, Ports
from shared.problems import Problem

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
    """

    valid: bool
    problems: list[Problem]
    estimate: Estimate | None


class FullTraining(BaseModel):
    """What differs from the quick test; null leaves its value.

    Attributes:
        name: by default the quick test's, with "(full training)".
    """

    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name | None] = None
    epochs: SkipValidation[int] = 20
    early_stopping_patience: SkipValidation[int | None] = 2
    data_sample_percent: SkipValidation[float] = 100.0
    batch_size_override: SkipValidation[int | None] = None
    learning_rate_override: SkipValidation[float | None] = None
    training_seed: SkipValidation[int | None] = None
    runner: SkipValidation[Literal["direct", "tfx"] | None] = None


class QuickTestPage(Page[QuickTest]):
    pass


class QuickTestCode(BaseModel):
    """The two modules that a test runs, with where they are stored."""

    preprocessing_code: str
    trainer_code: str
    preprocessing: CodeArtifact
    trainer: CodeArtifact


@router.post("/", status_code=status.HTTP_201_CREATED, response_model=QuickTest)
def create_quick_test(
    body: QuickTestCreate, response: Response, ports: PortsOf, email: EmailOf
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
def estimate_quick_test(body: QuickTestTrial, ports: PortsOf) -> Any:
    """What is to be said of a test, how long it would take, and what it would cost; nothing is
    stored."""
    forecast = editing.forecast_quick_test(ports, body.spec)
    return QuickTestForecast(
        valid=forecast.valid, problems=forecast.problems, estimate=forecast.estimate
    )


@router.get("/", response_model=QuickTestPage)
def list_quick_tests(
    ports: PortsOf,
    limit: Limit = 50,
    page_token: PageToken = None,
    feature_config_id: Annotated[str | None, Query(description="Only tests of this one.")] = None,
    model_config_id: Annotated[str | None, Query(description="Only tests of this one.")] = None,
    state: Annotated[TestState | None, Query(description="Only tests in this state.")] = None,
    purpose: Annotated[Purpose | None, Query(description="Only tests run for this.")] = None,
    sweep_id: Annotated[str | None, Query(description="Only tests of this sweep.")] = None,
) -> Any:
    wanted = {
        "spec.feature_config_id": feature_config_id,
        "spec.model_config_id": model_config_id,
        "spec.purpose": purpose,
        "spec.sweep_id": sweep_id,
        "status.state": state.value if state else None,
    }
    where = [Filter(field, "==", value) for field, value in wanted.items() if value is not None]
    return page_of(ports, Collection.QUICK_TESTS, where, limit, page_token)


@router.get("/{quick_test_id}/", response_model=QuickTest)
def get_quick_test(quick_test_id: str, response: Response, ports: PortsOf) -> Any:
    return tagged(response, editing.get(ports, Collection.QUICK_TESTS, quick_test_id))


@router.post("/{quick_test_id}/cancel/", response_model=QuickTest)
def cancel_quick_test(quick_test_id: str, ports: PortsOf) -> Any:
    """Cancels a test; one that has ended stays as it is."""
    handlers.cancel_quick_test(quick_test_id, ports)
    return editing.get(ports, Collection.QUICK_TESTS, quick_test_id)


@router.post(
    "/{quick_test_id}/full-training/",
    status_code=status.HTTP_201_CREATED,
    response_model=QuickTest,
)
def start_full_training(
    quick_test_id: str, body: FullTraining, response: Response, ports: PortsOf
) -> Any:
    """Trains the configs of a completed quick test on all data and keeps the model.

    The feature config is promoted when it has completed.
    """
    changes = {name: getattr(body, name) for name in FullTraining.model_fields}
    return tagged(response, editing.train_in_full(ports, quick_test_id, **changes))


@router.get("/{quick_test_id}/generated-code/", response_model=QuickTestCode)
def get_quick_test_code(quick_test_id: str, ports: PortsOf) -> Any:
    code = QUICK_TEST.load(quick_test_id, ports).status.code
    if code is None:
        raise NotFound(f"generated code of quick test {quick_test_id!r} yet")
    return QuickTestCode(
        preprocessing_code=_source(code.preprocessing, ports),
        trainer_code=_source(code.trainer, ports),
        preprocessing=code.preprocessing,
        trainer=code.trainer,
    )


def _source(artifact: CodeArtifact, ports: Ports) -> str:
    """A module as it was generated. Raises NotFound where it is gone, or is another by now."""
    content = ports.artifacts.read(artifact.uri)
    if hashlib.sha256(content).hexdigest() != artifact.sha256:
        raise NotFound(f"module {artifact.uri} any more as it was generated: it has been changed")
    return content.decode()


def _existing(quick_test_id: str, ports: PortsOf) -> str:
    QUICK_TEST.load(quick_test_id, ports)
    return quick_test_id


@router.get(
    "/{quick_test_id}/events/",
    response_class=EventSourceResponse,
    responses=stream.responses("QuickTest"),
)
async def stream_quick_test_events(
    existing_id: Annotated[str, Depends(_existing)],
    ports: PortsOf,
    last_event_id: stream.LastEventId = None,
) -> AsyncIterator[ServerSentEvent]:
    """The test's document now, and again whenever it changes, until the test has ended.

    An event's id is the document's version; after a broken connection, `Last-Event-ID` goes on
    from there.
    """
    async for event in stream.until_ended(QUICK_TEST, existing_id, ports, last_event_id):
        yield event
