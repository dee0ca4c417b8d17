"""What customers did after a version answered them, counted: no customer's id is among it."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.online_experiment import Experiment
from shared.documents.source import Source
from shared.wording import plural

Column = str | None


class ExposureTable(BaseModel):
    """The log of exposures, a row for each answer that was shown, by the names of its columns.

    Attributes:
        experiment_id, assigned_by: left out, they are read where the log has columns of these
            names; without, all its rows are of this experiment, and of customers who were assigned
            by their id.
        product_ids: the products that were shown; likewise.
    """

    model_config = ConfigDict(extra="forbid")

    source: Source
    customer_id: str = "customer_id"
    version: str = "version"
    time: str = "time"
    experiment_id: Column = "experiment_id"
    assigned_by: Column = "assigned_by"
    product_ids: Column = "product_ids"


class OutcomeTable(BaseModel):
    """What customers bought, by the names of its columns.

    Attributes:
        value: what one row is worth; left out, it is read where there is a column of this name.
    """

    model_config = ConfigDict(extra="forbid")

    source: Source
    customer_id: str = "customer_id"
    product_id: str = "product_id"
    time: str = "time"
    value: Column = "value"


OPTIONAL = frozenset({"experiment_id", "assigned_by", "product_ids", "value"})


class Tables(BaseModel):
    """Both tables. An outcome counts within `days` after a customer's first exposure."""

    model_config = ConfigDict(extra="forbid")

    exposures: ExposureTable
    outcomes: OutcomeTable
    days: float = Field(default=7.0, gt=0, le=366)


class VersionOutcomes(BaseModel):
    """The customers of a version, each counted once.

    Attributes:
        converted: customers with at least one outcome.
        converted_shown: with at least one of a product that they had been shown before; None where
            the log has no products.
        purchases_mean, purchases_variance: outcomes of a customer; the variance by n - 1.
        value_mean, value_variance: None where no column says what an outcome is worth.
    """

    version: int
    customers: int = 0
    converted: int = 0
    converted_shown: int | None = None
    purchases_mean: float = 0.0
    purchases_variance: float = 0.0
    value_mean: float | None = None
    value_variance: float | None = None


class LeftOut(BaseModel):
    """What does not count, and how much of it there is.

    Attributes:
        exposures_unreadable: rows of the log without a customer, a version or a time.
        exposures_of_others: of other experiments.
        exposures_not_assigned: answered by the control for want of a customer's id or a version.
        exposures_of_unknown_versions: of versions that are not in the experiment.
        customers_of_several_versions: who saw more than one.
        customers_not_yet_over: whose days are not over at the latest outcome.
        outcomes_unreadable: rows without a customer, a product or a time.
        outcomes_repeated: rows that say the same as another one.
        outcomes_before: of customers who count, before their first exposure.
        values_missing: outcomes without a readable value, which count as worth nothing.
    """

    exposures_unreadable: int = 0
    exposures_of_others: int = 0
    exposures_not_assigned: int = 0
    exposures_of_unknown_versions: int = 0
    customers_of_several_versions: int = 0
    customers_not_yet_over: int = 0
    outcomes_unreadable: int = 0
    outcomes_repeated: int = 0
    outcomes_before: int = 0
    values_missing: int = 0

    def sentences(self) -> list[str]:
        """What was left out, a sentence each; none of what is 0."""
        return [
            f"{plural(count, noun)}: {why}."
            for field, (noun, why) in _LEFT_OUT.items()
            if (count := getattr(self, field))
        ]


_LEFT_OUT = {
    "exposures_unreadable": ("exposure", "left out, without a customer, a version or a time"),
    "exposures_of_others": ("exposure", "left out, of other experiments"),
    "exposures_not_assigned": (
        "exposure",
        "left out, answered by the control for want of a customer's id or of a version",
    ),
    "exposures_of_unknown_versions": (
        "exposure",
        "left out, of versions that are not in the experiment",
    ),
    "customers_of_several_versions": ("customer", "left out, who saw more than one version"),
    "customers_not_yet_over": (
        "customer",
        "left out until their days are over at the latest outcome",
    ),
    "outcomes_unreadable": ("outcome", "left out, without a customer, a product or a time"),
    "outcomes_repeated": ("outcome", "counted once, as they say the same as another"),
    "outcomes_before": ("outcome", "left out, before the customer's first exposure"),
    "values_missing": ("outcome", "counted as worth nothing, for no value can be read"),
}


class Outcomes(BaseModel):
    """Attributes:
    exposed: customers of each version, the control first, those included whose days are not over.
    versions: what came of those whose days are over, in the same order.
    first_exposure, last_exposure: of customers who saw one version; None without any.
    """

    days: float
    exposed: list[int]
    versions: list[VersionOutcomes]
    left_out: LeftOut
    first_exposure: datetime | None = None
    last_exposure: datetime | None = None


class OutcomeReader(Protocol):
    def read(self, experiment: Experiment, tables: Tables) -> Outcomes:
        """Counts what came of an experiment; nothing is kept.

        Raises:
            InvalidError: what is wrong with which table.
        """
