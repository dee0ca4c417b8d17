"""A completed test as a page that a team can share."""

from functions.report.content import Report, make_report
from functions.report.page import render

__all__ = ["Report", "make_report", "render"]
