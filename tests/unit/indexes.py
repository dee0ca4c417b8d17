"""What Firestore refuses and its emulator forgives: a query without an index, and a document with
too many entries in indexes. Held to what `infra/terraform/firestore.tf` makes.

Sources:
- https://firebase.google.com/docs/firestore/query-data/index-overview: automatic indexes and
  exemptions, "Queries supported by composite indexes", "Sort order" of `__name__`, and "Taking
  advantage of index merging". A composite index serves an order in its own directions only; the
  direction of a field that is compared by equality does not matter.
- https://firebase.google.com/docs/firestore/query-data/queries#limits_on_or_queries
- https://firebase.google.com/docs/firestore/query-data/aggregation-queries: a count wants the index
  of the query that it counts.
- https://firebase.google.com/docs/firestore/quotas#indexes: 40,000 entries a document.
- https://github.com/firebase/flutterfire/issues/4398: `__name__`, descending and alone, wants an
  index, which nobody makes for us.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from google.auth.credentials import AnonymousCredentials
from google.cloud import firestore
from google.cloud.firestore_v1.types import RunAggregationQueryResponse

from shared.gcp.firestore_query import Wanted, select, without
from shared.ports import Filter

_TERRAFORM = (Path(__file__).parents[2] / "infra" / "terraform" / "firestore.tf").read_text(
    encoding="utf-8"
)
_NAME = "__name__"
_EQUALITIES = frozenset({"EQUAL", "IN", "IS_NULL", "IS_NAN"})
_MOST_ALTERNATIVES = 30
MOST_ENTRIES = 40_000

Order = tuple[str, str]


@dataclass(frozen=True)
class Index:
    """A composite index of a collection: fields and directions."""

    collection: str
    fields: tuple[Order, ...]


def _composite() -> frozenset[Index]:
    listed = re.findall(r'\["(\w+)", "([\w.]+)", "([\w.]+)"\]', _TERRAFORM)
    resource = re.search(r'"google_firestore_index" "queries" \{.*?\n\}', _TERRAFORM, re.DOTALL)
    assert resource is not None
    first, second = re.findall(
        r'field_path = each\.value\.(filter|order)\s+order\s+= "(\w+)"', resource[0]
    )
    assert (first[0], second[0]) == ("filter", "order")
    return frozenset(
        Index(collection, ((field, first[1]), (order, second[1])))
        for collection, field, order in listed
    )


INDEXES = _composite()
# Collection and field of the exemptions from the automatic indexes.
UNINDEXED = frozenset(re.findall(r'\["(\w+)", "([\w.]+)"\]', _TERRAFORM))


def unindexed(collection: str, field: str) -> bool:
    """Whether a field, or a map that holds it, is exempt from the automatic indexes."""
    return any(
        collection == one and (field == hidden or field.startswith(f"{hidden}."))
        for one, hidden in UNINDEXED
    )


@dataclass(frozen=True)
class Sent:
    """A query as it was sent.

    Attributes:
        collection: its id, without parents.
        filters: field, operator and how many values it names.
        orders: as written; Firestore adds more.
    """

    collection: str
    group: bool
    filters: tuple[tuple[str, str, int], ...]
    orders: tuple[Order, ...]
    counts: bool = False


def read(query: Any, *, counts: bool = False) -> Sent:
    """What a `StructuredQuery` asks for."""
    (origin,) = query.from_
    return Sent(
        origin.collection_id,
        origin.all_descendants,
        tuple(_filters(query.where)),
        tuple((one.field.field_path, one.direction.name) for one in query.order_by),
        counts,
    )


def _filters(where: Any) -> Iterator[tuple[str, str, int]]:
    if "composite_filter" in where:
        assert where.composite_filter.op.name == "AND", "the rules of `or` are not written here"
        for one in where.composite_filter.filters:
            yield from _filters(one)
    elif "unary_filter" in where:
        yield where.unary_filter.field.field_path, where.unary_filter.op.name, 1
    elif "field_filter" in where:
        condition = where.field_filter
        many = condition.op.name in ("IN", "NOT_IN", "ARRAY_CONTAINS_ANY")
        values = len(condition.value.array_value.values) if many else 1
        yield condition.field.field_path, condition.op.name, values


def _planned(sent: Sent) -> tuple[Set[str], list[Order]]:
    """The fields compared by equality, and the order with what Firestore adds to it."""
    equal = {field for field, op, _ in sent.filters if op in _EQUALITIES}
    unlike = {field for field, op, _ in sent.filters if op not in _EQUALITIES}
    orders = list(sent.orders)
    ordered = {field for field, _ in orders}
    last = orders[-1][1] if orders else "ASCENDING"
    orders += [(field, last) for field in sorted(unlike - ordered)]
    if _NAME not in ordered:
        orders.append((_NAME, last))
    return equal, orders


def used(sent: Sent) -> set[Index]:
    """The composite indexes that serve a query."""
    equal, (*by, _) = _planned(sent)
    return set(_serving(sent.collection, equal, by)) if by and equal else set()


def refusal(sent: Sent) -> str | None:
    """Why Firestore would refuse a query, or None."""
    if any(values == 0 for _, _, values in sent.filters):
        return "`in` names no value"
    alternatives = math.prod(values for _, op, values in sent.filters if op != "NOT_IN")
    if alternatives > _MOST_ALTERNATIVES:
        return f"{alternatives} combinations of `in`; there are at most {_MOST_ALTERNATIVES}"
    if sent.group:
        return "no index of a collection group is made"
    if any(op.startswith("ARRAY") for _, op, _ in sent.filters):
        # Automatic indexes serve what an array has, joined with equalities, in no order of a field.
        several = sum(op == "ARRAY_CONTAINS" for _, op, _ in sent.filters) > 1
        if (
            sent.orders
            or several
            or any(op != "ARRAY_CONTAINS" and op not in _EQUALITIES for _, op, _ in sent.filters)
        ):
            return "the rules of arrays are not written here"
        exempt = [field for field, _, _ in sent.filters if unindexed(sent.collection, field)]
        return f"{sent.collection}: {exempt[0]} has no index" if exempt else None
    equal, (*by, (name, direction)) = _planned(sent)
    if name != _NAME:
        return f"nothing is ordered behind {_NAME}"
    if by and by[-1][1] != direction:
        return f"no index has {_NAME} in another direction than its last field"
    if not by and not equal and direction == "DESCENDING":
        return f"no index has {_NAME} alone, descending"
    if not by or (len(by) == 1 and equal <= {by[0][0]}):
        alone = sorted(equal | {field for field, _ in by})
        exempt = [field for field in alone if unindexed(sent.collection, field)]
        return f"{sent.collection}: {exempt[0]} has no index" if exempt else None
    covered = {field for index in _serving(sent.collection, equal, by) for field, _ in index.fields}
    if missing := sorted(equal - covered):
        order = ", ".join(f"{field} {direction}" for field, direction in by)
        return f"{sent.collection} lacks the index {missing[0]}, {order}"
    return None if equal else f"{sent.collection} lacks an index {by}"


def _serving(collection: str, equal: Set[str], by: Sequence[Order]) -> Iterator[Index]:
    """The composite indexes of an order, and of nothing else but fields compared by equality.
    Firestore joins them."""
    for index in INDEXES:
        before, behind = index.fields[: -len(by)], index.fields[-len(by) :]
        usable = {field for field, _ in before} <= equal
        if index.collection == collection and behind == tuple(by) and usable:
            yield index


def entries(collection: str, data: Mapping[str, Any], path: str = "") -> int:
    """How many entries of indexes a document, or a part of it, takes at most."""
    total = 0
    for name, value in data.items():
        field = f"{path}.{name}" if path else name
        if unindexed(collection, field):
            continue
        if isinstance(value, Mapping):
            total += entries(collection, value, field)
        elif isinstance(value, list):
            total += len(value)
        total += 2  # ascending and descending
    return total if path else total + sum(one.collection == collection for one in INDEXES)


class _Recorder:
    """Firestore as its client sees it: keeps the queries, and finds nothing but the document to go
    on after."""

    def __init__(self) -> None:
        self.sent: list[Sent] = []

    def run_query(self, request: Any, **_: Any) -> Iterator[Any]:
        self.sent.append(read(request["structured_query"]))
        return iter(())

    def run_aggregation_query(self, request: Any, **_: Any) -> Iterator[Any]:
        asked = request["structured_aggregation_query"].structured_query
        self.sent.append(read(asked, counts=True))
        counts = {"field_1": {"integer_value": len(self.sent)}}  # no two alike
        return iter([RunAggregationQueryResponse({"result": {"aggregate_fields": counts}})])

    def taken(self) -> tuple[Sent, ...]:
        sent, self.sent = tuple(self.sent), []
        return sent


@cache
def _collection(path: str) -> tuple[_Recorder, Any]:
    client = firestore.Client("recsmith", AnonymousCredentials())
    client._firestore_api_internal = recorder = _Recorder()
    return recorder, client.collection(path)


def sent_for(
    collection: str, where: Sequence[Filter], order_by: str | None, *, descending: bool
) -> tuple[Sent, ...]:
    """What the adapter sends for a query of the port."""
    shape = tuple(
        (one.field, one.op, len(one.value) if one.op == "in" else one.value is None)
        for one in where
    )
    return _sent_for(str(collection), shape, order_by, descending)


@cache
def _sent_for(
    collection: str, shape: tuple[Any, ...], order_by: str | None, descending: bool
) -> tuple[Sent, ...]:
    where = [
        Filter(
            field,
            op,
            list(range(said)) if op == "in" else None if said else "1" if op == "has" else 1,
        )
        for field, op, said in shape
    ]
    recorder, asked = _collection(collection)
    # A document to go on after changes how the order is written, not which index it wants.
    select(asked, Wanted(where, order_by, descending, 10, None, None))
    return recorder.taken()


@cache
def _sent_for_lacking(collection: str, field: str) -> tuple[Sent, ...]:
    recorder, asked = _collection(collection)
    without(asked, field)
    return recorder.taken()


def check_query(
    collection: str, where: Sequence[Filter], order_by: str | None, *, descending: bool
) -> None:
    """Raises AssertionError where Firestore would refuse what the adapter sends for a query."""
    _check(sent_for(collection, where, order_by, descending=descending))


def check_without(collection: str, field: str) -> None:
    """As `check_query`, of `DocumentStore.without`."""
    _check(_sent_for_lacking(str(collection), field))


def _check(queries: Sequence[Sent]) -> None:
    for query in queries:
        why = refusal(query)
        assert why is None, f"Firestore would refuse it: {why}"
