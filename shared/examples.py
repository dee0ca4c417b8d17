"""What the examples stage reads: which columns under which keys, which rows, which split."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Literal

from pydantic import BaseModel, Field

from shared.columns import RawType as RawType
from shared.columns.text_form import TextForm
from shared.documents.source import Source
from shared.rules_of_lists.products import RuleColumn
from shared.views import View

MISSING_TIMESTAMP = -(2**63)

# What signatures of models that look back take besides raw features: ids of products, "" after the
# last, and how many days ago each was bought, both [batch, purchases].
HISTORY_IDS, HISTORY_AGES = "history_ids", "history_ages"
# What kind of event each was, [batch, purchases], for models that tell them apart.
HISTORY_KINDS = "history_kinds"
HISTORY_INPUTS = (HISTORY_IDS, HISTORY_AGES, HISTORY_KINDS)


def explained_features(query_keys: Sequence[str], product_keys: Sequence[str]) -> dict[str, str]:
    """What the signature that explains takes of products: raw features by the names that they have
    there. One that a query has too is called otherwise."""
    found: dict[str, str] = {}
    for key in product_keys:
        name = key
        while name in found or name in query_keys:
            name = f"product_{name}"
        found[name] = key
    return found


# What a temporal split does with rows of one moment.
Ties = Literal["whole", "hash"]
# Which rows are held out: the test slice, or those before it, the test slice being left out.
JudgedOn = Literal["test", "validation"]


# Where a product's values are that rules of lists read: among what the model knows of it, among
# what is kept for rules, or its category.
ProductPart = Literal["attributes", "columns", "category"]
PRODUCT_PARTS: tuple[ProductPart, ...] = ("attributes", "columns", "category")


class RawFeature(BaseModel):
    """A column as it enters Transform and the serving signatures.

    Attributes:
        key: its name there, `[A-Za-z_][A-Za-z0-9_]*`; the column's own name where that is one.
        column: the column's name in the dataset, which may be anything.
        form: how its values are written, of TEXT.
    """

    key: str
    column: str
    type: RawType
    form: TextForm = TextForm.WRITTEN


class ExamplesSpec(BaseModel):
    """Rows and columns of a test's examples.

    Attributes:
        features: every raw feature of both towers, and the customer's and the product's id as
            TEXT even where no tower uses them.
        query_keys: keys of the features that describe a query (customer and context).
        candidate_keys: keys of the features that describe a product.
        customer_key, product_key: keys of the two ids.
        past_key: of the query's keys, the time that past purchases are looked up by and that
            nothing else is made of; None: there is none.
        kind_key: key of the kind of event, a TEXT, where histories tell kinds apart; rows of the
            view's kinds that are history alone are read then. None: they do not.
        segment_keys: keys of the features, of TEXT, by whose values results are split besides; no
            tower need have them.
        rule_features: what describes products besides, which rules of lists read; no tower sees
            them.
        label_key: key of the rating, a NUMBER; rows without one are dropped. None: no rating.
        timestamp_column: decides which rows are the latest; None for a random split.
        name_column: shown beside product ids in recommendations.
        category_column: products' categories, by which a baseline knows new ones; None: there are
            none.
        latest_time: seconds since 1970; a later time is no purchase's, and counts as unknown. None:
            any time may be one.
        sample_percent: above 0, up to 100.
        trained_percent, judged_percent: of the sample's customers, those whose training rows and
            whose held-out rows are kept. Splits and candidates are those of the whole sample.
        split: which rows are held out: the latest, random ones, the last of each customer, or all
            of some products.
        fitting_fraction: of the training rows, those that are kept from the first training: the
            latest, in a temporal split. 0 keeps none.
        ties: what a temporal split does with rows of one moment: keeps all of them together, or
            cuts within the moment by a hash of customer and product.
        judged_on: `validation` drops the rows that `test` would hold out, and holds out the same
            share of the others.
        data_fingerprint: of the source when the test was validated. Examples of unlike data are
            unlike to whoever keeps results by what they were made from.
        view: what of the source's rows is read, and what is joined to them; None: they are as they
            are.
        source_fingerprint: of a table that is read as of a moment, what its profile says; "" of
            what is read as it is.
    """

    source: Source
    view: View | None = None
    features: list[RawFeature]
    query_keys: list[str]
    candidate_keys: list[str]
    customer_key: str
    product_key: str
    past_key: str | None = None
    kind_key: str | None = None
    segment_keys: list[str] = []
    rule_features: list[RawFeature] = []
    label_key: str | None = None
    timestamp_column: str | None = None
    latest_time: int | None = None
    name_column: str | None = None
    category_column: str | None = None
    sample_percent: float = Field(default=10.0, gt=0, le=100)
    sample_by: Literal["customer", "row"] = "customer"
    trained_percent: float = Field(default=100.0, gt=0, le=100)
    judged_percent: float = Field(default=100.0, gt=0, le=100)
    split: Literal["temporal", "random", "leave_one_out", "products"] = "temporal"
    holdout_fraction: float = Field(default=0.1, gt=0, lt=1)
    fitting_fraction: float = Field(default=0.0, ge=0, lt=1)
    ties: Ties = "whole"
    judged_on: JudgedOn = "test"
    seed: int = 42
    data_fingerprint: str = ""
    source_fingerprint: str = ""

    @property
    def sources(self) -> list[Source]:
        """All that are read, the events' first."""
        sides = self.view.sides.values() if self.view is not None else ()
        return [self.source, *(side.source for side in sides)]

    def read_by_rules(
        self, parts: Collection[ProductPart] = PRODUCT_PARTS
    ) -> dict[str, tuple[ProductPart, str, RuleColumn]]:
        """What rules of lists can read of products, by column: where it is, under which key, and of
        which type; of a column that is read both ways the numbers."""
        known = [one for one in self.features if one.key in self.candidate_keys]
        found: dict[str, tuple[ProductPart, str, RuleColumn]] = {}
        described: tuple[tuple[ProductPart, list[RawFeature]], ...] = (
            ("attributes", known),
            ("columns", self.rule_features),
        )
        for part, features in described:
            for one in features if part in parts else ():
                if one.key == self.product_key or one.type is RawType.TIMESTAMP:
                    continue
                if one.column not in found or one.type is RawType.NUMBER:
                    found[one.column] = part, one.key, RuleColumn(one.column, one.type, one.form)
        if (name := self.category_column) is not None and "category" in parts:
            found.setdefault(name, ("category", "", RuleColumn(name, RawType.TEXT)))
        return found

    @property
    def of_history(self) -> ExamplesSpec:
        """The same of rows that are history alone: who, what, when, and of which kind."""
        keys = (self.customer_key, self.product_key, self.kind_key)
        read = [
            feature
            for feature in self.features
            if feature.key in keys
            or (feature.column == self.timestamp_column and feature.type is RawType.TIMESTAMP)
        ]
        nothing = dict.fromkeys(("label_key", "name_column", "category_column"))
        return self.model_copy(update={"features": read, "rule_features": [], **nothing})

    @property
    def columns(self) -> list[str]:
        """What is read of the source, each column once."""
        named = [feature.column for feature in (*self.features, *self.rule_features)]
        others = (self.timestamp_column, self.name_column, self.category_column)
        named += [name for name in others if name is not None]
        return list(dict.fromkeys(named))

    @property
    def counted_columns(self) -> list[str]:
        """What is read once more, of all rows, to count those that cannot be used."""
        keys = (self.customer_key, self.product_key, self.label_key)
        named = [feature.column for feature in self.features if feature.key in keys]
        if self.timestamp_column is not None:
            named.append(self.timestamp_column)
        return list(dict.fromkeys(named))
