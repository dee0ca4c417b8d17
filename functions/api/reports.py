"""A completed test as one page to share, or as data."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from starlette.responses import HTMLResponse

from functions.api.asgi import NO_FRAMES
from functions.api.resource import ERRORS, JSON_ERRORS, PortsOf
from functions.api.rights import needs
from functions.report import QuickTestReport, make_report, page_of

router = APIRouter(prefix="/api/quick-tests", tags=["comparing"], responses=ERRORS)

_PAGE: dict[int | str, dict[str, Any]] = {
    200: {"description": "A page that needs nothing else"},
    **JSON_ERRORS,
}
# A page of names and numbers that people wrote: it runs nothing and loads nothing.
_POLICY = {
    "Content-Security-Policy": f"default-src 'none'; style-src 'unsafe-inline'; {NO_FRAMES}",
    "X-Content-Type-Options": "nosniff",
}


@router.get("/{quick_test_id}/report/", response_class=HTMLResponse, responses=_PAGE)
@needs("viewer")
def get_quick_test_report_page(quick_test_id: str, ports: PortsOf) -> Any:
    """A self-contained HTML page about a completed test: save it, print it, send it on."""
    return HTMLResponse(page_of(quick_test_id, ports), headers=_POLICY)


@router.get("/{quick_test_id}/report.json/", response_model=QuickTestReport)
@needs("viewer")
def get_quick_test_report(quick_test_id: str, ports: PortsOf) -> Any:
    """What the page says, as data."""
    return make_report(quick_test_id, ports)
