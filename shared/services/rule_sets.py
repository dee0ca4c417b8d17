"""Rule sets: judged by their dataset's columns, and written for servers."""

from __future__ import annotations

from shared.documents.rule_set import RuleSet
from shared.ports import Ports
from shared.problems import Problem
from shared.rules.rule_columns import rule_columns
from shared.rules_of_lists import check_rules
from shared.rules_of_lists.stored import WITHDRAWN, StoredRuleSet, key_of
from shared.services.verdicts import Verdict, usable_dataset


def judge_rule_set(rule_set: RuleSet, ports: Ports) -> Verdict:
    dataset = usable_dataset(rule_set.spec.dataset_id, "spec.dataset_id", ports)
    if isinstance(dataset, Verdict):
        return dataset
    rules, problems = rule_set.spec.rules, []
    if rules.are_none:
        message = "A rule set has a filter, a cap or a pin."
        problems.append(Problem(path="spec.rules", code="no_rules", message=message))
    problems += check_rules(rules, rule_columns(dataset), "spec.rules")
    return Verdict(problems)


def publish_rules(rule_set: RuleSet, ports: Ports) -> None:
    """Writes a valid rule set for servers, in place of what they had of it."""
    stored = StoredRuleSet(
        id=rule_set.id,
        name=rule_set.name,
        revision=rule_set.revision,
        rules=rule_set.spec.rules,
    )
    ports.artifacts.replace(key_of(rule_set.id), stored.model_dump_json().encode())


def withdraw_rules(rule_set_id: str, ports: Ports) -> None:
    """Servers know it no more."""
    key = key_of(rule_set_id)
    if ports.artifacts.exists(ports.artifacts.uri(key)):
        ports.artifacts.replace(key, WITHDRAWN)
