"""What each metric knows of itself."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import ClassVar

from shared.arrays import Integers, Reals
from shared.kinds import Described
from shared.measuring import HeldOut, Ratings
from shared.statistics import Statistic
from shared.wording import percent


@dataclass(frozen=True)
class RowsInWords:
    """How metrics of held-out rows that are measured apart are told from those of all.

    Attributes:
        label: what follows a metric's label, and its term.
        help: what follows its help.
        brief: what follows its name in the command line's table.
        heading: of the table that they have to themselves; "" where they stand among others.
    """

    label: str = ""
    help: str = ""
    brief: str = ""
    heading: str = ""


# By the ending of the metrics' names. The first three are rows of the one list of all products; the
# others are of lists of their own, by models that serve them.
ROW_KINDS = {
    "repeat": RowsInWords(", bought before", ", bought before", ", bought before"),
    "new": RowsInWords(", new to the customer", ", new to the customer", ", new to them"),
    "unseen": RowsInWords(
        ", never trained on", ", of products never trained on", ", never trained on"
    ),
    "buy_again": RowsInWords(", buy again", ", of products to buy again", "", "Buy again"),
    "discover": RowsInWords(", discover", ", of products to discover", "", "Discover"),
}


@dataclass(frozen=True)
class Metric:
    """A number of a MetricsReport.

    Attributes:
        name: `recall_at_100_new`.
        label: in titles and sentences.
        term: what the field calls it, in running text.
        help: what it says, without the field's terms.
        share: lies between 0 and 1, and is written in percent.
        unit: of what is no share, in words; "" where it has none.
        rating: of predicted ratings, not of ranked products.
        brief: what it is called in the command line's table under `heading`; None: it is told
            elsewhere only.
        of_list: the name of the list that it is measured in, which has a table of its own: "Buy
            again"; "" for the list of all products.
        position: metrics are listed in this order.
    """

    name: str
    label: str
    term: str
    help: str = ""
    share: bool = False
    unit: str = ""
    lower_is_better: bool = False
    rating: bool = False
    brief: str | None = None
    heading: str = "metric"
    of_list: str = ""
    position: int = 1000

    def better(self, one: float, other: float) -> bool:
        return one < other if self.lower_is_better else one > other

    def said(self, value: float) -> str:
        """`24.9%` or `0.7362`."""
        return percent(value) if self.share else f"{value:.4f}"


class MetricKind(Described, ABC):
    """One file of this package: the words, the direction and the computation of a metric.

    Attributes:
        name: as in `recall_at_100`, without what follows.
        label, term, help, share, unit, lower_is_better, rating, heading: as a Metric's; in `help`,
            `{k}` stands for the cutoff.
        brief: None keeps it out of the command line's tables and the report's bars.
        position: what is measured, and listed, first.
    """

    name: ClassVar[str]
    term: ClassVar[str]
    share: ClassVar[bool] = True
    unit: ClassVar[str] = ""
    lower_is_better: ClassVar[bool] = False
    rating: ClassVar[bool] = False
    brief: ClassVar[str | None] = None
    heading: ClassVar[str] = "metric"

    def metrics(self) -> Iterator[Metric]:
        """All that it makes of a test."""
        yield self.made(self.name)

    def made(self, name: str, at: str = "", rows: str = "", *, brief: bool = True) -> Metric:
        """The metric of this name.

        Args:
            at: `@10`.
            rows: a key of ROW_KINDS, or "" for all rows.
        """
        words = ROW_KINDS.get(rows, RowsInWords())
        ending = at + words.label
        return Metric(
            name=name,
            label=self.label + ending,
            term=self.term + ending,
            help=self.help.replace("{k}", at[1:]) + words.help,
            share=self.share,
            unit="" if self.share else self.unit,
            lower_is_better=self.lower_is_better,
            rating=self.rating,
            brief=None if self.brief is None or not brief else self.brief + at + words.brief,
            heading=self.heading,
            of_list=words.heading,
            position=self.position,
        )


class RankedMetric(MetricKind):
    """A mean over held-out rows of what the right product's rank is worth; told of all rows, and
    apart of ROW_KINDS.

    Attributes:
        cutoffs: the k of `@k`; none where the metric looks at the whole list.
    """

    cutoffs: ClassVar[tuple[int, ...]] = ()

    @abstractmethod
    def values(self, ranks: Integers, k: int) -> Reals:
        """What each row adds.

        Args:
            ranks: [rows], from 1.
            k: one of `cutoffs`, 0 where there are none.

        Returns:
            [rows]
        """

    def named(self, k: int) -> str:
        return f"{self.name}_at_{k}" if k else self.name

    def metrics(self) -> Iterator[Metric]:
        for k in self.cutoffs or (0,):
            for rows in ("", *ROW_KINDS):
                yield self.of(k, rows)

    def of(self, k: int, rows: str) -> Metric:
        in_list = rows in ROW_KINDS and bool(ROW_KINDS[rows].heading)
        brief = not rows or in_list or k == max(self.cutoffs, default=0)
        name = f"{self.named(k)}_{rows}" if rows else self.named(k)
        return self.made(name, f"@{k}" if k else "", rows, brief=brief)

    def measure(self, ranks: Integers) -> Iterator[tuple[str, Reals]]:
        for k in self.cutoffs or (0,):
            yield self.named(k), self.values(ranks, k)


class ListMetric(MetricKind):
    """A number of the lists of all customers together, which has no interval."""

    @abstractmethod
    def value(self, lists: Integers, candidates: int) -> float:
        """Args:
        lists: [customers, LISTED], rows of the candidates that each is recommended, in any order;
            -1 where a list is shorter.
        candidates: how many products there are.
        """

    def at_random(self, held_out: HeldOut) -> float | None:
        """What is expected where each customer's list is drawn; None: that is not told."""
        return None


class RatingMetric(MetricKind):
    """A number of predicted ratings beside the true ones."""

    share = False
    rating = True

    @abstractmethod
    def measure(self, ratings: Ratings) -> Statistic | None:
        """None where it has no meaning for these ratings."""
