"""Full trainings: what a quick test tried, trained for good; and tests that leave columns out."""

from __future__ import annotations

from dataclasses import replace

import pytest
from scenario import Shop, feature_spec

from shared import editing, services
from shared.documents.base import Collection
from shared.editing.estimating import forecast_quick_test
from shared.errors import NotFoundError
from shared.jobs import Stage, State
from shared.prices import read_prices
from shared.problems import InvalidError, Problem

PRODUCT = [
    {"column": "product", "type": "string_embedding"},
    {"column": "department", "type": "string_embedding", "embedding_dim": 8},
]


@pytest.fixture
def shop():
    return Shop()


@pytest.fixture
def completed(shop):
    test_id = shop.running_test(epochs=1, learning_rate_override=0.01)
    shop.succeed(test_id)
    shop.settle()
    return test_id


def spec_of(shop, test_id):
    return shop.documents.data(f"quick_tests/{test_id}")["spec"]


def test_a_full_training_is_of_what_was_tested_and_promotes_the_config(shop, completed):
    config_id = spec_of(shop, completed)["feature_config_id"]
    dataset_id = shop.documents.data(f"feature_configs/{config_id}")["spec"]["dataset_id"]
    editing.update(
        shop.ports, Collection.FEATURE_CONFIGS, config_id, spec=feature_spec(dataset_id, 64)
    )
    shop.settle()
    made = editing.train_in_full(shop.ports, completed, epochs=20, data_sample_percent=100)
    shop.settle()
    spec = spec_of(shop, made.id)
    assert (spec["purpose"], spec["source_test_id"]) == ("full_training", completed)
    assert (spec["epochs"], spec["learning_rate_override"]) == (20, 0.01)
    assert shop.test(made.id).pinned.feature_config_revision == 1
    assert shop.test(made.id).code.preprocessing == shop.test(completed).code.preprocessing
    request = shop.pipelines.requests[shop.job_id(made.id)]
    assert request.purpose == "full_training"
    assert request.output_uri == f"memory://models/{shop.job_id(made.id)}"
    assert shop.test(completed).artifacts_uri.startswith("memory://jobs/")
    assert shop.config(config_id).lifecycle == "tested"

    shop.succeed(made.id)
    shop.settle()
    assert shop.config(config_id).lifecycle == "promoted"
    later = shop.quick_test(config_id, spec["model_config_id"])
    shop.settle()
    shop.succeed(later)
    shop.settle()
    assert shop.config(config_id).lifecycle == "promoted"


def test_a_full_training_is_of_what_ran_whatever_has_been_written_over_it(shop, completed):
    tested = dict(spec_of(shop, completed))
    other = shop.model_config()
    shop.settle()
    path = f"quick_tests/{completed}"
    data = shop.documents.data(path)
    written = {**tested, "learning_rate_override": 9.0, "model_config_id": other}
    shop.documents.write(path, {**data, "spec": written})
    shop.settle()
    made = editing.train_in_full(shop.ports, completed, epochs=20)
    spec = spec_of(shop, made.id)
    assert spec["learning_rate_override"] == tested["learning_rate_override"] == 0.01
    assert spec["model_config_id"] == tested["model_config_id"] != other


def test_an_archived_config_stays_so_and_comes_back_promoted(shop, completed):
    config_id = spec_of(shop, completed)["feature_config_id"]
    made = editing.train_in_full(shop.ports, completed)
    shop.settle()
    services.archive(config_id, shop.ports)
    shop.succeed(made.id)
    shop.settle()
    assert shop.config(config_id).lifecycle == "archived"
    services.unarchive(config_id, shop.ports)
    assert shop.config(config_id).lifecycle == "promoted"


def test_a_full_training_that_fails_promotes_nothing(shop, completed):
    made = editing.train_in_full(shop.ports, completed)
    shop.settle()
    shop.pipelines.advance(shop.job_id(made.id), Stage.TRAIN, State.FAILED, "out of memory")
    shop.job_news(made.id)
    config_id = spec_of(shop, completed)["feature_config_id"]
    assert shop.config(config_id).lifecycle == "tested"


