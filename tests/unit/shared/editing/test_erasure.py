"""A customer is forgotten: what knew them is cleaned, deleted, or said to know them still."""

from __future__ import annotations

from dataclasses import replace

import pytest
from lab import Lab

from shared import editing
from shared.customers import CUSTOMERS_FILE, Customer, index_of
from shared.documents.base import Collection
from shared.errors import NotFoundError
from shared.places import job_id_of, output_key
from shared.problems import InvalidError

WHO = "C-1003-gone"
TESTS = Collection.QUICK_TESTS


class Kept:
    """A cache of one entry."""

    what = ("entry", "entries")

    def __init__(self, *customers: str) -> None:
        self.index = index_of(customers)

    def holding(self, customer: Customer) -> int:
        return int(customer.is_in(self.index))

    def erase(self, customer: Customer) -> int:
        count = self.holding(customer)
        self.index = b"" if count else self.index
        return count


def knows(lab: Lab, test_id: str, *customers: str) -> None:
    key = output_key(job_id_of(test_id), "quick_test")
    lab.artifacts.create(f"{key}/{CUSTOMERS_FILE}", index_of(customers))


def everything(lab: Lab) -> str:
    return str(lab.documents.documents) + str(lab.tracker.runs)


def test_what_can_do_without_the_id_is_cleaned_and_the_rest_is_told() -> None:
    lab = Lab()
    kept = Kept(WHO, "d")
    lab.ports = replace(lab.ports, keepers=(kept,))
    features, model = lab.features(), lab.model()
    knowing = lab.completed("Knows", 0.2, features, model)
    other = lab.completed("Does not", 0.3, features, model, seed=2)
    lab.settle()
    knows(lab, knowing, "a", WHO)
    knows(lab, other, "a", "b")
    path = TESTS.path(other)
    status = {**lab.documents.data(path)["status"], "error": {"message": f"no row of {WHO}"}}
    lab.documents.transact(lambda transaction: transaction.update(path, {"status": status}))
    lab.settle()

    plan = editing.erasure_plan(lab.ports, WHO)
    assert [one.id for one in plan.knowing] == [knowing]
    assert plan.removed == ["1 document whose status has it", "1 entry"]
    assert WHO in everything(lab)

    done = editing.erase(lab.ports, WHO)
    assert done.removed == plan.removed
    assert WHO not in everything(lab)
    assert kept.index == b""
    (left,) = done.knowing
    assert (left.certain, left.reason) == (True, None)
    assert (
        left.again == f"recsmith quick-test run {features} {model} --sample 10.0 --epochs 2"
        " --seed 42"
    )
    assert done.sources == ["dataset 'Shop': /data/purchases.parquet"]
    assert editing.get(lab.ports, TESTS, knowing).status.results is not None


def test_with_their_models_the_tests_that_know_them_go_and_no_others() -> None:
    lab = Lab()
    features, model = lab.features(), lab.model()
    knowing = lab.completed("Knows", 0.2, features, model)
    other = lab.completed("Does not", 0.3, features, model, seed=2)
    running = lab.running_test()
    knows(lab, knowing, WHO)
    knows(lab, other, "a")
    done = editing.erase(lab.ports, WHO, models=True)
    assert done.deleted == [f"Knows ({knowing})"]
    assert [one.id for one in done.knowing] == [running]
    assert done.knowing[0].reason is not None
    assert "Cancel it first" in done.knowing[0].reason
    assert not [key for key in lab.artifacts.files if knowing in key]
    editing.get(lab.ports, TESTS, other)
    assert editing.erase(lab.ports, WHO, models=True).deleted == []


def test_files_that_do_not_say_whom_they_know_may_know_anybody() -> None:
    lab = Lab()
    test = lab.completed("Old", 0.2, lab.features(), lab.model())
    key = output_key(job_id_of(test), "quick_test")
    lab.artifacts.create(f"{key}/model/saved_model.pb", b"")
    (found,) = editing.erasure_plan(lab.ports, WHO).knowing
    assert not found.certain


def test_files_of_tests_that_are_gone_go_and_what_users_wrote_is_told() -> None:
    lab = Lab()
    lab.artifacts.create(f"jobs/quick-test-lost-1/{CUSTOMERS_FILE}", index_of([WHO]))
    lab.artifacts.create(f"jobs/quick-test-other-1/{CUSTOMERS_FILE}", index_of(["a"]))
    model = lab.model(name=f"Without {WHO}")
    done = editing.erase(lab.ports, WHO)
    assert done.removed == ["1 folder of a test that is gone"]
    assert lab.artifacts.folders("jobs") == ["jobs/quick-test-other-1"]
    assert done.named_in == [f"model config {model}"]


def test_one_dataset_s_customer_is_nobody_in_another() -> None:
    lab = Lab()
    test = lab.completed("Try", 0.2, lab.features(), lab.model())
    knows(lab, test, WHO)
    mine = lab.documents.data(TESTS.path(test))["spec"]["feature_config_id"]
    dataset = lab.documents.data(f"feature_configs/{mine}")["spec"]["dataset_id"]
    assert editing.erasure_plan(lab.ports, WHO, lab.dataset()).knowing == []
    assert len(editing.erasure_plan(lab.ports, WHO, dataset).knowing) == 1


@pytest.mark.parametrize("customer", ["", "  ", None, True, 1.5, ["a"], "x" * 1001])
def test_whoever_names_nobody_is_told(customer: object) -> None:
    with pytest.raises(InvalidError, match="customer's id"):
        editing.erase(Lab().ports, customer)
    with pytest.raises(NotFoundError, match="dataset 'none'"):
        editing.erase(Lab().ports, "a", "none")
