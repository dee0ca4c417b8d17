"""A completed test as a page that a team can share."""

from functions.report.content import QuickTestReport, make_report
from functions.report.page import render
from shared.ports import Ports

__all__ = ["QuickTestReport", "make_report", "page_of", "render"]


def page_of(quick_test_id: str, ports: Ports) -> bytes:
    """Raises NotFoundError where there is no such test, or it has not completed."""
    return render(make_report(quick_test_id, ports)).encode()
