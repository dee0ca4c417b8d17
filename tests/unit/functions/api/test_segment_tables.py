"""For whom a test is better or worse: over the API, in reports, comparisons and on the terminal."""

from __future__ import annotations

import pytest
from api_client import Client
from lab import Lab, retrieval
from segmented import METRIC, completed, segments

from local.cli.output import out
from local.cli.results import show_comparison
from local.cli.segments import show_segment_comparison, show_segments
from shared.comparing.segment_pairs import compare_segments
from shared.comparing.segments import segment_table
from shared.comparing.table import compare
from shared.rules.result_words import comparison_sentence
from shared.segment_reports import SEGMENTS_FILE

COMPARE = "/api/quick-tests/compare-segments/"


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


def said(show, *arguments) -> list[str]:
    with out.capture() as capture:
        show(*arguments)
    return [" ".join(line.split()) for line in capture.get().splitlines() if line.strip()]


def errors(response) -> dict[str, str]:
    assert response.status_code == 422, response.text
    return {one["path"]: one["message"] for one in response.json()["error"]["fields"]}


def test_a_segment_stands_beside_its_baselines(lab, client):
    test_id = completed(lab, "One", 0.25, 1, new=0.1, heavy=0.28)
    found = client("GET", f"/api/quick-tests/{test_id}/segments/").json()
    assert (found["metric"], found["metrics"], found["reason"]) == (METRIC, [METRIC, "mrr"], None)
    (split,) = found["splits"]
    assert [(row["label"], row["rows"], row["customers"]) for row in split["rows"]] == [
        ("New", 2_000, 120),
        ("Heavy", 10_000, 80),
    ]
    popularity, random = split["rows"][0]["against"]
    assert (popularity["name"], popularity["value"], popularity["verdict"]) == (
        "popularity",
        0.2,
        "worse",
    )
    assert (random["name"], random["verdict"]) == ("random", None)
    assert [one["verdict"] for one in split["rows"][1]["against"]] == ["better", None]
    assert found["whole"]["against"][0]["name"] == "own_history"
    mrr = client("GET", f"/api/quick-tests/{test_id}/segments/?metric=mrr").json()
    assert mrr["splits"][0]["rows"][0]["value"] == pytest.approx(0.02)
    assert mrr["splits"][0]["rows"][0]["against"][0]["verdict"] is None


def test_a_loss_that_the_total_hides_is_a_warning_of_the_test(lab):
    test_id = completed(lab, "One", 0.25, 1, new=0.1, heavy=0.28)
    (warning,) = [one for one in lab.test(test_id).warnings if one.code == "worse_segment"]
    assert warning.path == "segments.customers.new"
    assert warning.message == (
        "Over all rows the model is clearly better than recommending what is popular, but for new "
        "customers it is clearly worse: Recall@100 10.0% against 20.0% (2,000 rows of 120 "
        "customers, 1 to 4 training purchases)."
    )
    fine = completed(lab, "Other", 0.25, 2, new=0.19, heavy=0.28)  # within its interval
    assert "worse_segment" not in [one.code for one in lab.test(fine).warnings]


def test_an_older_test_says_that_it_has_none(lab, client):
    test_id = completed(lab, "Old", 0.25, 1)
    found = client("GET", f"/api/quick-tests/{test_id}/segments/").json()
    assert (found["splits"], found["metric"]) == ([], METRIC)
    assert found["reason"].startswith("It was measured before results were split by segments.")
    assert "For whom" not in client("GET", f"/api/quick-tests/{test_id}/report/").text


def test_a_metric_that_the_test_has_not_and_a_test_that_runs_are_told(lab, client):
    test_id = completed(lab, "One", 0.25, 1, new=0.1)
    answer = client("GET", f"/api/quick-tests/{test_id}/segments/?metric=rmse")
    assert errors(answer) == {
        "metric": "This test has no metric 'rmse' by segment. Those that there are: "
        "recall_at_100, mrr."
    }
    running = lab.launched("Runs", *lab.own_configs)
    answer = client("GET", f"/api/quick-tests/{running}/segments/")
    assert answer.status_code == 404
    assert "It is running; only completed tests have results." in answer.text
    assert client("GET", "/api/quick-tests/nothing/segments/").status_code == 404


def test_results_with_segments_that_are_no_numbers_fail_the_test(lab):
    test_id = lab.launched("Bad", lab.features(), lab.model())
    broken = segments(new=0.1)
    broken["splits"][0]["segments"][0]["metrics"][METRIC] = "high"
    lab.leave(test_id, SEGMENTS_FILE, broken)
    lab.leave_results(test_id, retrieval(0.2))
    lab.job_news(test_id)
    test = lab.test(test_id)
    assert test.state == "failed"
    assert test.error.message.startswith("segments.json is malformed: splits.0.segments.0.metrics")


