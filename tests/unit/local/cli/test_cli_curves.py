"""Learning curves on the terminal: both curves, point by point, and what follows."""

from __future__ import annotations

from local.cli.curve_tables import show_curves
from local.cli.output import out
from shared.comparing.learning_curve import LearningCurves


def point(at, label, value=None, **fields):
    interval = None if value is None else {"low": value - 0.02, "high": value + 0.02}
    whole = {"quick_test_id": f"qt-{at}", "at": at, "label": label, "state": "completed"}
    return {**whole, "value": value, "interval": interval, **fields}


CURVES = {
    "metric": "recall_at_100",
    "metric_label": "Recall@100",
    "baseline_label": "Own history",
    "told": "By 1,200 held-out purchases of 102 customers.",
    "curves": [
        {
            "by": "customers",
            "label": "Share of the customers",
            "points": [
                point(50, "50% of the customers", 0.21, baseline=0.2, train_rows=5000),
                point(
                    100,
                    "All customers",
                    0.23,
                    baseline=0.205,
                    train_rows=10000,
                    difference={"low": 0.011, "high": 0.026},
                    verdict="better",
                ),
            ],
        },
        {
            "by": "epochs",
            "label": "Epochs",
            "points": [
                point(2, "2 epochs", 0.23),
                point(
                    8,
                    "8 epochs",
                    0.231,
                    epochs=3,
                    difference={"low": -0.004, "high": 0.005},
                    verdict="no_clear_difference",
                ),
                point(16, "16 epochs", state="failed"),
            ],
        },
    ],
    "advice": [{"kind": "more_data", "sentence": "More data helps: [so it does]."}],
}


def test_each_point_stands_beside_the_one_before_and_advice_comes_last(monkeypatch):
    monkeypatch.setattr(out, "width", 140)
    with out.capture() as capture:
        show_curves(LearningCurves.model_validate(CURVES))
    lines = [" ".join(line.split()) for line in capture.get().splitlines()]
    assert "50% of the customers 5,000 purchases 0.2100 0.1900 – 0.2300 0.2000" in lines
    assert (
        "All customers 10,000 purchases 0.2300 0.2100 – 0.2500 0.2050 better, +1.1 to +2.6 points"
        in lines
    )
    assert any(
        line.endswith("no clear difference, -0.4 to +0.5 points; stopped after 3 epochs")
        for line in lines
    )
    assert any(line.startswith("16 epochs failed") for line in lines)
    assert lines[-2:] == [
        "By 1,200 held-out purchases of 102 customers.",
        "→ More data helps: [so it does].",
    ]
