"""The rule set that a test is measured under, from its spec to its job."""

from __future__ import annotations

import pytest
from api_client import Client
from lab import Lab

from shared import editing
from shared.documents.base import Collection
from shared.editing import InUseError
from shared.events import Topic
from shared.problems import InvalidError

CAP = {"caps": [{"column": "department", "at_most": 1}]}


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def rules(lab: Lab) -> str:
    made = lab.rule_set(lab.dataset_id)
    lab.settle()
    return made


def request_of(lab, test_id):
    return lab.pipelines.requests[lab.job_id(test_id)]


def refused(lab, **spec):
    configs = {"feature_config_id": lab.features(), "model_config_id": lab.model()}
    with pytest.raises(InvalidError) as wrong:
        editing.create(lab.ports, Collection.QUICK_TESTS, name="Try", spec={**configs, **spec})
    (problem,) = wrong.value.problems
    return problem


def test_its_job_gets_the_rules_and_nothing_else_of_it_changes(lab, rules):
    features, model = lab.features(), lab.model()
    plain = lab.launched("Plain", features, model)
    ruled = lab.launched("Ruled", features, model, rule_set_id=rules)
    one, other = (request_of(lab, test_id) for test_id in (plain, ruled))
    assert one.rules is None
    assert (other.rules.id, other.rules.name, other.rules.revision) == (rules, "Front page", 1)
    assert other.rules.rules.caps[0].column == "department"
    assert other.examples == one.examples
    assert other.trainer.sha256 == one.trainer.sha256
    pinned = lab.test(ruled).pinned.rule_set
    assert (pinned.name, pinned.revision) == ("Front page", 1)
    assert pinned.told == ["price up to 20", "at most 2 of each department"]


def test_what_a_test_was_validated_with_is_measured_whatever_becomes_of_it(lab, rules):
    features, model = lab.features(), lab.model()
    spec = {"feature_config_id": features, "model_config_id": model, "rule_set_id": rules}
    made = editing.create(lab.ports, Collection.QUICK_TESTS, name="Try", spec=spec)
    lab.handle_until(Topic.CONFIG_VALIDATED)
    changed = {"dataset_id": lab.dataset_id, "rules": CAP}
    editing.update(lab.ports, Collection.RULE_SETS, rules, name="Home page", spec=changed)
    lab.settle()
    found = request_of(lab, made.id).rules
    assert (found.name, found.revision) == ("Front page", 1)
    assert found.rules.filters
    later = request_of(lab, lab.launched("Later", features, model, rule_set_id=rules)).rules
    assert (later.name, later.revision, later.rules.filters) == ("Home page", 2, [])


def test_one_that_cannot_be_is_told_before_anything_runs(lab, rules):
    problem = refused(lab, rule_set_id="rs-unknown")
    assert (problem.path, problem.code) == ("spec.rule_set_id", "unknown_rule_set")
    assert problem.received == "rs-unknown"
    ranking = lab.model(
        "Rates",
        model_type="ranking",
        loss_function="mse",
        rating_head_layers=[{"type": "dense", "units": 1, "activation": None}],
    )
    problem = refused(lab, rule_set_id=rules, model_config_id=ranking, rating_column="price")
    assert (problem.path, problem.code) == ("spec.rule_set_id", "rules_without_lists")
    assert problem.message.endswith("take a model config that is retrieval or multitask.")


def test_one_that_reads_what_this_catalogue_lacks_is_refused_with_the_column(lab):
    rules = lab.rule_set(lab.dataset_id)
    lab.settle()
    path = f"rule_sets/{rules}"
    spec = lab.documents.data(path)["spec"]
    spec["rules"]["caps"][0]["column"] = "colour"
    lab.documents.transact(lambda transaction: transaction.update(path, {"spec": spec}))
    lab.settle()
    problem = refused(lab, rule_set_id=rules)
    assert (problem.path, problem.code) == ("spec.rule_set_id", "unfit_rule_set")
    assert "no column 'colour' that rules can read" in problem.message
    spec["rules"] = {}
    lab.documents.transact(lambda transaction: transaction.update(path, {"spec": spec}))
    assert refused(lab, rule_set_id=rules).code == "invalid_rule_set"
    lab.documents.transact(lambda transaction: transaction.update(path, {"spec": {"rules": 3}}))
    problem = refused(lab, rule_set_id=rules)
    assert (problem.path, problem.code) == ("spec.rule_set_id", "invalid_rule_set")


def test_a_written_status_pins_no_other_rules(lab, rules):
    other = lab.rule_set(lab.dataset_id, CAP, "Other")
    lab.settle()
    configs = {"feature_config_id": lab.features(), "model_config_id": lab.model()}
    made = editing.create(
        lab.ports, Collection.QUICK_TESTS, name="Try", spec={**configs, "rule_set_id": rules}
    )
    lab.handle_until(Topic.CODE_GENERATED)
    path = f"quick_tests/{made.id}"
    status = lab.documents.data(path)["status"]
    status["pinned"]["rule_set"]["id"] = other
    lab.documents.transact(lambda transaction: transaction.update(path, {"status": status}))
    lab.settle()
    test = lab.test(made.id)
    assert test.state == "failed"
    assert "pinned to another than its spec names" in test.error.message


def test_one_in_use_stays_and_says_who_names_it(lab, rules):
    client = Client(lab)
    test = lab.completed("Ruled", 0.3, lab.features(), lab.model(), rule_set_id=rules)
    plan = client("GET", f"/api/rule-sets/{rules}/usage/").json()
    assert not plan["deletable"]
    assert [(one["collection"], one["id"]) for one in plan["users"]] == [("quick_tests", test)]
    assert plan["advice"].startswith("Delete those quick tests first.")
    with pytest.raises(InUseError, match="is used by quick test 'Ruled'"):
        editing.delete(lab.ports, Collection.RULE_SETS, rules)
    editing.delete(lab.ports, Collection.QUICK_TESTS, test)
    editing.delete(lab.ports, Collection.RULE_SETS, rules)
    assert client("GET", f"/api/rule-sets/{rules}/").status_code == 404


def test_a_test_stays_readable_once_its_rule_set_is_gone(lab, rules):
    client = Client(lab)
    test = lab.completed("Ruled", 0.3, lab.features(), lab.model(), rule_set_id=rules)
    lab.documents.transact(lambda transaction: transaction.delete(f"rule_sets/{rules}"))
    lab.settle()
    found = client("GET", f"/api/quick-tests/{test}/").json()
    assert found["status"]["state"] == "completed"
    assert found["status"]["pinned"]["rule_set"]["told"][0] == "price up to 20"
    assert client("GET", f"/api/quick-tests/{test}/report/").status_code == 200


def test_a_rule_set_that_is_gone_before_the_launch_fails_the_test_with_the_cause(lab, rules):
    configs = {"feature_config_id": lab.features(), "model_config_id": lab.model()}
    made = editing.create(
        lab.ports, Collection.QUICK_TESTS, name="Try", spec={**configs, "rule_set_id": rules}
    )
    lab.handle_until(Topic.CODE_GENERATED)
    lab.documents.transact(lambda transaction: transaction.delete(f"rule_sets/{rules}"))
    lab.settle()
    test = lab.test(made.id)
    assert test.state == "failed"
    assert "has been deleted since the test was validated" in test.error.message