def test_two_tests_are_compared_by_segment(lab, client):
    one = completed(lab, "One", 0.25, 1, new=0.2, heavy=0.2)
    other = completed(lab, "Other", 0.3, 2, new=0.1, heavy=0.4)
    body = {"quick_test_id": other, "base_id": one}
    found = client("POST", COMPARE, body).json()
    (split,) = found["splits"]
    new, heavy = split["rows"]
    assert (new["value"], new["against"][0]["value"], new["against"][0]["verdict"]) == (
        0.1,
        0.2,
        "worse",
    )
    assert heavy["against"][0]["verdict"] == "better"
    assert found["whole"]["against"][0]["verdict"] == "better"
    (warning,) = found["warnings"]
    assert warning.startswith(
        "Other is clearly better than One over all rows, but clearly worse for new customers: "
        "10.0% against 20.0% (-1"
    )
    swapped = client("POST", COMPARE, {"quick_test_id": one, "base_id": other}).json()
    assert swapped["warnings"] == found["warnings"]
    assert swapped["splits"][0]["rows"][0]["against"][0]["verdict"] == "better"
    (group,) = client("POST", "/api/quick-tests/compare/", {"quick_test_ids": [one, other]}).json()[
        "groups"
    ]
    assert group["warnings"] == found["warnings"]


def test_the_comparison_with_the_best_before_names_the_segments_that_lose(lab):
    completed(lab, "One", 0.25, 1, new=0.2, heavy=0.2)
    test = lab.test(completed(lab, "Other", 0.3, 2, new=0.1, heavy=0.4))
    assert [loss.segment for loss in test.comparison.worse_segments] == ["new customers"]
    assert "But it is clearly worse for new customers (-1" in comparison_sentence(test.comparison)
    better = lab.test(completed(lab, "Third", 0.35, 3, new=0.2, heavy=0.5))
    assert better.comparison.worse_segments == []
    assert "worse" not in comparison_sentence(better.comparison)


def test_what_cannot_be_compared_by_segment_is_told(lab, client):
    one = completed(lab, "One", 0.25, 1, new=0.2)
    old = completed(lab, "Old", 0.2, 2)
    running = lab.launched("Runs", *lab.own_configs)
    other = lab.completed("Other", 0.3, *lab.own_configs, data_sample_percent=25.0)

    def refused(base: str, **fields) -> dict[str, str]:
        return errors(client("POST", COMPARE, {"quick_test_id": one, "base_id": base, **fields}))

    assert refused(one) == {"base_id": "Give two different tests."}
    assert refused("none")["base_id"].startswith("There is no quick test 'none'.")
    assert refused(running) == {
        "base_id": "Runs cannot be compared. It is running; only completed tests have results."
    }
    assert refused(other) == {
        "base_id": "The two were not measured alike: other sample: 10% against 25%."
    }
    assert list(refused(old, metric="rmse")) == ["metric"]
    found = client("POST", COMPARE, {"quick_test_id": one, "base_id": old}).json()
    assert found["splits"] == found["warnings"] == []
    assert found["reason"].startswith("Old: It was measured before")


def test_the_report_and_the_terminal_have_them(lab, client):
    one = completed(lab, "One", 0.25, 1, new=0.2, heavy=0.2)
    other = completed(lab, "Other", 0.3, 2, new=0.1, heavy=0.4)
    page = " ".join(client("GET", f"/api/quick-tests/{other}/report/").text.split())
    assert "<h2>For whom</h2>" in page
    assert 'New <span class="small">1 to 4 training purchases</span>' in page
    told = client("GET", f"/api/quick-tests/{other}/report.json").json()["segments"]
    assert told == client("GET", f"/api/quick-tests/{other}/segments/").json()
    lines = said(show_segments, segment_table(other, None, lab.ports))
    assert "segment purchases customers this model 95% interval own history popularity" in lines
    assert "New 2,000 120 0.1000 0.0800 – 0.1200 – 0.2000 ▼" in lines
    assert "Heavy 10,000 80 0.4000 0.3800 – 0.4200 – 0.2000 ▲" in lines
    assert any(line.startswith("Customers: new: 1 to 4 training purchases; ") for line in lines)
    lines = said(show_segment_comparison, compare_segments(other, one, None, lab.ports))
    assert any(line.startswith("New 2,000 120 0.1000 0.2000 ▼ -1") for line in lines)
    assert any(line.startswith("! Other is clearly better than One over all") for line in lines)
    lines = said(show_comparison, compare([one, other], None, lab.ports))
    assert any(line.startswith("! Other is clearly better than One over all") for line in lines)
