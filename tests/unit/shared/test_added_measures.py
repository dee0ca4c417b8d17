"""A metric, a baseline, a kind of segment and a warning are one file each, which goes all the way
once it is added."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from api_client import Client
from lab import Lab
from purchases import SPEC, Purchase, examples

import shared.baselines
import shared.metrics
import shared.rules.warnings
import shared.segments
from functions.api import create_app
from local.cli.output import out
from local.cli.results import show_comparison, show_measured
from shared.comparing.table import compare
from shared.documents.quick_test import QuickTest
from shared.segment_reports import SEGMENTS_FILE
from trainer_image.evaluation import evaluate as stage
from trainer_image.serving.served import ServedModel

ROOT = Path(__file__).parents[3]
ADDED = ROOT / "tests" / "added_kinds"
PACKAGES = (
    (shared.metrics, shared.metrics.metric_kinds),
    (shared.baselines, shared.baselines.baselines),
    (shared.segments, shared.segments.segment_kinds),
    (shared.rules.warnings, shared.rules.warnings.result_warnings),
)
PRODUCTS = 40
# Everybody has bought p37 to p39 before; then each customer buys a product of their own.
TRAIN: list[Purchase] = [
    (f"c{customer:02}", f"p{product:02}", 0)
    for customer in range(20)
    for product in (37, 38, 39, 20 + customer)
] + [("zoe", f"p{product:02}", 0) for product in range(PRODUCTS)]
HELD_OUT: list[Purchase] = [(f"c{customer:02}", f"p{customer:02}", 1) for customer in range(20)]


@pytest.fixture
def added(monkeypatch):
    for package, registry in PACKAGES:
        folder = ADDED.joinpath(*package.__name__.split("."))
        monkeypatch.setattr(package, "__path__", [*package.__path__, str(folder)])
        registry.cache_clear()
    yield
    monkeypatch.undo()
    for _, registry in PACKAGES:
        registry.cache_clear()


def model() -> ServedModel:
    """Ranks first what a customer buys, for all customers but every fourth."""
    signatures = {
        "candidate_embedding": lambda rows: _one_hot(rows["what"]),
        "query_embedding": lambda rows: _one_hot(rows["who"], every_fourth=20),
        "serving_default": lambda rows: np.full((len(rows), 10), b"p00"),
    }
    index = {"algorithm": "brute_force", "wanted": "brute_force"}
    return ServedModel(None, signatures, index)


def _one_hot(ids: Any, every_fourth: int = 0) -> Any:
    """Args: every_fourth: how far off it is."""
    places = [int(one[1:]) for one in ids.to_pylist()]
    found = np.zeros((len(places), PRODUCTS), np.float32)
    for row, place in enumerate(places):
        found[row, place + (0 if place % 4 else every_fourth)] = 1
    return found


@pytest.fixture
def evaluation(added, monkeypatch):
    """The evaluate stage over real rows; without TensorFlow, a signature takes a table."""
    monkeypatch.setattr(stage, "apply", lambda signature, rows, output: signature(rows))
    monkeypatch.setattr(stage, "applied", lambda signature, rows, output: [signature(rows)])
    return stage.evaluate(model(), SPEC, examples(TRAIN, HELD_OUT))


@pytest.fixture
def lab(added):
    return Lab()


@pytest.fixture
def test_ids(lab, evaluation) -> list[str]:
    """Two tests with these results."""
    features, model = lab.features(), lab.model()
    ids = []
    for name in ("One", "Other"):
        test_id = lab.launched(name, features, model)
        report, drawn = (
            part.model_dump(mode="json") for part in (evaluation.report, evaluation.replicates)
        )
        lab.leave(test_id, SEGMENTS_FILE, evaluation.segments.report.model_dump_json())
        lab.leave_results(test_id, report, drawn)
        lab.job_news(test_id)
        ids.append(test_id)
    return ids


def said(show, *arguments) -> str:
    with out.capture() as capture:
        show(*arguments)
    return " ".join(capture.get().split())


def test_they_are_measured_with_intervals_and_differences(evaluation) -> None:
    report = evaluation.report
    assert report.metrics["first_place"] == report.metrics["first_place_new"] == 0.75
    low, high = report.intervals["first_place"].low, report.intervals["first_place"].high
    assert low < 0.75 < high
    rarest = report.baselines["rarest"]
    assert rarest["first_place"] == 1 / 20  # of the rarest, the last by id
    assert set(rarest) == set(report.metrics)
    assert report.differences["rarest"]["first_place"].low > 0
    assert report.baselines["random"]["first_place"] == pytest.approx(1 / PRODUCTS)
    assert len(evaluation.replicates.metrics["first_place"]) == 1000


def test_they_are_judged_and_warned_of(lab, test_ids) -> None:
    test = lab.test(test_ids[0])
    (warned,) = [warning for warning in test.warnings if warning.code == "too_good"]
    assert warned.message == "75.0% come first: look for a leak."


def test_a_baseline_that_is_not_beaten_warns_with_its_own_words(added, lab, evaluation) -> None:
    report = evaluation.report.model_dump(mode="json")
    report["baselines"]["rarest"]["recall_at_10"] = 0.9
    report["differences"]["rarest"]["recall_at_10"] = {"low": -0.2, "high": -0.1}
    test_id = lab.launched("Worse", lab.features(), lab.model())
    lab.leave_results(test_id, report)
    lab.job_news(test_id)
    (warned,) = [w for w in lab.test(test_id).warnings if w.code == "not_above_rarest"]
    assert "is worse than recommending what is rare (90.0%). The model has not even" in (
        warned.message
    )
    told = Client(lab)("GET", f"/api/quick-tests/{test_id}/").json()
    assert told["status"]["verdict"]["label"] == "Worse than rarity"


def test_a_kind_of_segment_is_measured_and_told(lab, test_ids) -> None:
    client = Client(lab)
    found = client("GET", f"/api/quick-tests/{test_ids[0]}/segments/?metric=first_place").json()
    (split,) = [split for split in found["splits"] if split["name"] == "repeats"]
    ((label, value),) = [(row["label"], row["value"]) for row in split["rows"]]
    assert (label, value) == ("Bought first", 0.75)  # nothing else has any row
    assert "rarest" in [one["name"] for one in split["rows"][0]["against"]]
    page = client("GET", f"/api/quick-tests/{test_ids[0]}/report/").text
    assert "Bought first" in page


def test_the_catalogue_and_the_description_of_the_api_have_them(lab) -> None:
    client = Client(lab)
    found = client("GET", "/api/catalogue/").json()
    names = {kind: [one["name"] for one in listed] for kind, listed in found.items()}
    assert {"first_place", "first_place_repeat", "first_place_new"} <= set(names["metrics"])
    assert "rarest" in names["baselines"]
    assert {"too_good", "not_above_rarest"} <= set(names["warnings"])
    (metric,) = [one for one in found["metrics"] if one["name"] == "first_place_new"]
    assert metric == {
        "name": "first_place_new",
        "label": "First place, new to the customer",
        "help": "The right product comes first, new to the customer",
        "term": "first place, new to the customer",
        "share": True,
        "unit": "%",
        "lower_is_better": False,
        "rating": False,
        "main": False,
        "of_list": "",
    }
    described = create_app(lab.ports).openapi()["components"]["schemas"]["MetricsReport"]
    assert "`first_place`" in described["properties"]["metrics"]["description"]
    assert "`rarest`" in described["properties"]["baselines"]["description"]


def test_comparisons_rank_by_the_metric(lab, test_ids) -> None:
    client = Client(lab)
    asked = {"quick_test_ids": test_ids, "metric": "first_place"}
    found = client("POST", "/api/quick-tests/compare/", asked).json()
    assert found["metric_label"] == "First place"
    assert found["groups"][0]["rows"][0]["value"] == 0.75
    assert found["groups"][0]["rows"][0]["baselines"]["rarest"]["first_place"] == 1 / 20
    shown = said(show_comparison, compare(test_ids, "first_place", lab.ports))
    assert "First place 95% interval" in shown
    assert "rarity" in shown


def test_the_report_and_the_command_line_tell_them(lab, test_ids) -> None:
    page = Client(lab)("GET", f"/api/quick-tests/{test_ids[0]}/report/").text
    for words in ("First place, new to the customer", "recommending what is rare", "Rarity"):
        assert words in page
    assert "75.0% come first: look for a leak." in page
    document = lab.documents.data(f"quick_tests/{test_ids[0]}")
    shown = said(show_measured, QuickTest.model_validate({**document, "id": test_ids[0]}))
    assert "metric this model popularity 28 days own history 95% interval" in shown
    assert re.search(r"Weaker in Recall@100: .*\brarity \d", shown)
    assert "first place 0.7500" in shown


def test_without_their_files_nobody_knows_them() -> None:
    assert "first_place" not in {metric.name for metric in shared.metrics.metrics()}
    assert "rarest" not in shared.baselines.baselines()


def test_only_their_own_packages_name_baselines_and_metrics() -> None:
    """Tasks and lists say what they are judged by, which rules know; some warnings are about
    certain metrics; the demo tells of the data that it has."""
    own = {"shared/metrics", "shared/baselines", "shared/tasks", "shared/rules/warnings"}
    names = {metric.name for metric in shared.metrics.metrics()} | set(shared.baselines.baselines())
    names -= {"random"}  # is also how a split may be
    naming = set()
    for top in ("shared", "functions", "local", "trainer_image"):
        for file in (ROOT / top).rglob("*.py"):
            inner = file.relative_to(ROOT)
            if inner.parent.as_posix() in own:
                continue
            for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Constant) and node.value in names:
                    naming.add(inner.as_posix())
    assert naming <= {"shared/rules/metrics.py", "shared/rules/lists.py", "local/cli/demo.py"}


def test_who_reads_words_alone_loads_no_numpy() -> None:
    program = (
        "import sys\n"
        "from shared.rules.catalogue import catalogue\n"
        "catalogue()\n"
        "print('numpy' in sys.modules)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert ended.stdout.strip() == "False"
