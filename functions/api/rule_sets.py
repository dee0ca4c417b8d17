"""`/api/rule-sets/`: rules of lists under a name."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, SkipValidation

from functions.api.pages import Page
from functions.api.predictions import model_of, predictor_of
from functions.api.resource import ERRORS, PortsOf, Write, add_clone, add_crud
from functions.api.rights import needs
from functions.api.versions import add_versions
from shared import editing
from shared.columns import RawType
from shared.documents.base import Collection
from shared.documents.rule_set import RuleSet, RuleSetSpec
from shared.errors import NotFoundError
from shared.ports import Ports
from shared.predictions import Applied, PredictionRequest
from shared.problems import InvalidError, Problem
from shared.rules.rule_columns import rule_columns
from shared.rules_of_lists import Rules
from shared.services.store import DATASET

router = APIRouter(prefix="/api/rule-sets", tags=["rule sets"], responses=ERRORS)

# A customer whom no model knows.
_NOBODY = "a visitor of whom nothing is known"


class RuleSetWrite(Write[RuleSetSpec]):
    pass


class RuleSetPage(Page[RuleSet]):
    pass


class RuleSetTrial(BaseModel):
    """Attributes:
    id: the stored rule set that the spec is to replace, if it is.
    quick_test_id: count which products of this completed test's model fit.
    """

    model_config = ConfigDict(extra="forbid")

    spec: SkipValidation[RuleSetSpec]
    id: str | None = None
    quick_test_id: str | None = None


class ReadableColumn(BaseModel):
    """A column of the products that rules can read. `type` is `text` or `number`."""

    name: str
    type: RawType


class FilterPreview(BaseModel):
    """How many products a filter keeps by itself, for a customer who has bought nothing."""

    filter: str
    fitting: int


class RulesPreview(BaseModel):
    """Attributes:
    products: that the model may recommend.
    fitting: that all filters keep.
    """

    products: int
    fitting: int
    filters: list[FilterPreview]


class ValidatedRuleSet(BaseModel):
    """Attributes:
    valid: whether there is no problem of level `error`.
    spec: as it would be stored; null where it cannot be read.
    filters: in words.
    words: all rules in words, the filters first.
    columns: those that rules over the dataset can read; none while it is not profiled.
    preview: null where no test was named, or the rules are not valid.
    """

    valid: bool
    problems: list[Problem]
    spec: RuleSetSpec | None = None
    filters: list[str] = []
    words: list[str] = []
    columns: list[ReadableColumn] = []
    preview: RulesPreview | None = None


add_crud(router, Collection.RULE_SETS, "RuleSet", RuleSet, RuleSetWrite, RuleSetPage)
add_clone(router, Collection.RULE_SETS, "RuleSet", RuleSet)
add_versions(router, Collection.RULE_SETS, "RuleSet")


@router.post("/validate/", response_model=ValidatedRuleSet)
@needs("viewer")
def validate_rule_set(body: RuleSetTrial, ports: PortsOf) -> Any:
    """Everything that is to be said of a rule set, and how many products fit; nothing is stored."""
    trial = editing.try_out(ports, Collection.RULE_SETS, body.spec, body.id)
    answer = ValidatedRuleSet(valid=trial.valid, problems=trial.problems)
    if isinstance(trial.document, RuleSet):
        answer.spec = trial.document.spec
        answer.filters = [one.in_words() for one in answer.spec.rules.filters]
        answer.words = answer.spec.rules.in_words()
        answer.columns = _columns(answer.spec.dataset_id, ports)
        if trial.valid and body.quick_test_id is not None:
            answer.preview = _preview(answer.spec.rules, body.quick_test_id, ports)
    return answer


def _columns(dataset_id: str, ports: Ports) -> list[ReadableColumn]:
    try:
        dataset = DATASET.load(dataset_id, ports)
    except (NotFoundError, InvalidError):
        return []
    found = rule_columns(dataset).values()
    return [ReadableColumn(name=column.name, type=column.type) for column in found]


def _preview(rules: Rules, quick_test_id: str, ports: Ports) -> RulesPreview:
    """Asks the test's model for a list of one. Raises what predictions raise."""

    def applied(one: Rules) -> Applied:
        request = PredictionRequest(customer_id=_NOBODY, k=1, rules=one)
        found = predictor.predict(artifacts_uri, request).applied
        return found or Applied(rules=[], products=0, fitting=0)

    artifacts_uri, predictor = model_of(quick_test_id, ports), predictor_of(ports)
    whole = applied(Rules(filters=rules.filters, caps=rules.caps))
    return RulesPreview(
        products=whole.products,
        fitting=whole.fitting,
        filters=[
            FilterPreview(
                filter=one.in_words(),
                fitting=applied(Rules(filters=[one])).fitting,
            )
            for one in rules.filters
        ],
    )
