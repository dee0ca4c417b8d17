"""A completed test's learning curves over HTTP: started, followed, read with their advice."""

from __future__ import annotations

import pytest
from api_client import Client, error
from lab import Lab, ranking, replicates, retrieval

from shared import editing
from shared.documents.base import Collection

HEAD = [{"type": "dense", "units": 1, "activation": None}]
# By share with two epochs, and by epochs with all customers.
RECALL = {(5, 2): 0.20, (10, 2): 0.22, (25, 2): 0.24, (50, 2): 0.26, (100, 2): 0.28}
RECALL |= {(100, 1): 0.25, (100, 4): 0.2801, (100, 8): 0.26}


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


@pytest.fixture
def tested(lab):
    return lab.completed(
        "Base", 0.2, lab.features(), lab.model(), batch_size_override=512, training_seed=3
    )


def path(test_id):
    return f"/api/quick-tests/{test_id}/learning-curve/"


def start(client, test_id, **body):
    made = client("POST", path(test_id), body)
    assert made.status_code == 201, made.text
    return made.json()


def finish(lab, sweep_id, results):
    """Lets the tests of a sweep complete, as far as there are results by share and epochs."""
    lab.settle()
    for entry in lab.swept(sweep_id).tests:
        lab.settle()
        spec = lab.documents.data(f"quick_tests/{entry.quick_test_id}")["spec"]
        share, epochs = spec["trained_percent"], spec["epochs"]
        report, drawn = results(share, epochs)
        report["protocol"] |= {
            name: spec[name] for name in ("trained_percent", "judged_percent", "seed")
        }
        report["protocol"] |= {"sample_percent": 100.0, "train_rows": 1_000 * int(share)}
        lab.leave_results(entry.quick_test_id, report, drawn)
        lab.job_news(entry.quick_test_id)
        lab.settle()


def recalls(share, epochs):
    value = RECALL[share, epochs]
    return retrieval(value), replicates(value, seed=round(10 * share + epochs))


def test_a_curve_has_the_tests_settings_and_one_set_of_held_out_customers(client, lab, tested):
    forecast = client("POST", f"{path(tested)}validate/", {}).json()
    assert forecast["valid"]
    assert [one["label"] for one in forecast["tests"]] == [
        "5% of the customers, 2 epochs",
        "10% of the customers, 2 epochs",
        "25% of the customers, 2 epochs",
        "50% of the customers, 2 epochs",
        "100% of the customers, 2 epochs",
        "100% of the customers, 1 epoch",
        "100% of the customers, 4 epochs",
        "100% of the customers, 8 epochs",
    ]
    assert lab.documents.query("sweeps") == []
    made = start(client, tested)
    assert made["name"] == "Learning curves of Base"
    assert made["spec"]["learning_curve"]
    lab.settle()
    first = lab.documents.data(f"quick_tests/{lab.swept(made['id']).tests[0].quick_test_id}")
    wanted = {
        "data_sample_percent": 100,
        "trained_percent": 5,
        "judged_percent": 5,
        "epochs": 2,
        "batch_size_override": 512,
        "training_seed": 3,
    }
    assert wanted.items() <= first["spec"].items()


def test_curves_are_read_with_what_follows_once_they_have_ended(client, lab, tested):
    sweep_id = start(client, tested)["id"]
    lab.settle()
    address = f"/api/sweeps/{sweep_id}/learning-curve/"
    early = client("GET", address).json()
    assert early["metric"] is None
    assert early["advice"] == []
    assert [len(curve["points"]) for curve in early["curves"]] == [5, 4]
    finish(lab, sweep_id, recalls)
    found = client("GET", address).json()
    assert lab.swept(sweep_id).state == "completed"
    by_share, by_epochs = found["curves"]
    assert [point["at"] for point in by_share["points"]] == [5, 10, 25, 50, 100]
    assert [point["value"] for point in by_share["points"]] == [0.2, 0.22, 0.24, 0.26, 0.28]
    assert [point["train_rows"] for point in by_share["points"]][:2] == [5_000, 10_000]
    assert by_share["points"][0]["verdict"] is None
    assert {point["verdict"] for point in by_share["points"][1:]} == {"better"}
    assert [point["at"] for point in by_epochs["points"]] == [1, 2, 4, 8]
    assert by_epochs["points"][-1]["verdict"] == "worse"
    assert by_epochs["points"][-1]["epochs"] == 3  # of eight: it stopped early
    assert found["baseline_label"] == "What they bought before"
    assert by_share["points"][-1]["baseline"] == pytest.approx(0.28 * 0.95)
    assert [one["kind"] for one in found["advice"]] == ["more_data", "enough_epochs", "keep_size"]
    assert found["told"].startswith("By 10,000 held-out purchases of 190 customers.")


