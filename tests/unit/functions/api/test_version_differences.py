"""What differs between two revisions or two configs, and what it did, over the API."""

from __future__ import annotations

import pytest
from api_client import Client, error
from lab import Lab
from scenario import DATASET_SPEC, MODEL_SPEC

from shared import editing
from shared.documents.base import Collection

FEATURES, MODELS = "/api/feature-configs/", "/api/model-configs/"


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


def changed(lab, collection, document_id, **fields):
    """A further revision of a document, whose spec has these fields."""
    now = editing.get(lab.ports, collection, document_id)
    spec = {**now.spec.model_dump(mode="json"), **fields}
    editing.update(lab.ports, collection, document_id, name=now.name, description="", spec=spec)
    lab.settle()


def with_history(lab, features):
    first = {"column": "customer", "type": "string_embedding"}
    buyer = [first, {"column": "product", "type": "history"}]
    changed(lab, Collection.FEATURE_CONFIGS, features, buyer_model_features=buyer)


HISTORY = "Buyer tower: history of product (newest 50, half-lives 5 / 20 / 90 days) added"


class TestTwoRevisions:
    def test_says_what_changed_and_what_it_did(self, lab, client):
        features, model = lab.features(), lab.model()
        before = lab.completed("Before", 0.2, features, model)
        with_history(lab, features)
        after = lab.completed("After", 0.25, features, model, seed=2)
        found = client("GET", f"{FEATURES}{features}/differences/").json()
        assert (found["before"]["revision"], found["after"]["revision"]) == (1, 2)
        assert found["changes"] == [HISTORY]
        effect = found["effect"]
        assert effect["before"] == {"quick_test_id": before, "name": "Before", "value": 0.2}
        assert effect["after"] == {"quick_test_id": after, "name": "After", "value": 0.25}
        assert effect["verdict"] == "better"
        body = {"quick_test_ids": [before, after], "base": before}
        compared = client("POST", "/api/quick-tests/compare/", body).json()
        assert effect["difference"] == compared["groups"][0]["rows"][0]["to_base"]["difference"]
        assert effect["sentence"].startswith("Recall@100 20.0% → 25.0%: clearly better (+4.")
        assert effect["sentence"].endswith("points, 95% interval).")
        assert found["markdown"].splitlines()[0] == "**Ids, version 1 → version 2**"
        assert "- Buyer tower: history of product" in found["markdown"]
        assert "clearly better" in found["markdown"]

    def test_says_no_more_than_the_interval_does(self, lab, client):
        features, model = lab.features(), lab.model()
        lab.completed("Before", 0.25, features, model)
        with_history(lab, features)
        lab.completed("After", 0.2501, features, model, seed=2)
        effect = client("GET", f"{FEATURES}{features}/differences/").json()["effect"]
        assert effect["verdict"] == "no_clear_difference"
        assert effect["sentence"].startswith("Recall@100 25.0% → 25.0%: no clear difference (")

    def test_a_revision_that_says_the_same_lends_its_tests(self, lab, client):
        features, model = lab.features(), lab.model()
        first = editing.get(lab.ports, Collection.FEATURE_CONFIGS, features).spec
        lab.completed("First", 0.2, features, model)
        with_history(lab, features)
        lab.completed("Second", 0.25, features, model, seed=2)
        changed(lab, Collection.FEATURE_CONFIGS, features, **first.model_dump(mode="json"))
        effect = client("GET", f"{FEATURES}{features}/differences/").json()["effect"]
        assert (effect["before"]["name"], effect["after"]["name"]) == ("Second", "First")
        assert effect["verdict"] == "worse"

    def test_where_one_was_not_tested_it_says_which_test_would_tell(self, lab, client):
        features, model = lab.features(), lab.model()
        before = lab.completed("Before", 0.2, features, model)
        with_history(lab, features)
        effect = client("GET", f"{FEATURES}{features}/differences/").json()["effect"]
        assert (effect["verdict"], effect["difference"], effect["like"]) == (None, None, before)
        assert effect["sentence"] == (
            "What it did to the metrics is not known: version 2 has no completed quick test. A "
            f"quick test of version 2 with the settings of 'Before' ({before}) would tell."
        )

    def test_an_older_one_would_have_to_be_restored_for_that(self, lab, client):
        features, model = lab.features(), lab.model()
        with_history(lab, features)
        lab.completed("After", 0.2, features, model)
        effect = client("GET", f"{FEATURES}{features}/differences/").json()["effect"]
        assert "version 1 has no completed quick test" in effect["sentence"]
        assert effect["sentence"].endswith("would tell; restore or clone that version for it.")

    def test_where_neither_was_tested_it_says_so(self, lab, client):
        features = lab.features()
        with_history(lab, features)
        effect = client("GET", f"{FEATURES}{features}/differences/").json()["effect"]
        assert "neither version 1 nor version 2 has a completed quick test" in effect["sentence"]

    @pytest.mark.parametrize(
        ("spec", "other_model", "reason"),
        [
            ({"data_sample_percent": 25.0}, False, "other sample: 10% against 25%"),
            ({"epochs": 5}, False, "other settings: epochs 2 → 5"),
            ({}, True, "other model config: Small, version 1 against Deep, version 1"),
        ],
        ids=["sample", "epochs", "model"],
    )
    def test_tests_that_differ_in_more_tell_nothing(self, lab, client, spec, other_model, reason):
        features, model = lab.features(), lab.model()
        lab.completed("Before", 0.2, features, model)
        with_history(lab, features)
        other = lab.model("Deep", learning_rate=0.01) if other_model else model
        lab.completed("After", 0.3, features, other, seed=2, **spec)
        effect = client("GET", f"{FEATURES}{features}/differences/").json()["effect"]
        assert effect["verdict"] is None
        assert f"were not made alike ({reason})" in effect["sentence"]
        assert "A quick test of version 2 with the settings of 'Before'" in effect["sentence"]

    def test_a_test_that_hides_the_change_tells_nothing(self, lab, client):
        features, model = lab.features(), lab.model()
        lab.completed("Before", 0.2, features, model, learning_rate_override=0.05)
        changed(lab, Collection.MODEL_CONFIGS, model, learning_rate=0.01)
        lab.completed("After", 0.3, features, model, seed=2, learning_rate_override=0.05)
        found = client("GET", f"{MODELS}{model}/differences/").json()
        assert found["changes"] == ["Learning rate 0.002 → 0.01"]
        assert "neither" in found["effect"]["sentence"]
        changed(lab, Collection.MODEL_CONFIGS, model, learning_rate=0.01, temperature=0.2)
        assert lab.completed("Later", 0.3, features, model, learning_rate_override=0.05)
        later = client("GET", f"{MODELS}{model}/differences/").json()
        assert later["effect"]["verdict"] == "no_clear_difference"

    def test_an_order_that_means_nothing_has_no_effect(self, lab, client):
        both = [{"column": name, "type": "string_embedding"} for name in ("customer", "city")]
        features = lab.features(buyer_model_features=both)
        changed(lab, Collection.FEATURE_CONFIGS, features, buyer_model_features=both[::-1])
        found = client("GET", f"{FEATURES}{features}/differences/").json()
        assert found["changes"] == ["Buyer tower: in another order, city, customer"]
        assert found["effect"]["sentence"].startswith("Both mean the same")

    def test_any_two_can_be_chosen_in_either_direction(self, lab, client):
        model = lab.model()
        changed(lab, Collection.MODEL_CONFIGS, model, learning_rate=0.01)
        changed(lab, Collection.MODEL_CONFIGS, model, learning_rate=0.02)
        path = f"{MODELS}{model}/differences/"
        chosen = {"from_revision": 3, "to_revision": 1}
        found = client("GET", path, params=chosen).json()
        assert found["changes"] == ["Learning rate 0.02 → 0.002"]
        same = client("GET", path, params={"from_revision": 2, "to_revision": 2}).json()
        assert (same["changes"], same["effect"]) == ([], None)

    def test_a_revision_that_is_not_there_is_named(self, lab, client):
        model = lab.model()
        path = f"{MODELS}{model}/differences/"
        refused = error(client("GET", path), 422, "invalid")
        assert refused["fields"][0]["message"].startswith("There is no version before 1.")
        refused = error(client("GET", path, params={"from_revision": 7}), 422, "invalid")
        assert refused["fields"][0]["path"] == "from_revision"
        assert refused["fields"][0]["message"] == "There is no version 7. Versions are 1."
        error(client("GET", f"{MODELS}none/differences/"), 404, "not_found")
        error(client("GET", path, params={"other_id": "none"}), 404, "not_found")


