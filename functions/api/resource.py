"""What all resources have in common: bodies, pages, revisions, and create/list/get/put/delete.

No `from __future__ import annotations` here: FastAPI reads the annotations of functions whose
types are arguments of `add_crud`.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, Header, Query, Request, Response, status
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.errors import ErrorResponse
from shared import editing
from shared.documents.base import Collection, Description, Document, Name
from shared.ports import Filter, Ports
from shared.problems import Invalid, Problem

SpecT = TypeVar("SpecT")
DocumentT = TypeVar("DocumentT")

ERRORS: dict[int | str, dict[str, Any]] = {
    422: {"model": ErrorResponse, "description": "What is wrong with which field"},
    "4XX": {"model": ErrorResponse, "description": "The request cannot be met"},
    "5XX": {"model": ErrorResponse, "description": "Try again later (503), or see the log (500)"},
}
# FastAPI takes every answer of an endpoint for what its success is; errors are JSON everywhere.
_JSON_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/ErrorResponse"}}}
JSON_ERRORS: dict[int | str, dict[str, Any]] = {
    status: {"description": error["description"], "content": _JSON_ERROR}
    for status, error in ERRORS.items()
}
_DEFAULT_LIMIT = 50


class Write(BaseModel, Generic[SpecT]):
    """A document as users write it. The fields are judged by `shared.editing`, in one go, so that
    one answer names everything that is wrong."""

    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name]
    description: SkipValidation[Description] = ""
    spec: SkipValidation[SpecT]


class Clone(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name | None] = None


class Page(BaseModel, Generic[DocumentT]):
    """Some documents, latest change first.

    Attributes:
        unreadable: ids of stored documents that are none, with the reasons.
        next_page_token: for the page after this one; null on the last.
    """

    items: list[DocumentT]
    unreadable: dict[str, list[Problem]] = {}
    next_page_token: str | None


class Version(BaseModel):
    """What a revision of a document said."""

    revision: int
    name: Any
    description: Any
    spec: Any
    created_at: Any


# Dependencies that wait for nothing are coroutines: FastAPI sends others to a thread, each.
async def ports_of(request: Request) -> Ports:
    ports: Ports = request.app.state.ports
    return ports


async def email_of(request: Request) -> str | None:
    """Who calls; None where nobody need be known."""
    caller = getattr(request.state, "caller", None)
    return caller.email if caller else None


PortsOf = Annotated[Ports, Depends(ports_of)]
EmailOf = Annotated[str | None, Depends(email_of)]
Limit = Annotated[int, Query(description="How many documents a page holds, 1 to 200.")]
PageToken = Annotated[str | None, Query(description="`next_page_token` of the page before.")]
_IF_MATCH = "The revision that is to be replaced; 409 if it is no longer the current one."


async def _revision(
    if_match: Annotated[str | None, Header(alias="If-Match", description=_IF_MATCH)] = None,
) -> int | None:
    if if_match is None or if_match.strip() == "*":
        return None
    found = re.fullmatch(r'(?:W/)?"?([0-9]{1,18})"?', if_match.strip())
    if found is None:
        raise Invalid(
            [
                Problem(
                    path="If-Match",
                    code="no_revision",
                    message='If-Match takes one revision, such as "3".',
                    received=if_match,
                )
            ]
        )
    return int(found[1])


Revision = Annotated[int | None, Depends(_revision)]


def tagged(response: Response, document: Any) -> Any:
    """The document, its revision as the response's ETag."""
    response.headers["ETag"] = f'"{document.revision}"'
    return document


def page(
    ports: Ports,
    collection: Collection,
    where: Sequence[Filter],
    limit: int,
    page_token: str | None,
) -> dict[str, Any]:
    found = editing.list_page(ports, collection, where, limit=limit, page_token=page_token)
    return {
        "items": found.documents,
        "unreadable": found.unreadable,
        "next_page_token": found.next_page_token,
    }


