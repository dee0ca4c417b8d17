"""Durations: sensible before the first run, and learned from then on."""

from __future__ import annotations

import math
import random
import statistics

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scenario import known_dataset, metrics

from shared.documents.estimate import RunSize
from shared.documents.feature_config import FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec, QuickTestStatus
from shared.jobs import Stage
from shared.prices import read_prices
from shared.rules.estimate import estimate, fit, stage_times, total
from shared.rules.runs import START, Run, completed_run, run_size

TIMES = stage_times("direct", rented=None)


def size(chance: random.Random) -> RunSize:
    rows = int(10 ** chance.uniform(4, 6))
    return RunSize(
        dataset_rows=2_000_000,
        rows=rows,
        holdout_rows=rows // 10,
        products=chance.choice([1_000, 10_000, 50_000]),
        features=chance.randint(2, 20),
        layer_parameters=chance.choice([20_000, 50_000, 150_000]),
        embedding_parameters=chance.choice([400_000, 4_000_000]),
        batch_size=chance.choice([256, 512, 4096]),
        epochs=chance.randint(1, 10),
    )


def run(
    chance: random.Random, *, machine: float = 1.0, growth: float = 1.0, noise: float = 0.0
) -> Run:
    """A run on a machine that takes `machine` times as long, and `growth` times for each row."""
    made = size(chance)
    luck = math.exp(chance.gauss(0, noise))
    return Run(
        made,
        {
            name: luck * machine * (time.fixed(made) + growth * time.growing(made))
            for name, time in TIMES.items()
        },
    )


def measured(total_seconds: dict[str, float], **fields: int) -> Run:
    base = {
        "dataset_rows": 1_145_337,
        "rows": 114_534,
        "holdout_rows": 11_453,
        "products": 10_343,
        "features": 10,
        "layer_parameters": 52_672,
        "embedding_parameters": 959_744,
        "batch_size": 512,
        "epochs": 2,
    }
    return Run(RunSize.model_validate({**base, **fields}), total_seconds)


def test_the_first_estimate_covers_what_was_measured_on_the_demo_data():
    fitted = fit([], TIMES)
    for seconds, fields in (
        (36.2, {}),
        (25.7, {"features": 2, "layer_parameters": 29_120, "embedding_parameters": 409_920}),
        (30.5, {"rows": 57_267, "holdout_rows": 5_727, "epochs": 1, "layer_parameters": 20_160}),
        (56.4, {"epochs": 6}),
        (37.8, {"rows": 286_334, "holdout_rows": 28_633, "epochs": 1}),
        (40.0, {"layer_parameters": 150_464}),
        (37.2, {"batch_size": 2048}),
        (68.9, {"rows": 572_668, "holdout_rows": 57_267, "epochs": 1}),
    ):
        found = fitted.seconds(measured({}, **fields).size)
        assert found.low < seconds < found.high
        assert found.likely == pytest.approx(seconds, rel=0.3)


@pytest.mark.parametrize("earlier", [5, 12, 30])
@pytest.mark.parametrize("noise", [0.1, 0.3])
def test_the_range_covers_about_four_in_five_of_runs_to_come(earlier, noise):
    chance, hits, count = random.Random(7), 0, 0
    for _ in range(60):
        kind = {"machine": math.exp(chance.gauss(0, 0.7)), "growth": chance.choice([0.5, 1, 2])}
        fitted = fit([run(chance, noise=noise, **kind) for _ in range(earlier)], TIMES)
        for _ in range(10):
            held_out = run(chance, noise=noise, **kind)
            found = fitted.seconds(held_out.size)
            hits += found.low <= held_out.total <= found.high
            count += 1
    assert 0.7 <= hits / count <= 0.9


def test_an_estimate_learns_how_fast_a_machine_is():
    chance = random.Random(1)
    kind = {"machine": 3.0, "growth": 0.5, "noise": 0.05}
    earlier = [run(chance, **kind) for _ in range(15)]
    fitted = fit(earlier, TIMES)
    errors = [
        abs(math.log(fitted.seconds(held_out.size).likely / held_out.total))
        for held_out in (run(chance, **kind) for _ in range(50))
    ]
    assert statistics.median(errors) < 0.1
    before = fit([], TIMES)
    found = [before.seconds(r.size) for r in earlier]
    assert statistics.median(f.likely / r.total for f, r in zip(found, earlier, strict=True)) < 0.6