def test_errors_of_ratings_fall_where_more_data_helps(client, lab):
    features, model = lab.features(), lab.model(model_type="ranking", rating_head_layers=HEAD)
    test_id = lab.launched("Rates", features, model, rating_column="price")
    lab.leave_results(test_id, ranking(0.8), replicates(0.8, name="rmse"))
    lab.job_news(test_id)

    def rmse(share, _):
        value = 1 - share / 200
        drawn = replicates(value, name="rmse", seed=round(share))
        return ranking(value), drawn

    sweep_id = start(client, test_id, epochs=[], shares=[25, 50])["id"]
    finish(lab, sweep_id, rmse)
    found = client("GET", f"/api/sweeps/{sweep_id}/learning-curve/").json()
    assert (found["metric"], found["lower_is_better"]) == ("rmse", True)
    assert [curve["by"] for curve in found["curves"]] == ["customers"]
    assert found["advice"][0]["kind"] == "more_data"


def test_a_deleted_test_leaves_a_gap(client, lab, tested):
    sweep_id = start(client, tested, epochs=[])["id"]
    finish(lab, sweep_id, recalls)
    gone = lab.swept(sweep_id).tests[2].quick_test_id
    editing.delete(lab.ports, Collection.QUICK_TESTS, gone)
    found = client("GET", f"/api/sweeps/{sweep_id}/learning-curve/").json()
    assert [point["value"] for point in found["curves"][0]["points"]][2] is None
    assert found["curves"][0]["points"][3]["verdict"] == "better"  # than the one before the gap


def test_what_has_no_curve_says_why(client, lab, tested):
    features, model = lab.features("Other"), lab.model("Other")
    running = lab.launched("Running", features, model)
    found = error(client("POST", path(running), {}), 422, "invalid")
    assert "'Running' is running. Learning curves are drawn of a completed test." in str(found)
    for place in (path("qt-none"), f"{path('qt-none')}validate/"):
        error(client("POST", place, {}), 404, "not_found")
    error(client("GET", "/api/sweeps/sw-none/learning-curve/"), 404, "not_found")
    for body, field in (
        ({"shares": [0]}, "shares[0]"),
        ({"epochs": [101]}, "epochs[0]"),
        ({"share": [5]}, "share"),
    ):
        found = error(client("POST", path(tested), body), 422, "invalid")
        assert [one["path"] for one in found["fields"]] == [field]
    found = error(client("POST", path(tested), {"shares": [], "epochs": []}), 422, "invalid")
    assert "at least two points" in str(found)
    plain = lab.sweep([features], [model], overrides=[{"epochs": 1}, {"epochs": 2}])
    lab.settle()
    found = error(client("GET", f"/api/sweeps/{plain}/learning-curve/"), 422, "invalid")
    assert "is no learning curve" in str(found)


def test_a_config_that_has_changed_since_is_to_be_tested_again(client, lab, tested):
    spec = lab.documents.data(f"quick_tests/{tested}")["spec"]
    model = lab.documents.data(f"model_configs/{spec['model_config_id']}")
    editing.update(
        lab.ports,
        Collection.MODEL_CONFIGS,
        spec["model_config_id"],
        spec={**model["spec"], "batch_size": 128},
    )
    lab.settle()
    found = error(client("POST", path(tested), {}), 422, "invalid")
    assert "'Small' was changed after this test, from revision 1 to 2. Test it again" in str(found)


def test_judged_by_more_than_are_trained_on_is_refused(client, lab, tested):
    spec = start(client, tested)["spec"]
    spec["judged_percent"] = 10
    body = {"name": "Wrong", "spec": spec}
    found = error(client("POST", "/api/sweeps/", body), 422, "invalid")
    assert [one["path"] for one in found["fields"]] == ["spec.judged_percent"]
    assert "5% at most" in str(found)
