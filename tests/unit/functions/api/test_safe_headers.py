"""What answers say of themselves to browsers."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from api_client import Client
from lab import Lab


@pytest.mark.parametrize(
    "path",
    [
        *("/api/docs", "/api/docs/", "/api/openapi.json", "/api/docs/static/swagger-ui.css"),
        *("/api/health/", "/api/datasets/nothing/", "/api/nothing", "/api/"),
    ],
)
def test_every_answer_may_be_framed_by_nobody_and_is_what_it_says(path: str) -> None:
    answer = Client(Lab())("GET", path)
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "'unsafe-eval'" not in answer.headers["content-security-policy"]
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["x-content-type-options"] == "nosniff"


def test_the_page_of_the_api_runs_the_scripts_that_it_was_made_with_and_no_other() -> None:
    answer = Client(Lab())("GET", "/api/docs")
    allowed = re.search(r"script-src ([^;]*)", answer.headers["content-security-policy"])
    assert allowed
    assert "'unsafe-inline'" not in allowed[1]
    (inline,) = re.findall(r"<script>(.*?)</script>", answer.text, re.DOTALL)
    digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
    assert allowed[1].split() == ["'self'", f"'sha256-{digest}'"]
