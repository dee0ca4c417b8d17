"""A completed test against the best before it, and what becomes of a feature config's best."""

from __future__ import annotations

import copy
import random
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lab import Lab, ranking, replicates, retrieval
from scenario import vocabulary

from shared import editing
from shared.documents.base import Collection
from shared.jobs import VOCABULARY_FILE, Stage, State
from shared.services import comparison


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def configs(lab):
    return lab.features(), lab.model()


def test_the_first_test_has_nothing_to_be_compared_with(lab, configs):
    assert lab.test(lab.completed("First", 0.2, *configs)).comparison is None


def test_a_test_is_compared_with_the_best_before_it_whatever_its_feature_config(lab, configs):
    lab.completed("Weak", 0.18, *configs)
    best = lab.completed("Best", 0.22, *configs)
    lab.completed("Middle", 0.2, *configs)
    other = lab.completed("Other", 0.25, lab.features("Others"), configs[1], seed=2)
    found = lab.test(other).comparison
    assert (found.quick_test_id, found.name, found.metric) == (best, "Best", "recall_at_100")
    assert (found.value, found.previous, found.verdict) == (0.25, 0.22, "better")
    assert 0.02 < found.difference.low < 0.03 < found.difference.high < 0.04
    assert found.reason is None


def test_only_an_interval_without_zero_is_an_improvement(lab, configs):
    lab.completed("Before", 0.2, *configs)
    same = lab.test(lab.completed("Same", 0.2001, *configs, seed=2)).comparison
    assert same.verdict == "no_clear_difference"
    assert same.difference.low < 0 < same.difference.high
    worse = lab.test(lab.completed("Worse", 0.15, *configs, seed=3)).comparison
    assert (worse.name, worse.verdict) == ("Same", "worse")


def test_results_of_another_protocol_are_not_compared(lab, configs):
    lab.completed("Before", 0.2, *configs)
    assert (
        lab.test(lab.completed("More", 0.3, *configs, data_sample_percent=25.0)).comparison is None
    )


def test_without_replicates_there_is_a_reason_and_no_verdict(lab, configs):
    before = lab.launched("Older", *configs)
    lab.leave_results(before, retrieval(0.2))
    lab.job_news(before)
    found = lab.test(lab.completed("Now", 0.3, *configs)).comparison
    assert (found.difference, found.verdict) == (None, "no_clear_difference")
    assert found.reason.startswith("The other test has no bootstrap replicates")


@pytest.mark.parametrize("content", ["{", '{"metrics": 1}', '{"holdout_fingerprint": "rows"}'])
def test_replicates_that_cannot_be_read_are_none(lab, configs, content):
    before = lab.launched("Odd", *configs)
    lab.leave_results(before, retrieval(0.2), content)
    lab.job_news(before)
    assert lab.test(lab.completed("Now", 0.3, *configs)).comparison.difference is None


def test_models_that_only_rate_are_compared_by_their_error(lab, configs):
    head = [{"type": "dense", "units": 1, "activation": None}]
    model = lab.model("Rates", model_type="ranking", rating_head_layers=head)
    ids = []
    for rmse in (0.8, 0.7):
        ids.append(lab.launched(f"{rmse}", configs[0], model, rating_column="price"))
        drawn = replicates(rmse, name="rmse", seed=len(ids))
        lab.leave_results(ids[-1], ranking(rmse), drawn)
        lab.job_news(ids[-1])
    found = lab.test(ids[1]).comparison
    assert (found.metric, found.previous, found.verdict) == ("rmse", 0.8, "better")
    assert found.difference.high < 0
    assert lab.config(configs[0]).best.quick_test_id == ids[1]
    retrieves = lab.completed("Retrieves", 0.1, *configs)
    assert lab.test(retrieves).comparison is None
    assert lab.config(configs[0]).best.quick_test_id == retrieves


def test_a_test_that_fails_or_is_cancelled_is_compared_with_nothing(lab, configs):
    lab.completed("Before", 0.2, *configs)
    failed = lab.launched("Fails", *configs)
    lab.pipelines.advance(
        lab.job_id(failed), Stage.TRAIN, State.FAILED, "the loss became nan in epoch 1"
    )
    lab.job_news(failed)
    test = lab.test(failed)
    assert (test.state, test.comparison) == ("failed", None)
    assert test.error.message.startswith("Training diverged: the loss became nan in epoch 1")
    assert "Lower the learning rate" in test.error.message