class TestTwoConfigs:
    def test_are_compared_as_they_are_now(self, lab, client):
        features = lab.features()
        small, wide = lab.model("Small"), lab.model("Wide", learning_rate=0.01)
        lab.completed("One", 0.2, features, small)
        lab.completed("Two", 0.25, features, wide, seed=2)
        found = client("GET", f"{MODELS}{small}/differences/", params={"other_id": wide}).json()
        assert found["after"] == {"id": wide, "name": "Wide", "revision": 1}
        assert found["changes"] == ["Learning rate 0.002 → 0.01"]
        assert found["effect"]["verdict"] == "better"

    def test_those_of_one_name_are_told_apart(self, lab, client):
        one, two = lab.model("Twin"), lab.model("Twin", learning_rate=0.01)
        found = client("GET", f"{MODELS}{one}/differences/", params={"other_id": two}).json()
        said = f"neither 'Twin' ({one}) nor 'Twin' ({two}) has"
        assert said in found["effect"]["sentence"]


def test_each_version_says_what_it_changed(lab, client):
    model = lab.model()
    changed(lab, Collection.MODEL_CONFIGS, model, learning_rate=0.01)
    path = Collection.MODEL_CONFIGS.path(model)
    kept = lab.documents.data(f"{path}/versions/1")
    assert [one["changes"] for one in client("GET", f"{MODELS}{model}/versions/").json()] == [
        ["Learning rate 0.002 → 0.01"],
        None,
    ]
    # One that cannot be read is told field by field.
    unread = {**kept["spec"], "learning_rate": "fast"}
    lab.documents.write(f"{path}/versions/1", {**kept, "spec": unread})
    newest = client("GET", f"{MODELS}{model}/versions/").json()[0]
    assert newest["changes"] == ["Learning rate fast → 0.01"]