def partly(whole: Run) -> Run:
    """A run that reuses its examples and what they were transformed to."""
    reused = (Stage.EXAMPLES, Stage.TRANSFORM)
    kept = {name: seconds for name, seconds in whole.seconds.items() if name not in reused}
    return Run(whole.size, kept)


def test_runs_that_reuse_stages_teach_how_long_the_others_take():
    chance = random.Random(11)
    whole = run(chance, machine=3.0)
    reusing = [partly(run(chance, machine=3.0, noise=0.05)) for _ in range(15)]
    wanted = size(chance)
    took = {name: 3 * (t.fixed(wanted) + t.growing(wanted)) for name, t in TIMES.items()}
    learned = fit([*reusing, whole], TIMES)
    assert learned.seconds(wanted).likely == pytest.approx(sum(took.values()), rel=0.25)
    alone = fit(reusing, TIMES)
    # Nothing is known of the stages that nobody did: there the guess stands.
    for name in (Stage.EXAMPLES, Stage.TRANSFORM):
        assert alone.scales[name] == (1.0, 1.0)
    width = {n: fit(reusing[:n], TIMES).seconds(wanted) for n in (0, 1, 15)}
    assert width[15].high / width[15].low < width[1].high / width[1].low


def test_ranges_narrow_with_runs_that_agree():
    chance = random.Random(3)
    runs = [run(chance, noise=0.1) for _ in range(20)]
    widths = []
    for count in (0, 1, 5, 20):
        found = fit(runs[:count], TIMES).seconds(runs[0].size)
        widths.append(found.high / found.low)
    assert widths == sorted(widths, reverse=True)
    assert widths[0] > 7
    assert widths[-1] < 1.6


def test_one_run_that_hung_does_not_spoil_the_rest():
    chance = random.Random(5)
    runs = [run(chance, noise=0.05) for _ in range(12)]
    held_out = run(chance)
    hung = Run(runs[0].size, {name: 50 * seconds for name, seconds in runs[0].seconds.items()})
    found = fit([*runs, hung], TIMES).seconds(held_out.size)
    assert found.likely == pytest.approx(held_out.total, rel=0.3)


def test_far_beyond_what_was_run_the_range_is_wider():
    chance = random.Random(9)
    runs = [run(chance, noise=0.1) for _ in range(20)]
    fitted = fit(runs, TIMES)
    small = runs[0].size
    large = small.model_copy(update={"rows": 10**8, "holdout_rows": 10**7, "epochs": 20})
    near, far = fitted.seconds(small), fitted.seconds(large)
    assert far.high / far.low > 1.5 * near.high / near.low


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 2**32), st.integers(0, 8), st.floats(0.01, 100), st.floats(0, 3))
def test_estimates_are_positive_finite_and_in_order(seed, earlier, machine, noise):
    chance = random.Random(seed)
    fitted = fit([run(chance, machine=machine, noise=noise) for _ in range(earlier)], TIMES)
    assert all(a >= 0 and b >= 0 for a, b in fitted.scales.values())
    found = fitted.seconds(size(chance))
    assert 0 < found.low < found.likely < found.high < math.inf


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.tuples(st.lists(st.integers(0, 12), min_size=9, max_size=9), st.floats(1e-6, 1e11)))
)
def test_no_earlier_runs_spoil_an_estimate(drawn):
    """As far as they can have been, as `completed_run` says; of several alike too."""
    runs = [
        Run(
            RunSize(**dict(zip(RunSize.model_fields, (10**n for n in powers), strict=True))),
            dict.fromkeys(TIMES, seconds),
        )
        for powers, seconds in drawn
    ]
    fitted = fit(runs, TIMES)
    assert all(0 <= one < math.inf for scales in fitted.scales.values() for one in scales)
    found = fitted.seconds(size(random.Random(1)))
    assert 0 <= found.low <= found.likely <= found.high < math.inf


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2**32))
def test_more_work_never_takes_less(seed):
    chance = random.Random(seed)
    fitted = fit([run(chance, noise=0.5) for _ in range(5)], TIMES)
    one = size(chance)
    for field in ("rows", "epochs", "layer_parameters", "products"):
        more = one.model_copy(update={field: 2 * getattr(one, field)})
        if field == "rows":
            more = more.model_copy(update={"holdout_rows": 2 * one.holdout_rows})
        assert fitted.seconds(more).likely >= fitted.seconds(one).likely


def test_tfx_and_rented_machines_take_longer_at_first():
    chance = random.Random(2)
    some = size(chance)
    plain = fit([], TIMES).seconds(some).likely
    for runner, rented in (("tfx", None), ("direct", "quick_test")):
        times = stage_times(runner, rented=rented)
        assert fit([], times).seconds(some).likely > plain + 30