class TestBest:
    def test_leaves_out_tests_that_leave_columns_out(self, lab):
        spec = {
            "buyer_model_features": [
                {"column": "customer", "type": "string_embedding"},
                {"column": "city", "type": "string_embedding", "embedding_dim": 8},
            ]
        }
        configs = lab.features("With city", **spec), lab.model()
        left = [{"tower": "buyer", "column": "city"}]
        without = lab.completed("Without", 0.4, *configs, leave_out=left)
        assert lab.config(configs[0]).best is None
        assert lab.config(configs[0]).lifecycle == "draft"
        whole = lab.completed("Whole", 0.3, *configs)
        assert lab.config(configs[0]).best.quick_test_id == whole
        lab.job_news(without)
        assert lab.config(configs[0]).best.quick_test_id == whole

    def test_is_of_the_larger_group(self, lab, configs):
        lab.completed("First", 0.2, *configs)
        for recall in (0.5, 0.6):
            best = lab.completed("More", recall, *configs, data_sample_percent=25.0)
        assert lab.config(configs[0]).best.quick_test_id == best
        lab.completed("Second", 0.9, *configs)
        assert lab.config(configs[0]).best.metrics["recall_at_100"] == 0.9  # as large, and earlier

    def test_survives_that_another_test_ends_at_the_same_time(self, lab, configs):
        first, second = (lab.launched(name, *configs) for name in ("First", "Second"))
        for test_id, recall in ((first, 0.2), (second, 0.3)):
            lab.leave_results(test_id, retrieval(recall), replicates(recall))
        lab.documents.meanwhile = lambda: lab.job_news(second)
        lab.job_news(first)
        assert lab.config(configs[0]).best.quick_test_id == second


def test_a_config_with_a_column_in_both_towers_is_warned_of_on_its_tests(lab):
    spec = {
        "product_model_features": [
            {"column": "product", "type": "string_embedding"},
            {"column": "customer", "type": "string_embedding"},
        ]
    }
    test_id = lab.completed("Leaks", 0.3, lab.features("Leaky", **spec), lab.model(), beats=False)
    codes = [warning.code for warning in lab.test(test_id).warnings]
    assert codes[:1] == ["column_in_both_towers"]
    assert "not_above_own_history" in codes


def test_numbers_that_a_document_cannot_hold_fail_the_test_instead_of_the_event(lab, configs):
    test_id = lab.launched("Odd", *configs)
    lab.leave_results(test_id, retrieval(0.2), losses=(1.0, float("nan")))
    lab.leave(test_id, VOCABULARY_FILE, [vocabulary(oov_rate=float("nan"))])
    lab.job_news(test_id)
    test = lab.test(test_id)
    assert test.error.message == "vocabulary.json says that [0].oov_rate is nan."
    assert len(test.epochs) == 1


RECALLS = (0.2, 0.24, 0.22, 0.28)


@pytest.fixture(scope="module")
def four() -> tuple:
    """A lab in which four tests have ended one after another, of which nobody has heard yet."""
    lab = Lab()
    configs = lab.features(), lab.model()
    names = {}
    for number, recall in enumerate(RECALLS):
        test_id = lab.launched(f"t{number}", *configs)
        lab.leave_results(test_id, retrieval(recall), replicates(recall, seed=number))
        names[test_id] = f"t{number}"
    return lab, configs, names


def outcome(four, order, repeats) -> dict:
    """What comes of the four where they are heard of in this order, some of them again."""
    lab, configs, names = copy.deepcopy(four)
    ids = list(names)
    for number in [*order, *repeats]:
        lab.job_news(ids[number])
    told = {}
    for test_id, name in names.items():
        found = lab.test(test_id).comparison
        told[name] = found and (found.name, found.verdict, found.difference)
    best = lab.config(configs[0]).best.quick_test_id
    return {**told, "best": names[best]}


@settings(max_examples=15, deadline=None)
@given(
    order=st.permutations(range(len(RECALLS))),
    repeats=st.lists(st.integers(0, len(RECALLS) - 1), max_size=4),
    at_once=st.sampled_from([1, 2, 50]),
)
def test_in_whatever_order_and_however_often_events_come_all_end_alike(
    four, order, repeats, at_once
):
    with patch.object(comparison, "_LATEST", at_once):
        found = outcome(four, order, repeats)
    assert found == outcome(four, range(len(RECALLS)), [])
    rivals = {name: told and told[0] for name, told in found.items() if name != "best"}
    assert rivals == {"t0": None, "t1": "t0", "t2": "t1", "t3": "t1"}
    assert found["best"] == "t3"


def test_a_rival_of_which_another_writer_knows_meanwhile_is_not_lost(lab, configs):
    first = lab.launched("First", *configs)
    lab.leave_results(first, retrieval(0.3), replicates(0.3))
    second = lab.launched("Second", *configs)
    lab.leave_results(second, retrieval(0.2), replicates(0.2, seed=2))
    lab.documents.meanwhile = lambda: lab.job_news(first)
    lab.job_news(second)
    assert lab.test(second).comparison.quick_test_id == first