def test_ids_of_other_documents_come_with_their_names(lab, client):
    features = lab.features()
    other = editing.create(
        lab.ports,
        Collection.DATASETS,
        name="Second shop",
        spec=DATASET_SPEC,
    ).id
    lab.settle()
    path = Collection.FEATURE_CONFIGS.path(features)
    spec = lab.documents.data(path)["spec"]
    lab.documents.write(
        f"{path}/versions/7", {"name": "Ids", "spec": {**spec, "dataset_id": other}}
    )
    chosen = {"from_revision": 1, "to_revision": 7}
    found = client("GET", f"{FEATURES}{features}/differences/", params=chosen).json()
    assert f"Dataset Shop ({lab.dataset_id}) → Second shop ({other})" in found["changes"]


def test_rule_sets_have_sentences_and_no_effect(lab, client):
    rules = {"caps": [{"column": "department", "at_most": 2}]}
    spec = {"dataset_id": lab.dataset_id, "rules": rules}
    made = editing.create(lab.ports, Collection.RULE_SETS, name="Front", spec=spec).id
    lab.settle()
    rules["caps"][0]["at_most"] = 3
    changed(lab, Collection.RULE_SETS, made, rules=rules)
    found = client("GET", f"/api/rule-sets/{made}/differences/").json()
    assert found["changes"] == ["Caps, department: at most 2 → 3"]
    assert found["effect"] is None


def test_a_name_is_text_in_markdown(lab, client):
    spec = {**MODEL_SPEC, "learning_rate": 0.01}
    one, two = lab.model("<b>*x*</b>"), lab.model("[y](z)", **spec)
    found = client("GET", f"{MODELS}{one}/differences/", params={"other_id": two}).json()
    assert "<b>" not in found["markdown"]
    assert "\\[y\\]" in found["markdown"]
