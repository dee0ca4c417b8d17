"""The rule set that a test names, under whose rules its lists are measured besides."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.model_config import ModelConfig
from shared.documents.quick_test import Pinned, PinnedRules, QuickTestSpec
from shared.documents.rule_set import RuleSet
from shared.errors import NotFoundError
from shared.examples import ExamplesSpec
from shared.ports import Ports
from shared.problems import InvalidError, Problem, errors, listed
from shared.rules_of_lists import check_rules
from shared.rules_of_lists.stored import StoredRuleSet
from shared.services.store import RULE_SET, number
from shared.tasks import TASKS_THAT_RETRIEVE

PATH = "spec.rule_set_id"


def named_rules(
    spec: QuickTestSpec, model_config: ModelConfig, examples: ExamplesSpec, ports: Ports
) -> PinnedRules | list[Problem] | None:
    """The rule set that a test names, as it is now; what is wrong with it; or None.

    Args:
        examples: of the test, which say what its products have for rules to read.
    """
    if (rule_set_id := spec.rule_set_id) is None:
        return None
    if not model_config.spec.retrieves:
        message = (
            f"Model config {model_config.name!r} only rates: no list of its is measured, and thus "
            "none under rules. Name no rule set, or take a model config that is "
            f"{TASKS_THAT_RETRIEVE}."
        )
        return [_problem("rules_without_lists", message, rule_set_id)]
    number(RULE_SET.collection, rule_set_id, ports)  # whoever wrote it need not have
    try:
        rule_set = RULE_SET.load(rule_set_id, ports)
    except NotFoundError:
        message = f"There is no rule set {rule_set_id!r}. Give the id of one that exists, or none."
        return [_problem("unknown_rule_set", message, rule_set_id)]
    except InvalidError as invalid:
        message = f"Rule set {rule_set_id!r} is not valid. {listed(invalid.problems)}"
        return [_problem("invalid_rule_set", message, rule_set_id)]
    if problems := list(_unfit(rule_set, examples)):
        return problems
    return PinnedRules(
        id=rule_set.id,
        name=rule_set.name,
        revision=rule_set.revision,
        told=rule_set.spec.rules.in_words(),
    )


def pinned_rules(
    spec: QuickTestSpec, pinned: Pinned, examples: ExamplesSpec, ports: Ports
) -> StoredRuleSet | None:
    """The rule set at the revision that a test was pinned to.

    Raises:
        NotFoundError: it has been deleted.
        InvalidError: it cannot be read, does not fit the test, or is not what the spec names.
    """
    named = pinned.rule_set
    if spec.rule_set_id != (named.id if named is not None else None):
        message = f"The test is pinned to another than its spec names, {spec.rule_set_id!r}."
        received = named.id if named is not None else None
        problem = Problem(
            path="status.pinned.rule_set",
            code="pinned_otherwise",
            message=message,
            received=received,
        )
        raise InvalidError([problem])
    if named is None:
        return None
    rule_set = RULE_SET.load_revision(named.id, named.revision, ports)
    if problems := list(_unfit(rule_set, examples)):
        raise InvalidError(problems)
    return StoredRuleSet(
        id=named.id, name=named.name, revision=named.revision, rules=rule_set.spec.rules
    )


def _unfit(rule_set: RuleSet, examples: ExamplesSpec) -> Iterator[Problem]:
    rules, name = rule_set.spec.rules, rule_set.name
    if rules.are_none:
        message = f"Rule set {name!r} has no rules. Give it a filter, a cap or a pin."
        yield _problem("invalid_rule_set", message, rule_set.id)
    columns = {name: column for name, (_, _, column) in examples.read_by_rules().items()}
    if faults := errors(check_rules(rules, columns, "rules")):
        message = f"Rule set {name!r} does not fit this test. {listed(faults)}"
        yield _problem("unfit_rule_set", message, rule_set.id)


def _problem(code: str, message: str, received: str) -> Problem:
    return Problem(path=PATH, code=code, message=message, received=received)