class TestAmongMany:
    """Tests of which no more than a few are read at once."""

    @pytest.fixture(autouse=True)
    def few_at_once(self, monkeypatch):
        monkeypatch.setattr(comparison, "_LATEST", 3)

    @pytest.fixture
    def many(self, lab, configs):
        """Twelve tests, of which the second is the best."""
        recalls = [0.2, 0.4, *(0.3 - n / 100 for n in range(10))]
        return [lab.completed(str(n), one, *configs, seed=n) for n, one in enumerate(recalls)]

    def test_no_more_are_read_when_one_completes(self, lab, configs, many, monkeypatch):
        last = lab.launched("Last", *configs)
        lab.leave_results(last, retrieval(0.35), replicates(0.35, seed=20))
        read = []
        query = lab.documents.query

        def counted(collection, *wanted, **more):
            found = query(collection, *wanted, **more)
            if collection == "quick_tests":
                read.append(len(found))
            return found

        monkeypatch.setattr(lab.documents, "query", counted)
        lab.job_news(last)
        assert lab.test(last).comparison.quick_test_id == many[1]
        assert lab.config(configs[0]).best.quick_test_id == many[1]
        assert max(read) <= 3

    def test_a_better_one_is_the_configs_best(self, lab, configs, many):
        best = lab.completed("Best", 0.5, *configs, seed=20)
        assert lab.config(configs[0]).best.quick_test_id == best

    def test_a_best_that_was_deleted_gives_way_to_the_next(self, lab, configs, many):
        editing.delete(lab.ports, Collection.QUICK_TESTS, many[1])
        assert lab.config(configs[0]).best.quick_test_id == many[2]
        last = lab.completed("Last", 0.1, *configs, seed=20)
        assert lab.test(last).comparison.quick_test_id == many[2]
        assert lab.config(configs[0]).best.quick_test_id == many[2]

    def test_a_best_that_a_script_has_rewritten_is_not_believed(self, lab, configs, many):
        data = lab.documents.data(f"quick_tests/{many[1]}")
        data["status"]["results"]["metrics"]["recall_at_100"] = 0.01
        lab.documents.write(f"quick_tests/{many[1]}", data)
        last = lab.completed("Last", 0.1, *configs, seed=20)
        assert lab.test(last).comparison.quick_test_id == many[2]
        assert lab.config(configs[0]).best.quick_test_id == many[2]

    def test_one_that_was_measured_otherwise_is_held_against_its_like(self, lab, configs, many):
        other = {"data_sample_percent": 25.0}
        first = lab.completed("First", 0.1, *configs, seed=20, **other)
        assert lab.test(first).comparison is None
        for number in range(4):
            lab.completed("Between", 0.2, *configs, seed=30 + number)
        second = lab.completed("Second", 0.6, *configs, seed=21, **other)
        assert lab.test(second).comparison.quick_test_id == first
        assert lab.config(configs[0]).best.quick_test_id == many[1]

    def test_one_that_is_heard_of_late_is_offered_to_all_that_ended_after_it(self, lab, configs):
        late = lab.launched("Late", *configs)
        lab.leave_results(late, retrieval(0.9), replicates(0.9))
        later = [lab.completed(str(n), 0.2 + n / 100, *configs, seed=n) for n in range(8)]
        lab.job_news(late)
        assert {lab.test(one).comparison.quick_test_id for one in later} == {late}


def test_a_repeated_event_writes_nothing(lab, configs):
    ids = [lab.completed(str(n), 0.2 + n / 100, *configs, seed=n) for n in range(3)]
    lab.settle()
    before = lab.documents.documents
    for test_id in random.Random(1).sample(ids * 2, 6):
        lab.job_news(test_id)
    assert lab.documents.documents == before


def test_comparisons_ignore_documents_that_a_script_has_wrecked(lab, configs):
    wrecked = lab.completed("Wrecked", 0.3, *configs)
    data = lab.documents.data(f"quick_tests/{wrecked}")
    lab.documents.write(f"quick_tests/{wrecked}", {**data, "name": 7, "spec": {"x": 1}})
    fine = lab.completed("Fine", 0.2, *configs)
    assert lab.config(configs[0]).best.quick_test_id == fine


def test_a_result_counts_for_what_was_tested_whatever_has_been_written_over_it(lab, configs):
    other = lab.features("Other")
    rewritten = lab.launched("Rewritten", *configs)
    path = f"quick_tests/{rewritten}"
    data = lab.documents.data(path)
    spec = {**data["spec"], "leave_out": [{"tower": "buyer", "column": "customer"}]}
    lab.documents.write(path, {**data, "spec": {**spec, "feature_config_id": other}})
    lab.leave_results(rewritten, retrieval(0.3), replicates(0.3))
    lab.job_news(rewritten)
    assert lab.config(other).best is None
    assert lab.config(configs[0]).lifecycle == "tested"
