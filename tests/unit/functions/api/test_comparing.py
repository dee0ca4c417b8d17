"""Comparisons over the API."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from api_client import Client, error
from compared import COMPARE, EVIL, HEATMAP, ids, lines
from lab import Lab, ranking, replicates, retrieval

from functions.api.csv_files import csv_text


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


WIDE = [{"type": "dense", "units": 64}, {"type": "dense", "units": 32, "activation": None}]


def around_a_base(lab):
    """A request for one below, one above and one that was not measured like the base."""
    features, model = lab.features(), lab.model()
    low = lab.completed("Low", 0.2, features, model)
    base = lab.completed("Base", 0.25, features, model, seed=2)
    high = lab.completed("High", 0.3, features, model, seed=3)
    alone = lab.completed("Alone", 0.9, features, model, data_sample_percent=25.0)
    return {**ids(low, base, high, alone), "base": base}


class TestCompare:
    def test_ranks_within_groups_only_and_says_why(self, lab, client):
        features, model = lab.features(), lab.model()
        low = lab.completed("Low", 0.2, features, model)
        high = lab.completed("High", 0.25, features, model, seed=2)
        close = lab.completed("Close", 0.2499, features, model, seed=3)
        other = lab.completed("Other", 0.9, features, model, data_sample_percent=25.0)
        found = client("POST", COMPARE, ids(low, high, close, other)).json()
        assert (found["metric"], found["lower_is_better"]) == ("recall_at_100", False)
        first, second = found["groups"]
        assert [(row["name"], row["rank"], row["best"]) for row in first["rows"]] == [
            ("High", 1, False),
            ("Close", 2, False),
            ("Low", 3, False),
        ]
        best, near, far = first["rows"]
        assert (best["verdict"], best["difference"]) == (None, None)
        assert (near["verdict"], far["verdict"]) == ("no_clear_difference", "worse")
        assert far["difference"]["high"] < -0.04
        assert far["baselines"]["popularity"]["recall_at_100"] == pytest.approx(0.14)
        assert far["intervals"]["recall_at_100"]["low"] == pytest.approx(0.184)
        assert first["summary"] == (
            "No clear best: High and Close cannot be told apart (Recall@100 25.0% and 25.0%)."
        )
        assert first["verdict"] == {
            "best": None,
            "leading": [high, close],
            "beats_baselines": True,
            "any_beats_baselines": True,
        }
        assert first["reasons"] == []
        assert second["reasons"] == ["other sample: 10% against 25%"]
        assert second["summary"].startswith("Other stands alone")
        assert second["measured"].startswith("25% of the customers (seed 42)")

    def test_holds_each_test_against_a_base_that_is_not_the_best(self, lab, client):
        body = around_a_base(lab)
        first, second = client("POST", COMPARE, body).json()["groups"]
        told = {row["name"]: row["to_base"] for row in first["rows"]}
        assert told["Base"] is None
        assert told["High"]["verdict"] == "better"
        assert told["High"]["difference"]["low"] > 0.04
        assert told["Low"]["verdict"] == "worse"
        assert told["Low"]["difference"]["high"] < -0.04
        assert [row["verdict"] for row in first["rows"]] == [None, "worse", "worse"]
        assert [row["to_base"] for row in second["rows"]] == [None]

    def test_refuses_a_base_that_is_not_compared(self, lab, client):
        features, model = lab.features(), lab.model()
        one = lab.completed("One", 0.2, features, model)
        two = lab.completed("Two", 0.25, features, model, seed=2)
        refused = client("POST", COMPARE, {**ids(one, two), "base": "gone"})
        assert error(refused, 422, "invalid")["fields"][0]["path"] == "base"

    def test_shows_only_the_fields_that_differ_in_words(self, lab, client):
        spec = {
            "buyer_model_features": [
                {"column": "customer", "type": "string_embedding", "embedding_dim": 64},
                {"column": "city", "type": "string_embedding", "embedding_dim": 8},
            ],
            "buyer_model_crosses": [{"features": ["customer", "city"], "hash_bucket_size": 5000}],
        }
        one = lab.completed("One", 0.2, lab.features("Ids"), lab.model("Small"))
        left = [{"tower": "buyer", "column": "city"}]
        two = lab.completed(
            "Two",
            0.3,
            lab.features("Rich", **spec),
            lab.model("Wide", buyer_tower_layers=WIDE, optimizer="adagrad"),
            learning_rate_override=0.1,
            leave_out=left,
        )
        found = client("POST", COMPARE, ids(one, two)).json()
        fields = {field["label"]: field["key"] for field in found["differing"]}
        (group,) = found["groups"]
        told = {
            label: tuple(row["fields"][key] for row in group["rows"])
            for label, key in fields.items()
        }
        assert told == {
            "Feature config": ("Rich, revision 1", "Ids, revision 1"),
            "Buyer: customer": ("embedding 64", "embedding 32"),
            "Buyer: city": ("left out", "–"),
            "Left out": ("buyer: city", "nothing"),
            "Model config": ("Wide, revision 1", "Small, revision 1"),
            "Buyer tower": ("64→32", "32"),
            "Optimizer": ("adagrad", "adam"),
            "Learning rate": ("0.1", "0.002"),
        }

    def test_tells_apart_configs_of_one_name(self, lab, client):
        model = lab.model()
        crosses = [{"features": ["customer", "city"], "hash_bucket_size": 5000}]
        buyer = [{"column": name, "type": "string_embedding"} for name in ("customer", "city")]
        first = lab.features(buyer_model_features=buyer)
        second = lab.features(buyer_model_features=buyer, buyer_model_crosses=crosses)
        tests = [lab.completed("t", 0.2, features, model) for features in (first, second)]
        (group,) = client("POST", COMPARE, ids(*tests)).json()["groups"]
        told = {row["fields"]["feature_config"]: row["fields"] for row in group["rows"]}
        assert {row["label"] for row in group["rows"]} == {f"t ({test})" for test in tests}
        assert set(told) == {f"Ids, revision 1 ({first})", f"Ids, revision 1 ({second})"}
        assert told[f"Ids, revision 1 ({second})"]["buyer_crosses"] == (
            "customer × city (5,000 buckets, embedding 16)"
        )
        assert len(client("POST", HEATMAP, ids(*tests)).json()["cells"]) == 2

    def test_goes_by_the_revisions_that_were_tested(self, lab, client):
        features, model = lab.features(), lab.model("Small")
        one = lab.completed("One", 0.2, features, model)
        document = client("GET", f"/api/model-configs/{model}/").json()
        spec = {**document["spec"], "buyer_tower_layers": WIDE}
        client("PUT", f"/api/model-configs/{model}/", {"name": "Small", "spec": spec})
        lab.settle()
        two = lab.completed("Two", 0.3, features, model)
        found = client("POST", COMPARE, ids(one, two)).json()
        rows = found["groups"][0]["rows"]
        assert [row["fields"]["buyer_tower"] for row in rows] == ["64→32", "32"]
        assert [field["key"] for field in found["differing"]] == ["model_config", "buyer_tower"]

    def test_goes_on_where_a_config_has_been_deleted(self, lab, client):
        model = lab.model()
        gone = lab.features("Gone")
        one = lab.completed("One", 0.2, gone, model)
        two = lab.completed("Two", 0.3, lab.features(), model)
        lab.documents.transact(lambda t: t.delete(f"feature_configs/{gone}"))
        (group,) = client("POST", COMPARE, ids(one, two)).json()["groups"]
        assert group["rows"][1]["fields"]["feature_config"] == f"{gone} (deleted)"
        assert client("POST", HEATMAP, ids(one, two)).json()["cells"]

    def test_leaves_out_what_has_no_such_result_with_the_reason(self, lab, client):
        features, model = lab.features(), lab.model()
        one = lab.completed("One", 0.2, features, model)
        two = lab.completed("Two", 0.3, features, model)
        runs = lab.launched("Runs", features, model)
        head = [{"type": "dense", "units": 1, "activation": None}]
        rates = lab.model("Rates", model_type="ranking", rating_head_layers=head)
        ranks = lab.launched("Rates", features, rates, rating_column="price")
        lab.leave_results(ranks, ranking(0.7), replicates(0.7, name="rmse"))
        lab.job_news(ranks)
        found = client("POST", COMPARE, ids(one, two, runs, ranks)).json()
        assert [(item["name"], item["reason"]) for item in found["left_out"]] == [
            ("Runs", "It is running; only completed tests have results."),
            ("Rates", "It has no Recall@100."),
        ]
        by_error = client("POST", COMPARE, {**ids(one, ranks), "metric": "rmse"}).json()
        assert by_error["lower_is_better"]
        assert [row["name"] for row in by_error["groups"][0]["rows"]] == ["Rates"]
        nothing = client("POST", COMPARE, ids(runs, runs + "x"))
        assert error(nothing, 422, "invalid")["fields"][0]["path"] == "quick_test_ids[1]"

    @pytest.mark.parametrize("odd", ["", "qt/versions/1", "../x", "x" * 5000])
    def test_ids_that_are_paths_or_nothing_name_no_test(self, lab, client, odd):
        one = lab.completed("One", 0.2, lab.features(), lab.model())
        for path in (COMPARE, HEATMAP):
            found = error(client("POST", path, ids(one, odd)), 422, "invalid")
            assert [field["path"] for field in found["fields"]] == ["quick_test_ids[1]"]

    def test_of_nothing_that_has_completed_is_empty(self, lab, client):
        features, model = lab.features(), lab.model()
        tests = [lab.launched(name, features, model) for name in "ab"]
        found = client("POST", COMPARE, ids(*tests)).json()
        assert (found["groups"], found["differing"], len(found["left_out"])) == ([], [], 2)
        heatmap = client("POST", HEATMAP, ids(*tests)).json()
        assert (heatmap["cells"], heatmap["groups"]) == ([], [])
        assert heatmap["note"] == "None of these tests has completed with this metric."

    def test_refuses_what_is_no_set_of_tests(self, lab, client):
        one = lab.completed("One", 0.2, lab.features(), lab.model())
        for body in (ids(), ids(one), ids(*["x"] * 101), {"metric": "rmse"}):
            found = error(client("POST", COMPARE, body), 422, "invalid")
            assert found["fields"][0]["path"] == "quick_test_ids"
        same = error(client("POST", COMPARE, ids(one, one)), 422, "invalid")
        assert same["fields"][0]["message"] == "A comparison takes 2 to 100 different quick tests."
        two = lab.completed("Two", 0.2, lab.features("B"), lab.model("B"))
        unknown = error(
            client("POST", COMPARE, {**ids(one, two), "metric": "luck"}), 422, "invalid"
        )
        assert unknown["fields"][0]["path"] == "metric"
        assert "recall_at_100" in unknown["fields"][0]["message"]

    def test_is_a_file_that_a_spreadsheet_does_not_run(self, lab, client):
        features = lab.features()
        evil = lab.completed(EVIL, 0.2, features, lab.model("@SUM(A1)"))
        fine = lab.completed("Fine", 0.25, features, lab.model("Fine"), seed=2)
        best, worst = lines(client("POST", "/api/quick-tests/compare.csv", ids(evil, fine)))
        assert (best["name"], best["verdict_against_best"]) == ("Fine", "best")
        assert (best["recall_at_100"], best["popularity: recall_at_100"]) == ("0.25", "0.175")
        assert (worst["name"], worst["Model config"]) == (f"'{EVIL}", "'@SUM(A1), revision 1")
        assert float(worst["difference_high"]) < 0  # numbers stay numbers
        assert worst["verdict_against_best"] == "worse"
        assert "verdict_against_base" not in worst

    def test_is_a_file_that_says_what_tests_are_beside_the_base(self, lab, client):
        body = around_a_base(lab)
        told = {row["name"]: row for row in lines(client("POST", f"{COMPARE[:-1]}.csv", body))}
        verdicts = {name: row["verdict_against_base"] for name, row in told.items()}
        assert verdicts == {"High": "better", "Base": "base", "Low": "worse", "Alone": ""}
        # The same draws, subtracted here.
        drawn = {
            name: np.array(replicates(value, seed=seed)["metrics"]["recall_at_100"])
            for name, value, seed in (("Low", 0.2, 1), ("Base", 0.25, 2), ("High", 0.3, 3))
        }
        for name in ("Low", "High"):
            ends = [float(told[name][f"to_base_{end}"]) for end in ("low", "high")]
            assert ends == pytest.approx(np.percentile(drawn[name] - drawn["Base"], [2.5, 97.5]))
        assert (told["Base"]["to_base_low"], told["Alone"]["to_base_high"]) == ("", "")


@pytest.mark.parametrize(
    ("text", "harmless"),
    [
        *((text, f"'{text}") for text in (EVIL, "+1", "-1", "@a", " =1", "＝1", "=1+1;", "\ta")),
        *((f"{skipped}=1", f"'{skipped}=1") for skipped in ("\u00a0", "\u200b", "\ufeff ", "\0")),
        *((f"{end}=1", f"'{end}'=1") for end in ("\t", "\r", "\n")),
        ("a;=1", "a;'=1"),
        ("a\n +1|-2", "a\n' +1|'-2"),
        *((text, text) for text in ("a=1", "a; b", "Rich × 10-20", "'=1", "1e-5", "user@host")),
    ],
)
def test_a_text_that_would_run_gets_a_quote_before_it(text, harmless):
    ((cell,),) = csv.reader(io.StringIO(csv_text([[text]]), newline=""))
    assert cell == harmless


def test_a_comparison_without_replicates_gives_no_verdict(lab, client):
    features, model = lab.features(), lab.model()
    tests = []
    for name, recall in (("a", 0.2), ("b", 0.3)):
        tests.append(lab.launched(name, features, model))
        lab.leave_results(tests[-1], retrieval(recall))
        lab.job_news(tests[-1])
    row = client("POST", COMPARE, ids(*tests)).json()["groups"][0]["rows"][1]
    assert (row["difference"], row["verdict"]) == (None, "no_clear_difference")
    assert row["reason"] == "Neither test has bootstrap replicates; run it again to compare it."