def test_a_tests_size_follows_from_its_configs():
    features = FeatureConfigSpec.model_validate(
        {
            "dataset_id": "ds",
            "buyer_model_features": [{"column": "customer", "type": "string_embedding"}],
            "product_model_features": [
                {"column": "product", "type": "string_embedding", "embedding_dim": 16},
                {"column": "price", "type": "numeric"},
            ],
        }
    )
    layers = [{"type": "dense", "units": 32, "activation": None}]
    model = ModelConfigSpec.model_validate(
        {"buyer_tower_layers": layers, "product_tower_layers": layers, "batch_size": 64}
    )
    spec = QuickTestSpec(
        feature_config_id="f", model_config_id="m", data_sample_percent=1, epochs=7
    )
    found = run_size(spec, features, model, known_dataset())
    assert found is not None
    assert (found.dataset_rows, found.rows, found.holdout_rows) == (1_000_000, 10_000, 1_000)
    assert (found.products, found.features, found.batch_size, found.epochs) == (5_000, 3, 64, 7)
    assert found.layer_parameters == (32 * 32 + 32) + (17 * 32 + 32)
    assert (
        found.embedding_parameters == 2_010 * 32 + 5_010 * 16
    )  # with 10 rows for unknown values each
    smaller = spec.model_copy(update={"batch_size_override": 8})
    assert run_size(smaller, features, model, known_dataset()).batch_size == 8
    assert run_size(spec, features, model, known_dataset(rows=None)) is None


def test_a_completed_test_teaches_what_it_really_did():
    sized = size(random.Random(1)).model_copy(update={"epochs": 20})
    at = "2025-01-01T00:00:{:02}Z".format
    status = {
        "state": "completed",
        "estimate": {
            "seconds": {"low": 1, "likely": 2, "high": 3},
            "basis": "x",
            "size": sized.model_dump(),
        },
        "results": metrics(0.2),
        "epochs": [{"epoch": 1, "loss": 1.0, "seconds": 1.0}],
        "duration_seconds": 45.0,
        "stages": [
            {"name": s, "state": "succeeded", "started_at": at(10 * n), "ended_at": at(10 * n + 9)}
            for n, s in enumerate(Stage)
        ],
    }
    found = completed_run(QuickTestStatus.model_validate(status))
    assert found is not None
    assert found.seconds == {**dict.fromkeys(Stage, 9.0), START: 9.0}
    assert (found.size.rows, found.size.epochs, found.size.products) == (100_000, 1, 4_800)
    assert found.size.batch_size == sized.batch_size
    for lack in (
        {"state": "failed"},
        {"results": None},
        {"estimate": None},
        {"duration_seconds": None},
        {"stages": status["stages"][:3]},
        {"stages": [{"name": s, "state": "succeeded"} for s in Stage]},
        {"stages": [{**stage, "reused": True} for stage in status["stages"]]},
        # Sizes that no run can have had.
        *(
            {"estimate": {**status["estimate"], "size": {**sized.model_dump(), **written}}}
            for written in ({"batch_size": 0}, {"features": 10**30}, {"dataset_rows": -1})
        ),
    ):
        assert completed_run(QuickTestStatus.model_validate({**status, **lack})) is None

    examples, *others = status["stages"]
    reused = {**examples, "ended_at": at(0), "reused": True}
    partly = completed_run(QuickTestStatus.model_validate({**status, "stages": [reused, *others]}))
    assert partly is not None
    assert partly.seconds == dict.fromkeys(list(Stage)[1:], 9.0) | {START: 18.0}


def test_costs_follow_from_the_duration_and_sums_from_their_parts():
    prices = read_prices()
    fitted = fit([], stage_times("tfx", rented="quick_test"))
    sizes = [size(random.Random(seed)) for seed in range(3)]
    found = [estimate(one, fitted, "quick_test", prices) for one in sizes]
    for item in found:
        assert item.cost_usd is not None
        assert item.cost_usd.likely == pytest.approx(
            prices.usd_per_run + prices.usd_per_hour["e2-standard-4"] * item.seconds.likely / 3600
        )
    whole = total(found)
    assert whole is not None
    assert whole.seconds.high == pytest.approx(sum(item.seconds.high for item in found))
    assert whole.cost_usd.likely == pytest.approx(sum(item.cost_usd.likely for item in found))
    assert total([]) is None
    assert total([estimate(sizes[0], fitted, "quick_test", None)]).cost_usd is None
