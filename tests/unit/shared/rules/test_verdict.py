"""What is worth having, and which is best: one verdict for all who tell it."""

from __future__ import annotations

import pytest
from api_client import Client
from lab import Lab, ranking, replicates, retrieval

from shared.jobs import MetricsReport, Replicates
from shared.rules.result_words import skipped_words
from shared.rules.verdict import (
    Candidate,
    beats_baselines,
    best_of,
    best_sentence,
    differences_to_first,
    judge,
    judge_test,
    ranked,
)

METRIC = "recall_at_100"


def report(recall=0.25, baselines=None, **differences):
    """Args: differences: by baseline, the interval's ends."""
    found = retrieval(recall)
    found["differences"] = {
        name: {METRIC: {"low": low, "high": high}} for name, (low, high) in differences.items()
    }
    found["baselines"] = {
        name: {METRIC: value}
        for name, value in (baselines or dict.fromkeys(differences, 0.1)).items()
    }
    return MetricsReport.model_validate(found)


CLEAR, CLOSE, LOST = (0.01, 0.05), (-0.01, 0.05), (-0.05, -0.01)


@pytest.mark.parametrize(
    ("results", "standing", "label"),
    [
        (report(popularity=CLEAR, own_history=CLEAR), "better", "Beats all baselines"),
        (report(popularity=CLEAR), "better", "Beats popularity"),
        (
            report(popularity=CLEAR, own_history=CLOSE),
            "no_clear_difference",
            "No clear gain over own history",
        ),
        (report(popularity=CLOSE, own_history=LOST), "worse", "Worse than own history"),
        (report(popularity=CLEAR, random=LOST), "worse", "Worse than random"),
        (report(0.25, {"popularity": 0.3}), "no_clear_difference", "No clear gain over popularity"),
        (report(0.25, {"popularity": 0.2}), "unknown", "No intervals"),
        # Of a weaker baseline, a better value is enough.
        (
            report(0.25, {"popularity": 0.2, "random": 0.01}, popularity=CLEAR),
            "better",
            "Beats all baselines",
        ),
        (
            report(0.25, {"popularity": 0.2, "own_history": 0.22}, popularity=CLEAR),
            "unknown",
            "No intervals",
        ),
        (report(0.25, {}), "unknown", "No baselines"),
    ],
)
def test_a_test_is_judged_by_all_of_its_baselines(results, standing, label):
    judged = judge(results)
    assert (judged.standing, judged.label) == (standing, label)
    assert beats_baselines(results, METRIC) == (standing == "better")
    told = judge_test(results)
    assert (told.standing, told.label) == (standing, label)


def sentence(results):
    return judge_test(results).sentence.split(". ", 1)[1]


def test_of_many_baselines_the_strongest_is_named_and_the_others_are_counted():
    few = {"popularity": 0.1, "own_history": 0.3, "ease": 0.2}
    assert sentence(report(0.25, few, popularity=CLEAR, own_history=LOST, ease=CLOSE)) == (
        "That is clearly better than recommending what is popular (10.0%), clearly worse than "
        "recommending what the customer bought before (30.0%) and not clearly different from "
        "recommending what goes with the customer's products (EASE) (20.0%)."
    )
    many = few | {"item_knn": 0.15, "recent_popularity": 0.28, "random": 0.01}
    lost = dict.fromkeys(("own_history", "recent_popularity"), LOST)
    clear = dict.fromkeys(("popularity", "item_knn", "random"), CLEAR)
    assert sentence(report(0.25, many, ease=CLOSE, **lost, **clear)) == (
        "That is clearly worse than the strongest baseline, recommending what the customer bought "
        "before (30.0%), clearly worse than 1 of the others, not clearly different from 1 of the "
        "others and clearly better than the other 2."
    )


def test_a_baseline_that_was_not_measured_says_why():
    skipped = {"tifu_knn": "no training row has a known time of purchase", "gone": "a reason"}
    results = report(popularity=CLEAR).model_copy(update={"skipped": skipped})
    assert skipped_words(results) == (
        "Not measured: TIFU-kNN (no training row has a known time of purchase); gone (a reason)."
    )
    assert skipped_words(report(popularity=CLEAR)) == ""


def test_of_two_tasks_the_worse_one_counts():
    both = report(popularity=CLEAR).model_dump()
    rates = ranking(1.2)
    for part in ("metrics", "baselines"):
        both[part] |= rates[part]
    both["differences"]["global_mean"] = {"rmse": {"low": 0.1, "high": 0.3}}
    results = MetricsReport.model_validate(both)
    assert judge(results).label == "Worse than global mean"
    assert not beats_baselines(results, METRIC)


def test_of_few_products_a_recall_that_all_reach_says_nothing():
    few = report(1.0, {"popularity": 1.0}).model_dump()
    few["protocol"]["candidates"] = 60
    few["metrics"]["recall_at_50"] = 0.8
    few["baselines"]["popularity"]["recall_at_50"] = 0.6
    few["differences"] = {"popularity": {"recall_at_50": {"low": 0.1, "high": 0.3}}}
    assert judge(MetricsReport.model_validate(few)).standing == "better"


def candidate(name, value, results=None, seed=1, drawn=True):
    found = Replicates.model_validate(replicates(value, seed=seed)) if drawn else None
    return Candidate(name, value, [results or report(value, popularity=CLEAR)], found)


