"""Rule sets, from a document to what servers read."""

from __future__ import annotations

import json

import pytest
from scenario import COLUMNS, RULES, URI, Shop, column, known_dataset, profile

from shared import editing
from shared.documents.base import Collection
from shared.documents.rule_set import RuleSetStatus
from shared.editing import InUseError
from shared.problems import InvalidError
from shared.rules.rule_columns import MOST_COLUMNS, rule_columns
from shared.rules_of_lists.stored import StoredRuleSet, key_of


@pytest.fixture
def shop() -> Shop:
    return Shop()


@pytest.fixture
def dataset(shop: Shop) -> str:
    dataset = shop.dataset()
    shop.settle()
    return dataset


def status(shop: Shop, rule_set_id: str) -> RuleSetStatus:
    data = shop.documents.data(f"rule_sets/{rule_set_id}")
    return RuleSetStatus.model_validate(data["status"])


def served(shop: Shop, rule_set_id: str) -> StoredRuleSet | None:
    uri = shop.artifacts.uri(key_of(rule_set_id))
    if not shop.artifacts.exists(uri):
        return None
    content = shop.artifacts.read(uri)
    return StoredRuleSet.model_validate_json(content) if content != b"null" else None


def test_a_valid_one_is_written_for_servers_at_each_of_its_revisions(
    shop: Shop, dataset: str
) -> None:
    rules = shop.rule_set(dataset)
    shop.settle()
    found = served(shop, rules)
    assert found is not None
    assert (found.id, found.name, found.revision) == (rules, "Front page", 1)
    assert found.rules.model_dump(exclude_none=True) == {**RULES, "pins": []}
    changed = {"dataset_id": dataset, "rules": {"caps": RULES["caps"]}}
    editing.update(shop.ports, Collection.RULE_SETS, rules, spec=changed)
    shop.settle()
    found = served(shop, rules)
    assert found is not None
    assert (found.revision, found.rules.filters) == (2, [])
    editing.update(shop.ports, Collection.RULE_SETS, rules, name="Home page")
    shop.settle()
    found = served(shop, rules)
    assert found is not None
    assert (found.revision, found.name) == (2, "Home page")
    assert status(shop, rules).published_revision == 2
    assert status(shop, rules).published_name == "Home page"


def test_one_that_waits_for_its_dataset_is_written_once_that_is_known(shop: Shop) -> None:
    dataset = shop.dataset()
    rules = shop.rule_set(dataset)
    assert served(shop, rules) is None
    shop.settle()
    assert served(shop, rules) is not None


def test_servers_keep_the_last_valid_one_while_a_later_one_is_not(shop: Shop, dataset: str) -> None:
    rules = shop.rule_set(dataset)
    shop.settle()
    path = f"rule_sets/{rules}"
    spec = shop.documents.data(path)["spec"]
    spec["rules"]["filters"][0]["column"] = "colour"
    shop.documents.transact(lambda transaction: transaction.update(path, {"spec": spec}))
    shop.settle()
    found = status(shop, rules)
    assert found.validation.state == "invalid"
    (problem,) = found.validation.problems
    assert problem.path == "spec.rules.filters[0].column"
    assert problem.message.endswith("'department', 'price', 'organic'.")
    assert found.published_revision == 1
    kept = served(shop, rules)
    assert kept is not None
    assert kept.revision == 1


def test_a_dataset_that_loses_a_column_takes_the_verdict_back(shop: Shop, dataset: str) -> None:
    rules = shop.rule_set(dataset)
    shop.settle()
    without = [one for one in COLUMNS if one.name != "department"]
    shop.data.profiles[URI] = profile(without, fingerprint="v2")
    spec = shop.documents.data(f"datasets/{dataset}")["spec"]
    mapping = {k: v for k, v in spec["column_mapping"].items() if k != "department"}
    editing.update(
        shop.ports, Collection.DATASETS, dataset, spec={**spec, "column_mapping": mapping}
    )
    shop.settle()
    assert [one.path for one in status(shop, rules).validation.problems] == [
        "spec.rules.caps[0].column"
    ]


def test_a_deleted_one_is_known_to_no_server(shop: Shop, dataset: str) -> None:
    rules = shop.rule_set(dataset)
    shop.settle()
    with pytest.raises(InUseError, match="is used by rule set 'Front page'"):
        editing.delete(shop.ports, Collection.DATASETS, dataset)
    editing.delete(shop.ports, Collection.RULE_SETS, rules)
    shop.settle()
    assert served(shop, rules) is None
    assert json.loads(shop.artifacts.read(shop.artifacts.uri(key_of(rules)))) is None
    editing.delete(shop.ports, Collection.DATASETS, dataset)


@pytest.mark.parametrize(
    ("rules", "path"),
    [
        ({}, "spec.rules"),
        ({"filters": [{"type": "range", "column": "department", "min": 1}]}, "filters[0].column"),
        ({"filters": [{"type": "in", "column": "city", "values": ["Rome"]}]}, "filters[0].column"),
        ({"caps": [{"column": "title", "at_most": 1}]}, "caps[0].column"),
    ],
)
def test_what_is_wrong_is_refused_by_its_field(
    shop: Shop, dataset: str, rules: dict[str, object], path: str
) -> None:
    with pytest.raises(InvalidError) as refused:
        shop.rule_set(dataset, rules)
    (problem,) = refused.value.problems
    assert problem.path.removeprefix("spec.rules.") == path
    assert shop.documents.query(Collection.RULE_SETS) == []


def test_rules_read_what_describes_products_within_bounds() -> None:
    many = [column(f"kind {number}", "STRING", 5) for number in range(30)]
    named = [
        column("blurb", "STRING", 50_000),
        column("code", "INTEGER", 50, min=0, max=2**30),
        column("stock", "INTEGER", 50, min=0, max=900),
        column("since", "TIMESTAMP", 50),
    ]
    roles = {one.name: f"product_{number}x" for number, one in enumerate([*named, *many])}
    dataset = known_dataset([*COLUMNS, *named, *many])
    dataset.spec.column_mapping.update(roles)
    found = rule_columns(dataset)
    types = {name: one.type.value for name, one in found.items()}
    assert len(found) == MOST_COLUMNS
    assert list(found)[:6] == ["department", "price", "organic", "code", "stock", "kind 0"]
    assert (types["price"], types["code"], types["stock"]) == ("number", "text", "number")
