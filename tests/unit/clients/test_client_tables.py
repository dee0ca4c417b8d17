"""Results as frames and in notebooks."""

from __future__ import annotations

import io
from typing import Any

import pytest
from recsmith_client import baselines_frame, frame, models, show_progress

EVIL = "<script>alert('x')</script>"


def quick_test(name: str = "Test", **status: Any) -> models.QuickTest:
    spec = {"feature_config_id": "f", "model_config_id": "m"}
    document = {"id": f"qt-{name}", "name": name, "spec": spec, "status": status}
    return models.QuickTest.model_validate(document)


RESULTS = {
    "metrics": {"recall_at_100": 0.25, "coverage_at_10": 0.5},
    "intervals": {"recall_at_100": {"low": 0.2, "high": 0.3}},
    "baselines": {"popularity": {"recall_at_100": 0.2}, "<b>": {"recall_at_100": 0.1}},
    "differences": {"popularity": {"recall_at_100": {"low": 0.01, "high": 0.09}}},
    "protocol": None,
}


def measured(name: str = "Test", **status: Any) -> models.QuickTest:
    """Its protocol is left out, which tables do not show."""
    results = models.MetricsReport.model_construct(
        metrics=RESULTS["metrics"],
        intervals={"recall_at_100": models.Interval(low=0.2, high=0.3)},
        baselines=RESULTS["baselines"],
        differences={"popularity": {"recall_at_100": models.Interval(low=0.01, high=0.09)}},
    )
    test = quick_test(name, state="completed", **status)
    test.status.results = results
    return test


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_metrics_have_their_intervals_and_others_none(library: Any) -> None:
    made = frame([measured("A"), measured("B")], library)
    rows = made.to_dicts() if library == "polars" else made.to_dict("records")
    assert [(row["name"], row["metric"], row["value"]) for row in rows] == [
        (name, *metric) for name in "AB" for metric in RESULTS["metrics"].items()
    ]
    assert (rows[0]["low"], rows[0]["high"]) == (0.2, 0.3)
    assert rows[1]["low"] is None or rows[1]["low"] != rows[1]["low"]  # NaN is no number


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_a_difference_from_a_baseline_has_its_interval(library: Any) -> None:
    made = baselines_frame(measured(), library)
    rows = made.to_dicts() if library == "polars" else made.to_dict("records")
    assert rows[0]["baseline"] == "popularity"
    assert rows[0]["difference"] == pytest.approx(0.05)
    assert (rows[0]["difference_low"], rows[0]["difference_high"]) == (0.01, 0.09)
    assert rows[1]["baseline"] == "<b>"


def test_a_test_without_results_is_an_empty_table() -> None:
    assert len(frame(quick_test())) == 0
    assert len(baselines_frame([])) == 0


@pytest.mark.parametrize("thing", [3, "qt-ab12", {"a": 1}, models.Interval(low=0, high=1), [3]])
def test_what_is_no_table_is_refused(thing: Any) -> None:
    with pytest.raises(TypeError, match="is no table"):
        frame(thing)


def test_another_library_is_refused() -> None:
    with pytest.raises(ValueError, match="'pandas' or 'polars'"):
        frame(measured(), "spark")  # type: ignore[arg-type]


def test_a_notebook_shows_a_test_and_runs_nothing_of_it() -> None:
    shown = measured(EVIL, error={"message": EVIL, "code": EVIL})._repr_html_()
    assert shown is not None
    assert "<script" not in shown
    assert "&lt;script&gt;" in shown
    assert "<th>&lt;b&gt;</th>" in shown
    assert "0.2500" in shown
    assert "0.2000 to 0.3000" in shown


def test_a_running_test_is_shown_by_its_progress_and_other_models_as_objects() -> None:
    assert "45%" in (quick_test(state="running", progress=45)._repr_html_() or "")
    assert models.Interval(low=0, high=1)._repr_html_() is None


def test_an_empty_list_of_recommendations_is_said() -> None:
    nothing = {"known": False, "query": {}, "recommendations": [], "ratings": [], "history": []}
    prediction = models.Prediction.model_validate({**nothing, "products_bought": 0})
    assert "None." in (prediction._repr_html_() or "")


def test_progress_is_a_line() -> None:
    out = io.StringIO()
    epochs = [{"epoch": 1, "loss": 0.41234567, "seconds": 1.0}]
    running = {"state": "running", "stage": "train", "progress": 45, "epochs": epochs}
    show_progress(quick_test(**running), out)
    assert out.getvalue() == "Test: running 45%, train, epoch 1 of 2, loss 0.4123\n"


def test_a_notebook_shows_what_differs_and_what_it_did() -> None:
    found = models.Differences.model_validate(
        {
            "before": {"id": "fc-1", "name": EVIL, "revision": 2},
            "after": {"id": "fc-1", "name": EVIL, "revision": 5},
            "changes": [f"Buyer tower: {EVIL} added"],
            "effect": {
                "sentence": "Recall@100 20.0% → 25.0%: clearly better.",
                "warnings": ["But"],
            },
            "markdown": "- Buyer tower",
        }
    )
    shown = found._repr_html_() or ""
    assert "<script" not in shown
    assert "version 2 →" in shown
    assert "<li>Buyer tower: &lt;script&gt;" in shown
    assert "<p>Recall@100 20.0% → 25.0%: clearly better.</p><p>But</p>" in shown
    same = found.model_copy(update={"changes": [], "effect": None})
    assert "Nothing differs." in (same._repr_html_() or "")
