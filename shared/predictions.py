"""What is asked of a saved model, and what it answers."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.examples import RawType
from shared.explanations import Explanation
from shared.rules_of_lists import Rules

MAX_K = 1000
MAX_LISTED = 100  # customers to choose from, and products of a history
# Of a request to a server: the training whose version alone may answer. Of an answer: the one whose
# version has.
QUICK_TEST_HEADER = "Recsmith-Quick-Test"
MAX_PAST = 10_000  # past purchases that a request may tell of

RawValue = str | bool | int | float | None


class ListName(StrEnum):
    """Which products are recommended: of all, of those that the customer has had before, or of
    those that they have never had."""

    ALL = "all"
    BUY_AGAIN = "buy_again"
    DISCOVER = "discover"


class PastPurchase(BaseModel):
    """A product that the customer bought so many days ago; 0 is now.

    Attributes:
        kind: what kind of event it was, for models that tell kinds apart; null is a purchase.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    product_id: Annotated[str, Field(min_length=1, max_length=1000)]
    days_ago: float = Field(default=0.0, ge=0, le=36_500)
    kind: Annotated[str, Field(max_length=1000)] | None = None


# A request has a field named `list`, beside which its annotations cannot use the type.
_ProductIds = list[Annotated[str, Field(max_length=1000)]]
_PastPurchases = Annotated[list[PastPurchase], Field(max_length=MAX_PAST)]


class QueryColumn(BaseModel):
    """A raw column that a query takes.

    Attributes:
        example: its value in a training row; null where that row has none.
    """

    column: str
    type: RawType
    example: RawValue


class Customer(BaseModel):
    """A customer among the training rows. `purchases` counts their rows."""

    customer_id: str
    purchases: int


class PredictionInputs(BaseModel):
    """How to ask a test's model.

    Attributes:
        columns: the raw columns of a query; a column left out counts as missing.
        customer_column: which column holds the customer's id; a query need not take it.
        customers: some to choose from, those with most purchases first.
        customer_count: how many the training rows have, those that the search leaves out included.
        recommends: whether the model finds the best of all products by itself. One that only rates
            recommends those with the highest rating.
        rates: whether it predicts ratings.
        rating_column: what they predict.
        max_k: how many products one query may ask for.
        looks_back: whether it recommends by what the customer bought before, so that a query may
            tell of it.
        max_explained: how many recommendations one query may have explained; 0 where the model
            explains none.
        event_kinds: the kinds of events that a query may tell of; none where all are purchases.
    """

    columns: list[QueryColumn]
    customer_column: str
    customers: list[Customer]
    customer_count: int
    recommends: bool
    rates: bool
    rating_column: str | None
    max_k: int
    looks_back: bool = False
    max_explained: int = 0
    event_kinds: list[str] = []


class InputsRequest(BaseModel):
    """Which customers to list.

    Attributes:
        search: a part of their ids, case aside.
        limit: how many at the most.
    """

    model_config = ConfigDict(extra="forbid")

    search: Annotated[str, Field(max_length=1000)] | None = None
    limit: int = Field(default=20, ge=1, le=MAX_LISTED)


class PredictionRequest(BaseModel):
    """For whom to predict.

    Attributes:
        customer_id: a customer; the query's other raw values are those of their latest training
            row, so far as `values` does not replace them. The time of purchase is not among them
            where the model looks back: it is asked as at the end of the training data, the first
            second after all purchases, unless `values` has a time.
        values: raw values by column. Timestamps are ISO 8601 or seconds since 1970; null is
            missing.
        k: how many products to recommend.
        product_ids: products to rate, by models that rate.
        list: which products to recommend.
        history: what the customer bought before, in place of what the model knows of it; for models
            that look back. An empty one says that they bought nothing.
        rules: which products may be listed, at most how many of a kind, and which stand at given
            places.
        rule_set: the id or the name of a rule set, whose rules hold as well; where both cap one
            column or pin one product or place, those of the request count.
        explain: take the score of each recommendation apart, of 50 at most.
        held_out: tell what the customer bought in the rows that the test was judged by, too.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    customer_id: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    values: dict[str, RawValue] = Field(default={}, max_length=1000)
    k: int = Field(default=10, ge=1, le=MAX_K)
    product_ids: _ProductIds = Field(default=[], max_length=MAX_K)
    list: ListName = ListName.ALL
    history: _PastPurchases | None = None
    rules: Rules | None = None
    rule_set: Annotated[str, Field(min_length=1, max_length=255)] | None = None
    explain: bool = False
    held_out: bool = False


class Recommendation(BaseModel):
    """A product, best first.

    Attributes:
        score: the model's own; only the order among one query's products has a meaning.
        rating: the predicted rating, by models that rate.
        bought_before: whether the customer has had it, by the given history or the training rows.
        last_bought_days_ago: when they bought it last; null for never, and where no time is known.
        pinned: whether rules put it at its place.
        held_out: whether the customer bought it in the rows that the test was judged by; null where
            that was not asked for, or the rows are gone.
        explanation: parts that add up to the score, where that was asked for.
    """

    product_id: str
    name: str | None
    score: float
    rating: float | None = None
    bought_before: bool
    last_bought_days_ago: float | None = None
    pinned: bool = False
    held_out: bool | None = None
    explanation: Explanation | None = None


class Rating(BaseModel):
    """The predicted rating of a product that was asked for."""

    product_id: str
    name: str | None
    rating: float
    bought_before: bool


class Bought(BaseModel):
    """A product that the customer bought before. `count` is the number of purchases."""

    product_id: str
    name: str | None
    count: int
    last_bought_days_ago: float | None = None


class HeldOut(BaseModel):
    """A product that the customer bought in the rows that the test was judged by. `count` is the
    number of purchases."""

    product_id: str
    name: str | None
    count: int
    bought_before: bool


class PinLeftOut(BaseModel):
    """A pinned product that is not shown, and why."""

    product_id: str
    place: int
    reason: str


class CapReached(BaseModel):
    """A value of which no more products were listed, although more fit."""

    column: str
    value: str | float
    at_most: int


class Applied(BaseModel):
    """What rules did to a list.

    Attributes:
        rules: the filters, in words.
        products: how many products the list had to choose among: available ones, and with
            *buy again* or *discover* those of that list.
        fitting: how many of them all filters keep.
        notes: what whoever reads the list should know, a sentence each.
    """

    rules: list[str]
    products: int
    fitting: int
    pins_left_out: list[PinLeftOut] = []
    caps_reached: list[CapReached] = []
    notes: list[str] = []


class Prediction(BaseModel):
    """What the model answers.

    Attributes:
        known: whether the customer is among the training rows. Others are welcome: the model
            answers by what else it is given.
        query: the raw values that the model was asked with, by column.
        recommendations: the best products, best first.
        ratings: of the products that were asked for, in their order.
        history: what the customer bought before, by the given history or the training rows, most
            frequent first; the first 100.
        products_bought: how many different products that were.
        unknown_products: those of the given history that are in no training row, and were left out;
            the first 100.
        applied: what rules did, where any were given.
        held_out: what the customer bought in the rows that the test was judged by, most frequent
            first; the first 100. Null where that was not asked for, or the rows are gone.
        products_held_out: how many different products that were.
    """

    known: bool
    query: dict[str, RawValue]
    recommendations: list[Recommendation]
    ratings: list[Rating]
    history: list[Bought]
    products_bought: int
    unknown_products: list[str] = []
    applied: Applied | None = None
    held_out: list[HeldOut] | None = None
    products_held_out: int = 0
