"""What people write, shown to others: the report's page, CSV files, generated code as data."""

from __future__ import annotations

import csv
import io
import sys
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from tests.torture.hostile import DOCUMENTS, MARKUP, replaced, strings_of
from tests.torture.trial import Tally, trial

sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))  # its shop in memory

# What one document is found by from another, and what is chosen from a list.
_REFERENCES = (".quick_test_id", "_id", "_uri", ".job_id", "spec_hash", ".sha256", ".uri", "{}")
_CHOSEN = ("status.comparison.metric", "status.results.protocol.split", "[].code")
_FORMULAS = [
    *("=1+1", "+1", "-1", "@SUM(1)", "\t=1", "\r=1", "\n=1", " =1", "＝1", "=cmd|'/C calc'!A0"),
    *(
        "a;=1",
        "a\n=1",
        'a",=1',
        "a\t+1",
        "\u200b=1",
        "\xa0=1",
        "\ufeff=1",
        "-2+3",
        "+49 30 1",
        "|=1",
    ),
]
_STARTS = set("=+-@＝＋－＠")


@trial("abuse", "stored markup in every string that the report shows", seconds=90)
def report(tally: Tally) -> None:
    """The page has the very elements and attributes that it has with plain names."""
    lab, client, test_id = _lab()
    known = _page(client, test_id, tally)
    plain = _elements(known)
    shown = 0
    for hostile in MARKUP[:: tally.of(1, 3)]:
        tally.tried()
        before = _overwrite(lab, hostile)
        page = _page(client, test_id, tally)
        if _elements(page) != plain:
            changed = set(_elements(page)) ^ set(plain)
            tally.lets_in(f"{hostile!r} changes the page: {changed}")
        shown += page.count("alert(1)") + page.count("http-equiv=refresh")
        if not client("GET", f"/api/quick-tests/{test_id}/report.json/").json():
            tally.loses("the report as data is empty")
        lab.documents.documents.update(before)
    if shown < len(MARKUP[:: tally.of(1, 3)]) * 5:
        tally.loses(f"hostile text was shown {shown} times only: it was hardly tried")
    tally.figure(f"shown {shown:,} times, as text")


def _lab() -> tuple[Any, Any, str]:
    from api_client import Client
    from lab import Lab

    lab = Lab()
    features, model = lab.features(), lab.model()
    lab.completed("First", 0.2, features, model)
    test_id = lab.completed("Second", 0.3, features, model, seed=2)
    return lab, Client(lab), test_id


def _page(client: Any, test_id: str, tally: Tally) -> str:
    answer = client("GET", f"/api/quick-tests/{test_id}/report/")
    policy = answer.headers.get("content-security-policy", "")
    if answer.status_code != 200:
        tally.loses(f"the report answers {answer.status_code}: {answer.text[:200]}")
    if "default-src 'none'" not in policy or "script-src" in policy:
        tally.lets_in(f"the report's Content-Security-Policy is {policy!r}")
    if answer.headers.get("x-content-type-options") != "nosniff":
        tally.lets_in("the report's type may be guessed")
    return str(answer.text)


def _elements(page: str) -> list[tuple[str, ...]]:
    """Each element with its attributes' names, in order; attributes that only place things stay."""
    found: list[tuple[str, ...]] = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: Any) -> None:
            found.append((tag, *(name for name, _ in attrs)))

        def handle_endtag(self, tag: str) -> None:
            found.append((f"/{tag}",))

        def handle_comment(self, data: str) -> None:
            found.append(("comment", data))

    Reader().feed(page)
    return found


def _overwrite(lab: Any, hostile: str) -> dict[str, Any]:
    """Writes a text into every free string of every stored document; what was there before."""
    before = {}
    kinds = {f"{kind.__name__}": strings_of(kind) for kind in DOCUMENTS}
    names = {"datasets": "Dataset", "feature_configs": "FeatureConfig"}
    names |= {"model_configs": "ModelConfig", "quick_tests": "QuickTest", "sweeps": "Sweep"}
    for path, stored in list(lab.documents.documents.items()):
        before[path] = stored
        free = kinds[names[path.split("/")[0]]]

        def at(place: str, text: str, free: Any = free) -> str:
            kept = place.endswith(_REFERENCES) or place.endswith(_CHOSEN) or not text
            if kept or place not in free or "pattern" in free[place]:
                return text
            longest = free[place].get("maxLength", 10_000)
            # Columns are found by their names, so that these stay unlike each other.
            return f"{hostile}{text}"[:longest] if "column" in place else hostile[:longest]

        lab.documents.documents[path] = replace(stored, data=replaced(stored.data, at))
    return before


@trial("abuse", "formulas in every CSV file", seconds=60)
def formulas(tally: Tally) -> None:
    """Cells of every export: texts never start a formula, numbers stay numbers."""
    lab, client, _ = _lab()
    ids = [path.split("/")[1] for path in lab.documents.documents if path.count("/") == 1]
    tests = [one for one in ids if f"quick_tests/{one}" in lab.documents.documents]
    exports = {
        "/api/quick-tests/compare.csv/": {"quick_test_ids": tests},
        "/api/quick-tests/heatmap.csv/": {"quick_test_ids": tests},
    }
    described = client("GET", "/api/openapi.json").json()["paths"]
    offered = {path for path in described if "csv" in str(described[path]).lower()}
    offered = {path for path in offered if "text/csv" in str(described[path])}
    for path in offered ^ set(exports):
        tally.loses(f"{path} is no export that is tried here")
    for formula in _FORMULAS:
        before = _overwrite(lab, formula)
        for path, body in exports.items():
            tally.tried()
            answer = client("POST", path, body)
            if answer.status_code != 200:
                tally.loses(f"{path} answers {answer.status_code}: {answer.text[:200]}")
                continue
            _judge(answer.text.removeprefix("\ufeff"), f"{path} with {formula!r}", tally)
        lab.documents.documents.update(before)


def _judge(text: str, what: str, tally: Tally) -> None:
    # As it is meant, and as a spreadsheet reads it whose cells end in semicolons.
    numbers = 0
    for delimiter in (",", ";", "\t"):
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter):
            for cell in row:
                numbers += _is_number(cell)
                bare = cell.lstrip(' \t\r\n\xa0\u200b\ufeff\0"')
                if bare[:1] in _STARTS and bare and not _is_number(cell):
                    tally.lets_in(f"{what}: the cell {cell[:60]!r}")
    if not numbers:
        tally.loses(f"{what}: no number is left")


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return cell == cell.strip() and not cell.startswith("+")
