"""Which tests a learning curve is made of, and what it advises."""

from __future__ import annotations

import pytest
from lab import replicates

from shared.documents.sweep import Overrides, SweepSpec
from shared.jobs import Replicates
from shared.rules.curve_advice import Point, advise
from shared.rules.learning_curve import check_curve, points, usual_epochs, usual_shares

METRIC = "recall_at_100"


def test_shares_of_too_few_customers_are_left_out() -> None:
    assert usual_shares(None) == usual_shares(2_000) == [5, 10, 25, 50, 100]
    assert usual_shares(1_999) == [10, 25, 50, 100]
    assert usual_shares(400) == [25, 50, 100]
    assert usual_shares(150) == usual_shares(30) == [50, 100]


@pytest.mark.parametrize(
    ("epochs", "others"),
    [(1, [1, 2, 4]), (2, [1, 2, 4, 8]), (3, [1, 3, 6, 12]), (60, [30, 60, 100])],
)
def test_epochs_double_from_half_of_the_usual(epochs, others) -> None:
    assert usual_epochs(epochs) == others


def test_the_usual_epochs_with_all_customers_are_one_test_of_both_curves() -> None:
    made = points(Overrides(epochs=2, leave_out=[]), [10, 50], [1, 2, 4])
    assert [(one.trained_percent, one.epochs) for one in made] == [
        (10, 2),
        (50, 2),
        (100, 2),
        (100, 1),
        (100, 4),
    ]


def sweep(**changes) -> SweepSpec:
    spec = {
        "feature_config_ids": ["fc"],
        "model_config_ids": ["mc"],
        "overrides": [{"trained_percent": 50}, {}],
        "learning_curve": True,
    }
    return SweepSpec.model_validate({**spec, **changes})


@pytest.mark.parametrize(
    ("changes", "path", "message"),
    [
        ({"ablation": True}, "spec.learning_curve", "no learning curve"),
        ({"feature_config_ids": ["a", "b"]}, "spec.feature_config_ids", "of one feature config"),
        ({"model_config_ids": ["a", "b"]}, "spec.model_config_ids", "of one model"),
        ({"overrides": [{}]}, "spec.overrides", "at least two points"),
        (
            {"overrides": [{}, {"trained_percent": 50, "learning_rate_override": 0.1}]},
            "spec.overrides[1]",
            "differ in trained_percent and epochs only",
        ),
        (
            {"overrides": [{}, {"trained_percent": 50, "epochs": 9}]},
            "spec.overrides[1]",
            "has the epochs of the sweep, 2, or all customers",
        ),
        ({"overrides": [{}, {"trained_percent": 100}]}, "spec.overrides[1]", "is there already"),
    ],
)
def test_what_is_no_curve_is_refused_by_field(changes, path, message) -> None:
    found = list(check_curve(sweep(**changes)))
    assert [one.path for one in found] == [path]
    assert message in found[0].message
    assert not list(check_curve(sweep()))


def curve(*values: tuple[float, float]) -> list[Point]:
    return [
        Point(at, value, Replicates.model_validate(replicates(value, seed=round(at))))
        for at, value in values
    ]


RISING = ((25.0, 0.20), (50.0, 0.22), (100.0, 0.24))
FLAT = ((25.0, 0.2395), (50.0, 0.2402), (100.0, 0.24))
FALLING = ((50.0, 0.24), (100.0, 0.22))


@pytest.mark.parametrize(
    ("shares", "epochs", "kinds", "said"),
    [
        (RISING, (), ["more_data"], "from 50% of the customers to all customers"),
        (FLAT, (), ["enough_data"], "25% of the customers do as well"),
        (FALLING, (), ["larger_model"], "More data makes it worse"),
        ((), ((1, 0.2), (2, 0.24), (4, 0.26)), ["more_epochs"], "It still rises there: try more"),
        (
            (),
            ((1, 0.2), (2, 0.24), (4, 0.26), (8, 0.2602)),
            ["more_epochs"],
            "More epochs help: 4 epochs instead of 2",
        ),
        (
            (),
            ((1, 0.2), (2, 0.24), (4, 0.22)),
            ["enough_epochs"],
            "with 4 epochs Recall@100 is clear",
        ),
        ((), ((1, 0.24), (2, 0.24), (4, 0.24)), ["enough_epochs"], "1 epoch would do as well"),
        (
            FLAT,
            ((1, 0.2), (2, 0.24), (4, 0.2401)),
            ["enough_data", "enough_epochs", "larger_model"],
            "Neither more data nor more epochs help",
        ),
        (
            RISING,
            ((1, 0.27), (2, 0.24), (4, 0.2)),
            ["more_data", "fewer_epochs", "smaller_model"],
            "until there is more data",
        ),
        (
            RISING,
            ((1, 0.2), (2, 0.24), (4, 0.2401)),
            ["more_data", "enough_epochs", "keep_size"],
            "get more data first",
        ),
        (((100.0, 0.2),), ((2, 0.2),), [], ""),
    ],
)
def test_advice_follows_what_is_clear(shares, epochs, kinds, said) -> None:
    found = advise(METRIC, curve(*shares), curve(*epochs), 2, 100)
    assert [one.kind for one in found] == kinds
    assert said in " ".join(one.sentence for one in found)


def test_a_part_of_the_data_asks_for_a_larger_sample_and_all_of_it_for_more_customers() -> None:
    part, whole = (advise(METRIC, curve(*RISING), [], 2, percent)[0] for percent in (10, 100))
    assert part.sentence.endswith("Take a larger sample.")
    assert whole.sentence.endswith("over a longer time, are worth having.")


def test_without_replicates_nothing_is_advised() -> None:
    bare = [Point(at, value, None) for at, value in RISING]
    (found,) = advise(METRIC, bare, [], 2, 100)
    assert found.kind == "unknown"
    assert "no bootstrap replicates" in found.sentence or "bootstrap" in found.sentence


def test_of_noise_alone_neither_more_nor_less_is_advised() -> None:
    """Each of several comparisons may miss once in twenty."""
    said = []
    for draw in range(100):
        flat = [
            Point(at, 0.24, Replicates.model_validate(replicates(0.24, seed=1000 * draw + place)))
            for place, at in enumerate((25.0, 50.0, 100.0))
        ]
        said += [one.kind for one in advise(METRIC, flat, [], 2, 100)]
    assert said.count("enough_data") >= 95
