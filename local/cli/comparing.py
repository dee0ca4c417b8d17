"""`recsmith compare` and `recsmith quick-test report`."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer

from local.cli.client import Api, UserError
from local.cli.output import done, heading, out, user_errors
from local.cli.results import show_comparison
from local.cli.segments import show_segment_comparison
from local.cli.system import DEFAULT_HOME, Home, connected, find
from shared.comparing.segment_pairs import SegmentComparison
from shared.comparing.table import Comparison

_QUICK_TESTS = "/api/quick-tests/"


def compare(
    quick_tests: Annotated[
        list[str], typer.Argument(metavar="QUICK_TEST…", help="Ids or names, two or more.")
    ],
    metric: Annotated[
        str | None, typer.Option(help="Rank by this one, such as recall_at_10 or rmse.")
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(help="Hold the others against this one of them too, not only the best."),
    ] = None,
    segments: Annotated[
        bool,
        typer.Option("--segments", help="And each against the best, or the base, by segment."),
    ] = False,
    csv: Annotated[
        Path | None, typer.Option("--csv", help="Write a CSV file instead.", dir_okay=False)
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Rank quick tests side by side, with what sets them apart.

    Only tests that were measured alike are ranked against each other. "Better" and "worse" are
    said only where the difference, paired by customer, is clear of zero.

    [bold]Examples[/bold]

      recsmith compare qt-ab12 qt-cd34 qt-ef56

      recsmith compare "Ids × Standard" "Ids × Deep" --metric recall_at_10

      recsmith compare qt-ab12 qt-cd34 qt-ef56 --base qt-ab12

      recsmith compare qt-ab12 qt-cd34 --segments

      recsmith compare qt-ab12 qt-cd34 --csv tests.csv
    """
    with user_errors(), connected(home) as api:
        body: dict[str, Any] = {
            "quick_test_ids": [_id(api, wanted) for wanted in quick_tests],
            "metric": metric,
            "base": None if base is None else _id(api, base),
        }
        if csv is not None:
            _write(csv, api.download("POST", f"{_QUICK_TESTS}compare.csv/", body))
            return
        found = Comparison.model_validate(api.post(f"{_QUICK_TESTS}compare/", body))
        heading(f"Compared by {found.metric_label}" if found.metric else "Nothing to compare")
        show_comparison(found, body["base"])
        if segments:
            for pair in _pairs(found, body["base"]):
                body = {**pair, "metric": found.metric}
                answer = api.post(f"{_QUICK_TESTS}compare-segments/", body)
                show_segment_comparison(SegmentComparison.model_validate(answer))


def report(
    quick_test: Annotated[str, typer.Argument(metavar="QUICK_TEST", help="Its id or name.")],
    file: Annotated[
        Path | None,
        typer.Option("--out", help="Where to write it; .json gives data.", dir_okay=False),
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Write a completed quick test as one page to share, or as JSON.

    The page needs nothing else: it can be mailed, printed, and opened without a network. Without
    --out, the report is printed as JSON.

    [bold]Examples[/bold]

      recsmith quick-test report qt-ab12 --out report.html

      recsmith quick-test report qt-ab12 --out report.json
    """
    with user_errors(), connected(home) as api:
        path = f"{_QUICK_TESTS}{_id(api, quick_test)}/report"
        if file is not None and file.suffix.lower() != ".json":
            _write(file, api.download("GET", f"{path}/"))
            return
        data = json.dumps(api.get(f"{path}.json/"), indent=2, ensure_ascii=False)
        if file is None:
            out.out(data, highlight=False)
        else:
            _write(file, f"{data}\n".encode())


def _pairs(found: Comparison, base: str | None) -> Iterator[dict[str, str]]:
    """Each test of a group beside the base where that is in it, else the best value's beside the
    others."""
    for group in found.groups:
        ids = [row.quick_test_id for row in group.rows]
        for other in ids if base in ids else ids[1:]:
            if other != base:
                one, held = (other, base) if base in ids else (ids[0], other)
                yield {"quick_test_id": one, "base_id": str(held)}


def _id(api: Api, wanted: str) -> str:
    found: str = find(api, _QUICK_TESTS, "quick test", wanted)["id"]
    return found


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:
        raise UserError(f"{file} cannot be written: {error.strerror}.") from None
    done(str(file))