def judged(*candidates, metric=METRIC):
    order = ranked(candidates, metric)
    found = best_of(order, differences_to_first(order, metric), metric)
    told = {one.id: (one.id.upper(), one.value) for one in order}
    return found, best_sentence(found, told, metric)


def test_the_best_is_clearly_so_and_beats_every_baseline():
    found, words = judged(candidate("a", 0.2), candidate("b", 0.25, seed=2))
    assert (found.best, found.leading) == ("b", ["b"])
    assert words == "B is clearly the best: Recall@100 25.0%."


def test_what_cannot_be_told_apart_is_named_instead_of_a_best():
    found, words = judged(
        candidate("a", 0.25), candidate("b", 0.2501, seed=2), candidate("c", 0.1, seed=3)
    )
    assert (found.best, found.leading) == (None, ["b", "a"])
    assert words == "No clear best: B and A cannot be told apart (Recall@100 25.0% and 25.0%)."


def test_without_replicates_nothing_is_best():
    found, words = judged(candidate("a", 0.2, drawn=False), candidate("b", 0.4, seed=2))
    assert found.best is None
    assert words.startswith("No clear best: B and A cannot be told apart")


def test_what_beats_no_baseline_is_not_the_best():
    found, words = judged(
        candidate("a", 0.2, report(0.2, random=LOST)),
        candidate("b", 0.25, report(0.25, random=LOST), seed=2),
    )
    assert (found.best, found.leading, found.any_beats_baselines) == (None, ["b"], False)
    assert words == (
        "B has the highest value: Recall@100 25.0%. "
        "None of them clearly beats the simple baselines."
    )
    found, words = judged(
        candidate("a", 0.2), candidate("b", 0.25, report(0.25, random=LOST), seed=2)
    )
    assert (found.best, found.any_beats_baselines) == (None, True)
    assert words.endswith("It does not clearly beat the simple baselines.")


def test_nothing_is_the_best_of_itself_alone():
    found, words = judged(candidate("a", 0.2))
    assert (found.best, found.leading) == (None, ["a"])
    assert words.startswith("A stands alone: Recall@100 20.0%.")


def test_many_that_are_close_are_counted():
    _, words = judged(*(candidate(f"t{n}", 0.25, seed=n) for n in range(7)))
    assert "T3 and 3 more cannot be told apart (Recall@100 25.0% and close to it)." in words


class TestToldByTheApi:
    @pytest.fixture
    def lab(self):
        return Lab()

    def test_on_a_test_its_list_its_config_and_its_sweep(self, lab):
        client = Client(lab)
        features, model = lab.features(), lab.model()
        test = lab.completed("Poor", 0.2, features, model, beats=False)
        path = f"/api/quick-tests/{test}/"
        verdict = client("GET", path).json()["status"]["verdict"]
        assert (verdict["standing"], verdict["label"]) == (
            "no_clear_difference",
            "No clear gain over own history",
        )
        assert verdict["against"]["popularity"][METRIC] == "better"
        assert verdict["sentence"].startswith("The model has the product")
        (item,) = client("GET", "/api/quick-tests/").json()["items"]
        assert item["status"]["verdict"] == verdict
        best = client("GET", f"/api/feature-configs/{features}/").json()["status"]["best"]
        assert best["judged"] == {"standing": verdict["standing"], "label": verdict["label"]}

    def test_whatever_somebody_has_written_in_its_place(self, lab):
        test = lab.completed("Poor", 0.2, lab.features(), lab.model(), beats=False)
        path = f"quick_tests/{test}"
        data = lab.documents.data(path)
        crown = {"standing": "better", "label": "Best ever", "sentence": "", "against": {}}
        lab.documents.write(path, {**data, "status": {**data["status"], "verdict": crown}})
        told = Client(lab)("GET", f"/api/quick-tests/{test}/").json()
        assert told["status"]["verdict"]["label"] == "No clear gain over own history"

    def test_on_the_feature_configs_of_a_dataset(self, lab):
        client = Client(lab)
        model = lab.model()
        wide = [{"column": "customer", "type": "string_embedding", "embedding_dim": 64}]
        one, two = lab.features("One"), lab.features("Two", buyer_model_features=wide)
        lab.completed("Low", 0.2, one, model)
        assert client("GET", "/api/feature-configs/best/").json() == {"items": []}
        lab.completed("Close", 0.2001, two, model, seed=2)
        (told,) = client("GET", "/api/feature-configs/best/").json()["items"]
        assert (told["feature_config_id"], told["leading"]) == (None, [two, one])
        assert told["summary"].startswith("No clear best: Two and One cannot be told apart")
        lab.completed("High", 0.25, one, model, seed=3)
        (told,) = client("GET", "/api/feature-configs/best/").json()["items"]
        assert (told["dataset_id"], told["feature_config_id"]) == (lab.dataset_id, one)
        assert told["summary"] == "One is clearly the best: Recall@100 25.0%."

    def test_before_a_test_is_trained_in_full_that_is_no_clear_gain(self, lab):
        client = Client(lab)
        features, model = lab.features(), lab.model()
        for beats, codes in ((True, []), (False, ["source_not_above_baselines"])):
            test = lab.completed("T", 0.2, features, model, beats=beats)
            spec = {
                "feature_config_id": features,
                "model_config_id": model,
                "purpose": "full_training",
                "source_test_id": test,
            }
            told = client("POST", "/api/quick-tests/estimate/", {"spec": spec}).json()
            assert told["valid"]
            found = [
                one["code"] for one in told["problems"] if one["path"] == "spec.source_test_id"
            ]
            assert found == codes