def test_only_a_completed_quick_test_is_trained_in_full(shop):
    running = shop.running_test()
    with pytest.raises(InvalidError, match=r"is running\. Only a completed one"):
        editing.train_in_full(shop.ports, running)
    with pytest.raises(NotFoundError):
        editing.train_in_full(shop.ports, "qt-none")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"source_test_id": None}, "goes back to a completed quick test"),
        ({"source_test_id": "qt-none"}, "no quick test 'qt-none'"),
        ({"purpose": "quick_test"}, "Only a full training goes back"),
        ({"model_config_id": "other"}, "takes the same ones"),
    ],
)
def test_one_written_past_the_api_is_judged_alike(shop, completed, change, message):
    other = shop.documents.data(f"model_configs/{spec_of(shop, completed)['model_config_id']}")
    shop.documents.write("model_configs/other", other)
    spec = {
        **spec_of(shop, completed),
        "purpose": "full_training",
        "source_test_id": completed,
        **change,
    }
    shop.documents.write("quick_tests/script", {"name": "x", "spec": spec})
    shop.settle()
    assert shop.test("script").state == "failed"
    assert message in shop.test("script").error.message
    assert shop.test("script").error.message.startswith("The test to train in full: ")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"champion_test_id": "qt-none"}, "no full training 'qt-none'"),
        ({"champion_test_id": "THE QUICK TEST"}, "is no full training that has completed"),
        ({"champion_test_id": "qt-none", "purpose": "quick_test"}, "Only a full training measures"),
    ],
)
def test_what_is_measured_besides_is_a_model_that_is_kept(shop, completed, change, message):
    source = {"source_test_id": completed, "purpose": "full_training"}
    if change.get("purpose") == "quick_test":
        source = {}
    if change["champion_test_id"] == "THE QUICK TEST":
        change = {"champion_test_id": completed}
    with pytest.raises(InvalidError, match=message):
        editing.create(
            shop.ports,
            Collection.QUICK_TESTS,
            name="x",
            spec={**spec_of(shop, completed), **source, **change},
        )


def test_a_revision_that_there_is_not_is_refused(shop, completed):
    spec = spec_of(shop, completed)
    with pytest.raises(InvalidError, match=r"has no revision 7\. It is at revision 1"):
        shop.quick_test(
            spec["feature_config_id"], spec["model_config_id"], feature_config_revision=7
        )


def test_a_test_without_a_column_neither_reads_nor_embeds_it(shop):
    dataset_id = shop.dataset()
    shop.settle()
    config_id = shop.feature_config(dataset_id, product_model_features=PRODUCT)
    leave_out = [{"tower": "product", "column": "department"}]
    test_id = shop.quick_test(config_id, shop.model_config(), leave_out=leave_out)
    shop.settle()
    request = shop.pipelines.requests[shop.job_id(test_id)]
    assert [ref.column for ref in request.vocabularies] == ["customer", "product"]
    assert "department" not in {feature.column for feature in request.examples.features}
    status = shop.test(test_id)
    for artifact in (status.code.preprocessing, status.code.trainer):
        assert "product_department" not in shop.artifacts.read(artifact.uri).decode()
    assert status.estimate.size.features == 2

    shop.succeed(test_id)
    shop.settle()
    config = shop.config(config_id)
    assert (config.best, config.lifecycle) == (None, "draft")

    preview = editing.preview_code(
        shop.ports, config_id, spec_of(shop, test_id)["model_config_id"], leave_out=leave_out
    )
    assert preview.preprocessing == shop.artifacts.read(status.code.preprocessing.uri).decode()


def test_a_full_training_leaves_out_what_was_left_out_and_then_promotes_nothing(shop):
    dataset_id = shop.dataset()
    shop.settle()
    config_id = shop.feature_config(dataset_id, product_model_features=PRODUCT)
    leave_out = [{"tower": "product", "column": "department"}]
    test_id = shop.quick_test(config_id, shop.model_config(), leave_out=leave_out)
    shop.settle()
    shop.succeed(test_id)
    made = editing.train_in_full(shop.ports, test_id)
    shop.settle()
    assert spec_of(shop, made.id)["leave_out"] == leave_out
    shop.succeed(made.id)
    assert (shop.test(made.id).state, shop.config(config_id).lifecycle) == ("completed", "draft")


def test_what_cannot_be_left_out_is_named(shop):
    dataset_id = shop.dataset()
    shop.settle()
    ids = shop.feature_config(dataset_id), shop.model_config()
    with pytest.raises(InvalidError) as refused:
        shop.quick_test(*ids, leave_out=[{"tower": "buyer", "column": "customer"}])
    assert [problem.path for problem in refused.value.problems] == ["spec.leave_out"]


def test_a_test_is_estimated_before_and_accounted_for_after(shop):
    shop.ports = replace(shop.ports, prices=read_prices())
    test_id = shop.running_test()
    estimate = shop.test(test_id).estimate
    assert estimate.seconds.low < estimate.seconds.likely < estimate.seconds.high
    assert estimate.cost_usd.likely > 0.03
    assert "for want of earlier ones" in estimate.basis
    shop.clock.advance(2 * estimate.seconds.likely)
    shop.succeed(test_id)
    status = shop.test(test_id)
    assert status.estimate_error == pytest.approx(1.0)
    seconds = 2 * estimate.seconds.likely
    assert status.cost_usd == pytest.approx(shop.ports.prices.usd("quick_test", seconds))


