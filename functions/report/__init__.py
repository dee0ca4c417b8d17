"""A completed test as a page that a team can share."""

from functions.report.content import QuickTestReport, make_report
from functions.report.page import render

__all__ = ["QuickTestReport", "make_report", "render"]
