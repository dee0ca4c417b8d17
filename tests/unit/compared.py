"""Asking for comparisons over the API."""

from __future__ import annotations

import csv
import io

COMPARE, HEATMAP = "/api/quick-tests/compare/", "/api/quick-tests/heatmap/"
EVIL = '=HYPERLINK("http://evil","x")'


def ids(*tests):
    return {"quick_test_ids": list(tests)}


def lines(response):
    assert response.headers["content-type"].startswith("text/csv")
    assert response.headers["content-disposition"].startswith("attachment; filename=")
    text = response.content.decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))
