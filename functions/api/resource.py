"""What all resources have in common: bodies, pages, revisions, and create/list/get/put/delete.

No `from __future__ import annotations` here: FastAPI reads the annotations of functions whose
types are arguments of `add_crud`.
"""

import hashlib
import json
import re
from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Generic, TypeVar

from fastapi import APIRouter, Depends, Header, Request, Response, status
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.errors import ErrorResponse
from functions.api.etags import Revision, tagged
from functions.api.pages import DEFAULT_LIMIT, Limit, PagesOf, PageToken
from functions.api.rights import needs
from shared import editing
from shared.documents.base import Collection, Description, Document, ManagedBy, Name
from shared.ports import Filter, Ports
from shared.problems import InvalidError, Problem

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


class Write(BaseModel, Generic[SpecT]):
    """A document as users write it. The fields are judged by `shared.editing`, in one go, so that
    one answer names everything that is wrong. Where `managed_by` is left out, it stays."""

    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name]
    description: SkipValidation[Description] = ""
    spec: SkipValidation[SpecT]
    managed_by: SkipValidation[ManagedBy | None] = None


class Clone(BaseModel):
    model_config = ConfigDict(extra="forbid")

    name: SkipValidation[Name | None] = None


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
_KEY = (
    "A name of your own for what this request creates, such as a UUID. Sent again within a day "
    "with the same body, the request creates nothing more and is answered as the first time; "
    "with another body, it is refused (422)."
)


async def _sent(request: Request) -> bytes:
    return await request.body()


def _asked(request: Request, sent: bytes) -> str:
    """A fingerprint of what is asked: the order of the body's fields does not matter."""
    try:
        body = json.dumps(json.loads(sent), sort_keys=True) if sent else ""
    except ValueError:  # refused by whoever reads it
        body = sent.hex()
    asked = json.dumps([request.method, request.scope["path"], body])
    return hashlib.sha256(asked.encode()).hexdigest()


def _once(
    request: Request,
    ports: PortsOf,
    email: EmailOf,
    sent: Annotated[bytes, Depends(_sent)],
    key: Annotated[str | None, Header(alias="Idempotency-Key", description=_KEY)] = None,
) -> editing.Once | None:
    """Raises RepeatedRequestError, KeyReusedError where the key has come before."""
    if key is None:
        return None
    found = re.fullmatch(r'"?([!#-~]{1,255})"?', key.strip())
    if found is None:
        raise InvalidError(
            [
                Problem(
                    path="Idempotency-Key",
                    code="no_key",
                    message="An Idempotency-Key has 1 to 255 visible ASCII characters, such as a "
                    "UUID.",
                    received=key,
                )
            ]
        )
    once = editing.Once(found[1], email, _asked(request, sent))
    editing.refuse_repeated(once, ports)
    return once


OnceOf = Annotated[editing.Once | None, Depends(_once)]


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
    add_create(router, collection, name, document, write, f"Create a {noun_of(name)}")
    add_list(router, collection, name, pages, listed)
    add_get(router, collection, name, document)

    @router.put(
        "/{document_id}/",
        operation_id=f"update{name}",
        summary=f"Replace a {noun_of(name)}",
        response_model=document,
    )
    @needs("editor")
    def update(
        document_id: str,
        body: write,  # type: ignore[valid-type]
        response: Response,
        ports: PortsOf,
        revision: Revision,
        email: EmailOf,
    ) -> Any:
        return tagged(
            response,
            editing.update(
                ports, collection, document_id, seen=revision, changed_by=email, **_fields(body)
            ),
        )

    add_delete(router, collection, name)


def add_create(
    router: APIRouter,
    collection: Collection,
    name: str,
    document: type[Document[Any, Any]],
    write: type[BaseModel],
    summary: str,
) -> None:
    @router.post(
        "/",
        operation_id=f"create{name}",
        summary=summary,
        status_code=status.HTTP_201_CREATED,
        response_model=document,
    )
    @needs("editor")
    def create(
        body: write,  # type: ignore[valid-type]
        response: Response,
        ports: PortsOf,
        email: EmailOf,
        once: OnceOf,
    ) -> Any:
        made = editing.create(ports, collection, created_by=email, once=once, **_fields(body))
        return tagged(response, made)


def add_list(
    router: APIRouter,
    collection: Collection,
    name: str,
    pages: type[BaseModel],
    listed: Callable[..., Awaitable[list[Filter]]] = everything,
) -> None:
    @router.get(
        "/",
        operation_id=f"list{name}s",
        summary=f"List the {noun_of(name)}s, latest change first",
        response_model=pages,
    )
    @needs("viewer")
    def list_all(
        pages: PagesOf,
        where: Annotated[list[Filter], Depends(listed)],
        limit: Limit = DEFAULT_LIMIT,
        page_token: PageToken = None,
    ) -> Any:
        return pages.page(collection, where, limit, page_token)


def add_get(
    router: APIRouter,
    collection: Collection,
    name: str,
    document: type[Document[Any, Any]],
    description: str = "",
) -> None:
    @router.get(
        "/{document_id}/",
        operation_id=f"get{name}",
        summary=f"Get a {noun_of(name)}",
        description=description,
        response_model=document,
    )
    @needs("viewer")
    def get(document_id: str, response: Response, ports: PortsOf) -> Any:
        return tagged(response, editing.get(ports, collection, document_id))


def add_delete(router: APIRouter, collection: Collection, name: str, description: str = "") -> None:
    """Adds the deletion, and what it would meet."""

    @router.delete(
        "/{document_id}/",
        operation_id=f"delete{name}",
        summary=f"Delete a {noun_of(name)}",
        description=description,
        status_code=status.HTTP_204_NO_CONTENT,
    )
    @needs("admin")
    def delete(document_id: str, ports: PortsOf, revision: Revision) -> None:
        editing.delete(ports, collection, document_id, seen=revision)

    @router.get(
        "/{document_id}/usage/",
        operation_id=f"get{name}Usage",
        summary=f"Say whether a {noun_of(name)} could be deleted, and what uses it",
        response_model=editing.Usage,
    )
    @needs("viewer")
    def usage(document_id: str, ports: PortsOf) -> Any:
        """What a deletion would meet; nothing is deleted."""
        return editing.usage(ports, collection, document_id)


def add_clone(
    router: APIRouter, collection: Collection, name: str, document: type[Document[Any, Any]]
) -> None:
    @router.post(
        "/{document_id}/clone/",
        operation_id=f"clone{name}",
        summary=f"Clone a {noun_of(name)}",
        status_code=status.HTTP_201_CREATED,
        response_model=document,
    )
    @needs("editor")
    def clone(
        document_id: str,
        response: Response,
        ports: PortsOf,
        email: EmailOf,
        once: OnceOf,
        body: Clone | None = None,
    ) -> Any:
        new_name = body.name if body else None
        made = editing.clone(
            ports, collection, document_id, name=new_name, created_by=email, once=once
        )
        return tagged(response, made)


def noun_of(name: str) -> str:
    """`FeatureConfig` → `feature config`."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def _fields(body: BaseModel) -> dict[str, Any]:
    """The body's fields as they were sent; who manages it only where that is said."""
    unsaid = {"managed_by"} - body.model_fields_set
    fields = type(body).model_fields
    return {field: getattr(body, field) for field in fields if field not in unsaid}
