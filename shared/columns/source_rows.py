"""What becomes of a source's rows, and how they are counted, in SQL that both databases
understand."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import BaseModel, computed_field

from shared.wording import percent, plural

# Years 1, 1899 and 1900 are placeholders, as is the very start of 1970.
EARLIEST_TIME = -2_208_902_400  # 1900-01-02T00:00:00Z
PLACEHOLDER_TIME = 0
# Purchases cannot be later than when they are read, but for clocks and time zones.
_LEEWAY = timedelta(days=1)


class Selected(BaseModel):
    """What a dataset's conditions, dates and kinds of events leave of its source's rows.

    Attributes:
        total: rows of the source; None where nobody has counted those that conditions leave out.
        outside: that do not meet the conditions or lie outside the dates; likewise.
        other_kind: of kinds that are left out.
        negative: that take others back.
        taken_back: that were taken back.
        history: that serve as history alone.
    """

    total: int | None = None
    outside: int | None = None
    other_kind: int = 0
    negative: int = 0
    taken_back: int = 0
    history: int = 0

    @classmethod
    def of(cls, counts: Mapping[str, int], total: int | None) -> Selected:
        """
        Args:
            counts: as `shared.tables.view.selection` counts them.
        """
        kept, other, negative, history = (
            counts[name] for name in ("kept", "other_kind", "negative", "history")
        )
        return cls(
            total=total,
            outside=None if total is None else total - kept,
            other_kind=other,
            negative=negative,
            taken_back=kept - other - negative - history - counts["targets"],
            history=history,
        )

    @property
    def told(self) -> str:
        """`Of 1,000 rows of the source, 200 do not meet the conditions or dates.`"""
        parts = []
        if self.outside:
            verb = "does" if self.outside == 1 else "do"
            parts.append(f"{self.outside:,} {verb} not meet the conditions or dates")
        if self.other_kind:
            one = self.other_kind == 1
            are = "is of a kind that is" if one else "are of kinds that are"
            parts.append(f"{self.other_kind:,} {are} left out")
        if self.history:
            serve = "serves" if self.history == 1 else "serve"
            parts.append(f"{self.history:,} {serve} as history alone")
        if self.negative:
            take = "takes" if self.negative == 1 else "take"
            others = plural(self.taken_back, "other")
            parts.append(f"{self.negative:,} {take} back {others}")
        of = "the rows" if self.total is None else f"{self.total:,} rows of the source"
        return f"Of {of}, {', '.join(parts) or 'all are used'}."


class SourceRows(BaseModel):
    """How many rows a source has, and which of them cannot be used. A row is dropped for one
    reason only, the first that applies.

    Attributes:
        read: all rows of the source.
        without_customer: dropped, as no customer is named.
        without_product: dropped, as no product is named, though a customer is.
        without_rating: dropped, as there is no number to predict; 0 where nothing is predicted.
        without_time: rows that are used though nobody knows when they were; the three that follow
            add up to it. None where no column is the time of purchase.
        missing_time: the time is empty.
        unreadable_time: there is a value, but no time can be read from it.
        implausible_time: the time is later than the data by more than a day, before 1900-01-02, or
            exactly 1970-01-01T00:00:00Z: a placeholder, or a mistake.
        selected: what was left out before, where the dataset says so: of those rows none is read.
    """

    read: int
    without_customer: int = 0
    without_product: int = 0
    without_rating: int = 0
    without_time: int | None = None
    missing_time: int = 0
    unreadable_time: int = 0
    implausible_time: int = 0
    selected: Selected | None = None

    @property
    def dropped(self) -> int:
        return self.without_customer + self.without_product + self.without_rating

    @property
    def used(self) -> int:
        return self.read - self.dropped

    @computed_field  # type: ignore[prop-decorator]
    @property
    def told(self) -> list[str]:
        """What became of the rows, in one sentence or two."""
        told = [self.selected.told] if self.selected is not None else []
        told.append(f"{rows_words(self).capitalize()}.")
        if self.without_time:
            told.append(f"Of the {self.used:,} that are used, {times_words(self)}.")
        return told


def latest_time(profiled_at: datetime) -> int:
    """The last second, since 1970, in which a purchase of data that was read then can have been."""
    return int((profiled_at + _LEEWAY).timestamp())


def plausible(moment: str, latest: int | None) -> str:
    """An SQL condition: whether seconds since 1970 can be the time of a purchase.

    Args:
        latest: the last possible moment; None for no bound.
    """
    bounds = [f"{moment} >= {EARLIEST_TIME}", f"{moment} <> {PLACEHOLDER_TIME}"]
    if latest is not None:
        bounds.append(f"{moment} <= {latest}")
    return f"({' AND '.join(bounds)})"


def counting(
    source: str,
    customer: str,
    product: str,
    *,
    rated: str | None = None,
    moment: str | None = None,
    time_given: str = "",
    missing_time: str = "",
    latest: int | None = None,
) -> str:
    """A query for one row, which is what SourceRows holds, by name.

    Args:
        source: a table expression.
        customer, product: the ids as text, "" where missing.
        rated: whether a row has its rating; None where none is wanted.
        moment: the time in seconds since 1970, or `missing_time`; None where there is none.
        time_given: whether a row has any value for its time.
        latest: the last possible moment.
    """
    values = [f"{customer} AS customer", f"{product} AS product"]
    used = ["customer <> ''", "product <> ''"]
    counts = {
        "without_customer": "customer = ''",
        "without_product": "customer <> '' AND product = ''",
    }
    if rated is not None:
        values.append(f"{rated} AS rated")
        counts["without_rating"] = f"{' AND '.join(used)} AND NOT rated"
        used.append("rated")
    if moment is not None:
        values += [f"{moment} AS moment", f"{time_given} AS time_given"]
        unknown, empty = f"NOT {plausible('moment', latest)}", f"moment = {missing_time}"
        for name, condition in (
            ("without_time", unknown),
            ("missing_time", f"{empty} AND NOT time_given"),
            ("unreadable_time", f"{empty} AND time_given"),
            ("implausible_time", f"{unknown} AND NOT {empty}"),
        ):
            counts[name] = f"{' AND '.join(used)} AND {condition}"
    counted = [f"count(CASE WHEN {when} THEN 1 END) AS {name}" for name, when in counts.items()]
    return (
        f"SELECT {', '.join(['count(*) AS read', *counted])} "
        f"FROM (SELECT {', '.join(values)} FROM {source}) AS raw"
    )


def rows_words(rows: SourceRows) -> str:
    """How many rows were read and why some were dropped, for people: `of 1,200 rows read, 400
    (33.3%) are dropped: 400 without a customer`."""
    if not rows.dropped:
        return f"of {rows.read:,} rows read, none is dropped"
    reasons = (
        (rows.without_customer, "a customer"),
        (rows.without_product, "a product"),
        (rows.without_rating, "a rating"),
    )
    told = ", ".join(f"{count:,} without {what}" for count, what in reasons if count)
    share = percent(rows.dropped / rows.read)
    verb = "is" if rows.dropped == 1 else "are"
    return f"of {rows.read:,} rows read, {rows.dropped:,} ({share}) {verb} dropped: {told}"


def times_words(rows: SourceRows) -> str:
    """Why the times of rows are not known: `3 have no time, 1 has a time that cannot be read`."""
    reasons = (
        (rows.missing_time, "no time"),
        (rows.unreadable_time, "a time that cannot be read"),
        (rows.implausible_time, "a time that cannot be right (a placeholder, or in the future)"),
    )
    return ", ".join(
        f"{count:,} {'has' if count == 1 else 'have'} {what}" for count, what in reasons if count
    )
