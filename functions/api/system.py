"""`/api/health/`: whether the API answers, and which version it is."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor

from fastapi import APIRouter, Request
from pydantic import BaseModel

from functions.api.resource import ERRORS, PortsOf
from functions.api.rights import needs
from shared.errors import UnavailableError
from shared.ports import Ports

router = APIRouter(prefix="/api", tags=["system"], responses=ERRORS)

_SECONDS = 5.0
_THREAD = ThreadPoolExecutor(1, thread_name_prefix="health")


class Health(BaseModel):
    status: str
    version: str


@router.get("/health/")
@needs("viewer")
async def get_health(request: Request, ports: PortsOf) -> Health:
    """Whether the API and its document store answer.

    It waits behind no write: what is asked has a thread of its own.
    """
    asked = asyncio.get_running_loop().run_in_executor(_THREAD, _look, ports)
    try:
        await asyncio.wait_for(asked, _SECONDS)
    except TimeoutError:
        raise UnavailableError("The document store does not answer.") from None
    return Health(status="ok", version=request.app.version)


def _look(ports: Ports) -> None:
    ports.documents.query("datasets", limit=1)
