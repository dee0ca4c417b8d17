"""`/api/registered-models/`: full trainings under one name, and which of them is in use."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field, SkipValidation

from functions.api.pages import Page
from functions.api.resource import ERRORS, JSON_ERRORS, EmailOf, PortsOf, add_get, add_list
from functions.api.rights import needs
from shared import editing
from shared.comparing.model_card import model_card
from shared.documents.base import Collection
from shared.documents.registered_model import (
    PromotionVerdict,
    RegisteredModel,
    RegisteredVersion,
)
from shared.errors import NotFoundError
from shared.services.registering import list_versions, read_version

router = APIRouter(prefix="/api/registered-models", tags=["registered models"], responses=ERRORS)


_MARKDOWN = "text/markdown"


class RegisteredModelPage(Page[RegisteredModel]):
    pass


class RegisteredVersions(BaseModel):
    """All versions of a model, latest first."""

    items: list[RegisteredVersion]


class PromotionWrite(BaseModel):
    """Attributes:
    reason: for the audit list; needed where the version is worse than the one in production, or
        cannot be compared with it.
    """

    model_config = ConfigDict(extra="forbid")

    version: SkipValidation[int] = Field(ge=1)
    reason: SkipValidation[str | None] = Field(default=None, min_length=1, max_length=2000)


class RollbackWrite(BaseModel):
    model_config = ConfigDict(extra="forbid")

    reason: SkipValidation[str | None] = Field(default=None, min_length=1, max_length=2000)


class PromotedModel(BaseModel):
    """Attributes:
    model: with the wish in its spec; `status.aliases` follows within moments, once
        `status.validation.revision` is the model's.
    verdict: what the version is beside the one in production.
    """

    model: RegisteredModel
    verdict: PromotionVerdict


add_list(router, Collection.REGISTERED_MODELS, "RegisteredModel", RegisteredModelPage)
add_get(router, Collection.REGISTERED_MODELS, "RegisteredModel", RegisteredModel)


@router.get(
    "/{model_id}/versions/",
    operation_id="listRegisteredVersions",
    response_model=RegisteredVersions,
)
@needs("viewer")
def versions(model_id: str, ports: PortsOf) -> Any:
    """The full trainings of a model, latest first."""
    editing.get(ports, Collection.REGISTERED_MODELS, model_id)
    return RegisteredVersions(items=list(list_versions(model_id, ports)))


@router.get(
    "/{model_id}/versions/{version}/card/",
    operation_id="getModelCard",
    response_class=Response,
    responses={200: {"description": "Markdown", "content": {_MARKDOWN: {}}}, **JSON_ERRORS},
)
@needs("viewer")
def card(model_id: str, version: int, ports: PortsOf) -> Any:
    """A version's model card: what it was trained on, what it is good and bad at, what it cost."""
    model = editing.get(ports, Collection.REGISTERED_MODELS, model_id)
    found = read_version(model_id, version, ports)
    if found is None or not isinstance(model, RegisteredModel):
        raise NotFoundError("version", str(version), f"of {model.name!r}")
    return Response(model_card(model, found, ports), media_type=_MARKDOWN)


@router.post("/{model_id}/promote/", operation_id="promoteModel", response_model=PromotedModel)
@needs("editor")
def promote(model_id: str, body: PromotionWrite, ports: PortsOf, email: EmailOf) -> Any:
    """Brings a version into production.

    One that is clearly worse than the version in production, on the same held-out rows, or that
    cannot be compared with it, needs a reason (422 on `spec.production.reason`).
    """
    made = editing.promote(ports, model_id, body.version, body.reason, changed_by=email)
    return PromotedModel(model=made.model, verdict=made.verdict)


@router.post("/{model_id}/rollback/", operation_id="rollBackModel", response_model=PromotedModel)
@needs("editor")
def roll_back(model_id: str, body: RollbackWrite, ports: PortsOf, email: EmailOf) -> Any:
    """Brings the version back that was in production before, which needs no reason."""
    made = editing.roll_back(ports, model_id, body.reason, changed_by=email)
    return PromotedModel(model=made.model, verdict=made.verdict)