def test_what_a_job_reads_of_bigquery_is_asked_for_before_and_paid_for(shop):
    prices = read_prices()
    shop.ports = replace(shop.ports, prices=prices)
    shop.data.price = 2**40
    test_id = shop.running_test()
    estimate = shop.test(test_id).estimate
    counted = ("customer", "product", "bought_at")  # rows that lack one of them
    rules = ("department", "price", "organic")  # what they may read of products
    assert shop.data.read == [("customer", "product", *rules, "bought_at", "title"), counted]
    assert estimate.bytes_read == 10 * 2**40
    without = prices.usd("quick_test", estimate.seconds.likely)
    assert estimate.cost_usd.likely == pytest.approx(without + 10 * prices.usd_per_tib_read)
    shop.clock.advance(60)
    shop.succeed(test_id)
    paid = prices.usd("quick_test", 60) + 10 * prices.usd_per_tib_read
    assert shop.test(test_id).cost_usd == pytest.approx(paid)


def test_an_estimate_goes_without_what_the_source_does_not_tell(shop, monkeypatch):
    def refuses(*_):
        raise InvalidError([Problem(path="spec.source.table", code="forbidden", message="No.")])

    monkeypatch.setattr(shop.data, "bytes_read", refuses)
    estimate = shop.test(shop.running_test()).estimate
    assert estimate is not None
    assert estimate.bytes_read is None


def test_on_a_laptop_nothing_costs_and_a_failure_says_nothing_of_the_estimate(shop):
    test_id = shop.running_test()
    shop.clock.advance(60)
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.FAILED, "boom")
    shop.job_news(test_id)
    status = shop.test(test_id)
    assert status.estimate is not None
    assert (status.estimate.cost_usd, status.cost_usd, status.estimate_error) == (None, None, None)


def test_a_test_that_reuses_stages_says_nothing_of_the_estimate(shop, monkeypatch):
    """The estimate is of a run that does everything itself."""
    test_id = shop.running_test()
    shop.clock.advance(60)
    ask = shop.pipelines.get

    def reusing(job_id):
        job = ask(job_id)
        early = (Stage.EXAMPLES, Stage.TRANSFORM)
        tasks = [t.model_copy(update={"reused": t.name in early}) for t in job.tasks]
        return job.model_copy(update={"tasks": tasks})

    monkeypatch.setattr(shop.pipelines, "get", reusing)
    shop.succeed(test_id)
    status = shop.test(test_id)
    assert status.state == "completed"
    assert [task.reused for task in status.stages] == [True, True, False, False]
    assert status.estimate is not None
    assert status.estimate_error is None


def test_waiting_for_a_free_machine_is_no_part_of_the_duration(shop):
    test_id = shop.running_test()
    shop.clock.advance(500)
    job_id = shop.job_id(test_id)
    shop.pipelines.jobs[job_id] = shop.pipelines.jobs[job_id].model_copy(
        update={"started_at": shop.clock.now()}
    )
    shop.clock.advance(40)
    shop.succeed(test_id)
    assert shop.test(test_id).duration_seconds == 40


def test_a_cancelled_test_is_charged_for_what_it_took(shop):
    shop.ports = replace(shop.ports, prices=read_prices())
    test_id = shop.running_test()
    shop.clock.advance(600)
    services.cancel_quick_test(test_id, shop.ports)
    shop.job_news(test_id)
    assert shop.test(test_id).cost_usd == pytest.approx(shop.ports.prices.usd("quick_test", 600))


def test_a_test_that_would_read_more_than_one_may_is_refused(shop):
    shop.data.price = 2**30
    shop.ports = replace(shop.ports, most_bytes=3 * 2**30)
    dataset_id = shop.dataset()
    shop.settle()
    features, model = shop.feature_config(dataset_id), shop.model_config()
    shop.settle()
    forecast = forecast_quick_test(
        shop.ports, {"feature_config_id": features, "model_config_id": model}
    )
    assert [problem.code for problem in forecast.problems] == ["reads_too_much"]
    test_id = shop.quick_test(features, model)
    shop.settle()
    assert shop.test(test_id).state == "failed"
    assert "one test may read 3 GiB" in shop.test(test_id).error.message
    assert not shop.pipelines.requests
