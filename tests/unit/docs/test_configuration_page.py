"""The page that lists every field is the one that the models and the generator give today."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

DOCS = Path(__file__).parents[3] / "docs"


def test_configuration_md_is_up_to_date_and_its_links_lead_somewhere(monkeypatch):
    monkeypatch.syspath_prepend(str(DOCS))
    page = importlib.import_module("generate_configuration").page()
    stored = (DOCS / "configuration.md").read_text(encoding="utf-8")
    assert stored == page, "run `make docs`"
    headings = {line[4:].lower() for line in page.splitlines() if line.startswith("### ")}
    assert set(re.findall(r"\]\(#(\w+)\)", page)) <= headings