async def everything() -> list[Filter]:
    return []


def add_crud(
    router: APIRouter,
    collection: Collection,
    name: str,
    document: type[Document[Any, Any]],
    write: type[BaseModel],
    pages: type[BaseModel],
    listed: Callable[..., Awaitable[list[Filter]]] = everything,
) -> None:
    """Adds create, list, get, replace and delete.

    Args:
        name: the resource's in operation ids.
        listed: a dependency that says, by query parameters, which documents a list shows.
    """
    noun = _noun(name)

    @router.post(
        "/",
        operation_id=f"create{name}",
        summary=f"Create a {noun}",
        status_code=status.HTTP_201_CREATED,
        response_model=document,
    )
    def create(
        body: write,  # type: ignore[valid-type]
        response: Response,
        ports: PortsOf,
        email: EmailOf,
    ) -> Any:
        made = editing.create(ports, collection, created_by=email, **_fields(body))
        return tagged(response, made)

    @router.get("/", operation_id=f"list{name}s", summary=f"List the {noun}s", response_model=pages)
    def list_all(
        ports: PortsOf,
        where: Annotated[list[Filter], Depends(listed)],
        limit: Limit = _DEFAULT_LIMIT,
        page_token: PageToken = None,
    ) -> Any:
        return page(ports, collection, where, limit, page_token)

    @router.get(
        "/{document_id}/",
        operation_id=f"get{name}",
        summary=f"Get a {noun}",
        response_model=document,
    )
    def get(document_id: str, response: Response, ports: PortsOf) -> Any:
        return tagged(response, editing.get(ports, collection, document_id))

    @router.put(
        "/{document_id}/",
        operation_id=f"update{name}",
        summary=f"Replace a {noun}",
        response_model=document,
    )
    def update(
        document_id: str,
        body: write,  # type: ignore[valid-type]
        response: Response,
        ports: PortsOf,
        revision: Revision,
    ) -> Any:
        return tagged(
            response,
            editing.update(
                ports, collection, document_id, expected_revision=revision, **_fields(body)
            ),
        )

    @router.delete(
        "/{document_id}/",
        operation_id=f"delete{name}",
        summary=f"Delete a {noun}",
        status_code=status.HTTP_204_NO_CONTENT,
    )
    def delete(document_id: str, ports: PortsOf, revision: Revision) -> None:
        editing.delete(ports, collection, document_id, expected_revision=revision)


def add_clone(
    router: APIRouter, collection: Collection, name: str, document: type[Document[Any, Any]]
) -> None:
    @router.post(
        "/{document_id}/clone/",
        operation_id=f"clone{name}",
        summary=f"Clone a {_noun(name)}",
        status_code=status.HTTP_201_CREATED,
        response_model=document,
    )
    def clone(
        document_id: str,
        response: Response,
        ports: PortsOf,
        email: EmailOf,
        body: Clone | None = None,
    ) -> Any:
        new_name = body.name if body else None
        made = editing.clone(ports, collection, document_id, name=new_name, created_by=email)
        return tagged(response, made)


def add_versions(router: APIRouter, collection: Collection, name: str) -> None:
    @router.get(
        "/{document_id}/versions/",
        operation_id=f"list{name}Versions",
        summary=f"List the versions of a {_noun(name)}",
        response_model=list[Version],
    )
    def versions(document_id: str, ports: PortsOf) -> Any:
        """Every revision that there was, latest first."""
        editing.get(ports, collection, document_id)
        found = ports.documents.query(f"{collection.path(document_id)}/versions")
        made = [Version(revision=int(snapshot.id), **snapshot.data) for snapshot in found]
        return sorted(made, key=lambda version: -version.revision)


def _noun(name: str) -> str:
    """`FeatureConfig` → `feature config`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _fields(body: BaseModel) -> dict[str, Any]:
    """The body's fields as they were sent."""
    return {field: getattr(body, field) for field in type(body).model_fields}
