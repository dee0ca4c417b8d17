"""What is asked of a saved model, and what it answers."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from shared.examples import RawType

MAX_K = 1000
MAX_LISTED = 100  # customers to choose from, and products of a history

RawValue = str | bool | int | float | None


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
    """

    columns: list[QueryColumn]
    customer_column: str
    customers: list[Customer]
    customer_count: int
    recommends: bool
    rates: bool
    rating_column: str | None
    max_k: int


class PredictionRequest(BaseModel):
    """For whom to predict.

    Attributes:
        customer_id: a customer; the query's other raw values are those of their latest training
            row, so far as `values` does not replace them.
        values: raw values by column. Timestamps are ISO 8601 or seconds since 1970; null is
            missing.
        k: how many products to recommend.
        product_ids: products to rate, by models that rate.
    """

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)

    customer_id: Annotated[str, Field(min_length=1, max_length=1000)] | None = None
    values: dict[str, RawValue] = Field(default={}, max_length=1000)
    k: int = Field(default=10, ge=1, le=MAX_K)
    product_ids: list[Annotated[str, Field(max_length=1000)]] = Field(default=[], max_length=MAX_K)


class Recommendation(BaseModel):
    """A product, best first.

    Attributes:
        score: the model's own; only the order among one query's products has a meaning.
        rating: the predicted rating, by models that rate.
        bought_before: whether the customer has it among the training rows.
    """

    product_id: str
    name: str | None
    score: float
    rating: float | None = None
    bought_before: bool


class Rating(BaseModel):
    """The predicted rating of a product that was asked for."""

    product_id: str
    name: str | None
    rating: float
    bought_before: bool


class Bought(BaseModel):
    """A product of the customer's training rows. `count` is the number of rows."""

    product_id: str
    name: str | None
    count: int


class Prediction(BaseModel):
    """What the model answers.

    Attributes:
        known: whether the customer is among the training rows. Others are welcome: the model
            answers by what else it is given.
        query: the raw values that the model was asked with, by column.
        recommendations: the best products, best first.
        ratings: of the products that were asked for, in their order.
        history: what the customer bought before, most frequent first; the first 100.
        products_bought: how many different products that were.
    """

    known: bool
    query: dict[str, RawValue]
    recommendations: list[Recommendation]
    ratings: list[Rating]
    history: list[Bought]
    products_bought: int
