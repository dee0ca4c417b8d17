"""`/api/files/`: finding a dataset's files on the machine that reads them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel

from functions.api.resource import ERRORS
from functions.api.rights import needs
from shared.errors import NotFoundError

router = APIRouter(prefix="/api/files", tags=["files"], responses=ERRORS)


class FileEntry(BaseModel):
    """`size` in bytes; null for a folder."""

    name: str
    path: str
    kind: Literal["folder", "file"]
    size: int | None = None


class FileListing(BaseModel):
    """A folder: `parent` is null at the top, `truncated` says that not all entries are listed."""

    path: str
    parent: str | None
    entries: list[FileEntry]
    truncated: bool = False


# Lists a folder by its path; "" is where to begin. Raises NotFoundError.
Browse = Callable[[str], FileListing]


@router.get("/", response_model=FileListing)
@needs("viewer")
def list_files(
    request: Request,
    path: Annotated[str, Query(description="A folder; where to begin if left out.")] = "",
) -> Any:
    """The folders and the CSV and Parquet files of a folder. Only on one's own machine: 404 where
    Recsmith reads from a cloud."""
    browse: Browse | None = request.app.state.browse
    if browse is None:
        raise NotFoundError("folder to look into here", detail="; give the address of the data")
    return browse(path)
