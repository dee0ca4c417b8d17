"""What may be said of a dataset's tables, rows and kinds of events: options of `recsmith
dataset`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any

import typer

from local.cli import reading
from local.cli.client import Api, UserError
from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID

_PANEL = "Further tables, and which rows count"


def _option(*names: str, **about: Any) -> Any:
    return typer.Option(*names, rich_help_panel=_PANEL, **about)


Products = Annotated[
    str | None, _option(help="A table of products: a file, folder or pattern; none takes it away.")
]
ProductsKey = Annotated[str | None, _option(help="Its column of ids; guessed by its name.")]
ProductsLatest = Annotated[
    str | None, _option(help="Its column of times: of rows with one id, the latest counts.")
]
Available = Annotated[
    str | None,
    _option(help="Which products may be recommended: a column of true and false, or a condition."),
]
Customers = Annotated[str | None, _option(help="A table of customers; none takes it away.")]
CustomersKey = Annotated[str | None, _option(help="Its column of ids; guessed by its name.")]
CustomersLatest = Annotated[str | None, _option(help="Its column of times, as of products.")]
Where = Annotated[
    list[str] | None,
    _option(
        help="A condition on rows, such as 'channel in web,app', 'price > 0' or 'coupon missing'; "
        "may be repeated; none takes all away."
    ),
]
From = Annotated[str | None, _option("--from", help="The first day or moment; none: any.")]
Until = Annotated[str | None, _option("--until", help="The first day or moment after; none: any.")]
EventTypes = Annotated[
    str | None,
    _option(
        help="What rows of each kind are, as COLUMN:KIND=PART,… where PART is target, history "
        "(a view, which histories alone read), negative (a return takes its purchase back) or "
        "left_out. PART:WEIGHT says what one counts in histories. none: every row is a purchase."
    ),
]

_NONE = "none"
_ROLES = {"products": PRODUCT_ID, "customers": CUSTOMER_ID}
_COMPARED = re.compile(r"(?P<column>.+?)\s*(?P<op>==|!=|<=|>=|=|<|>)\s*(?P<value>.*)")
_LISTED = re.compile(r"(?P<column>.+?)\s+(?P<op>not in|in)\s+(?P<value>.+)")
_ALONE = re.compile(r"(?P<column>.+?)\s+(?:is\s+)?(?P<op>missing|present)")


@dataclass(frozen=True)
class Joining:
    """What was said on the command line; None is nothing."""

    products: str | None = None
    products_key: str | None = None
    products_latest: str | None = None
    available: str | None = None
    customers: str | None = None
    customers_key: str | None = None
    customers_latest: str | None = None
    where: list[str] | None = None
    since: str | None = None
    until: str | None = None
    event_types: str | None = None

    def tables(self, api: Api, known: dict[str, Any], roles: dict[str, str]) -> dict[str, Any]:
        """The tables of a spec, as they are in JSON.

        Args:
            known: those that a dataset has; what was said takes their place.
            roles: of the events' columns, to tell what a table is joined by.

        Raises:
            UserError: something is not written as it should be.
        """
        tables = dict(known)
        for name, path, key, latest in (
            ("products", self.products, self.products_key, self.products_latest),
            ("customers", self.customers, self.customers_key, self.customers_latest),
        ):
            self._side(api, tables, name, path, (key, latest), roles)
        if self.available is not None:
            if "products" not in tables:
                raise UserError("--available speaks of a table of products: give --products too.")
            said = None if self.available == _NONE else condition(self.available)
            tables["products"] = {**tables["products"], "available": said}
        if self.where is not None:
            tables["where"] = [] if self.where == [_NONE] else [condition(w) for w in self.where]
        dates = dict(tables.get("dates") or {})
        for field, given in (("since", self.since), ("until", self.until)):
            if given is not None:
                dates[field] = None if given == _NONE else given
        tables["dates"] = dates if any(dates.values()) else None
        if self.event_types is not None:
            none = self.event_types == _NONE
            tables["events"] = None if none else _events(self.event_types)
        return {
            name: value
            for name, value in tables.items()
            if value not in (None, []) or (name == "events" and self.event_types is not None)
        }

    def _side(
        self,
        api: Api,
        tables: dict[str, Any],
        name: str,
        path: str | None,
        said: tuple[str | None, str | None],
        roles: dict[str, str],
    ) -> None:
        key, latest = said
        if path == _NONE:
            tables.pop(name, None)
            return
        if path is not None:
            source = reading.source_of(path, reading.Said())
            tables[name] = {"source": source, "key": key or _key(api, name, source, roles)}
        elif (key or latest) and name not in tables:
            raise UserError(f"--{name}-key and --{name}-latest speak of a table: give --{name}.")
        elif key:
            tables[name] = {**tables[name], "key": key}
        if latest:
            tables[name] = {**tables[name], "latest_by": latest}


def _key(api: Api, name: str, source: dict[str, Any], roles: dict[str, str]) -> str:
    """The column that a table is joined by: called as the events' own, or like an id of its kind,
    or just id."""
    role = _ROLES[name]
    found = api.post("/api/datasets/inspect/", {"source": source, "events": None})
    columns = [column["name"] for column in found["columns"]]
    own = next((column for column, meant in roles.items() if meant == role), None)
    if own in columns:
        return str(own)
    guessed = [column for column, meant in found["column_mapping"].items() if meant == role]
    guessed += [column for column in columns if column.lower() in ("id", "key", "number")]
    if not guessed:
        listed = ", ".join(columns)
        raise UserError(
            f"Which column of the table of {name} has their ids? Say it with --{name}-key; its "
            f"columns are {listed}."
        )
    return str(guessed[0])


def condition(text: str) -> dict[str, Any]:
    """A condition as it is in JSON. Raises UserError.

    >>> condition("price >= 1.5")
    {'column': 'price', 'op': '>=', 'value': 1.5}
    >>> condition("channel not in web, app")
    {'column': 'channel', 'op': 'not in', 'values': ['web', 'app']}
    >>> condition("in_stock")
    {'column': 'in_stock', 'op': '==', 'value': True}
    """
    text = text.strip()
    if found := _ALONE.fullmatch(text):
        return {"column": found["column"], "op": found["op"]}
    if found := _LISTED.fullmatch(text):
        values = [_value(part) for part in found["value"].split(",")]
        return {"column": found["column"], "op": found["op"], "values": values}
    if found := _COMPARED.fullmatch(text):
        op = "==" if found["op"] == "=" else found["op"]
        return {"column": found["column"], "op": op, "value": _value(found["value"])}
    if not text:
        raise UserError("A condition is written like 'price > 0' or 'channel in web,app'.")
    return {"column": text, "op": "==", "value": True}


def _value(text: str) -> Any:
    """A number, true or false, or a text, which may stand in quotation marks. A number that is
    written in another way than numbers are, such as 007, is a text."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    if text.lower() in ("true", "false"):
        return text.lower() == "true"
    if re.fullmatch(r"-?(0|[1-9][0-9]{0,17})", text):
        return int(text)
    return float(text) if re.fullmatch(r"-?[0-9]{1,17}\.[0-9]{1,17}", text) else text


def _events(text: str) -> dict[str, Any]:
    column, colon, listed = text.partition(":")
    kinds, weights = dict[str, str](), dict[str, float]()
    for part in listed.split(",") if colon else []:
        kind, equals, meant = part.rpartition("=")
        if not equals:
            raise UserError(f"A kind of events is given as KIND=PART. Received: {part.strip()!r}.")
        meant, weighed, weight = meant.partition(":")
        kinds[kind.strip()] = meant.strip().replace("-", "_")
        if weighed:
            weights[kind.strip()] = _weight(kind.strip(), weight)
    if not column or not kinds:
        raise UserError(
            "Kinds of events are given as COLUMN:KIND=PART,… such as "
            "event_type:purchase=target,view=history:0.2,return=negative. "
            f"Received: {text!r}."
        )
    events: dict[str, Any] = {"column": column.strip(), "kinds": kinds}
    return {**events, "weights": weights} if weights else events


def _weight(kind: str, text: str) -> float:
    if not re.fullmatch(r"\s*[0-9]*\.?[0-9]+\s*", text) or float(text) == 0:
        raise UserError(
            f"The weight of {kind!r} is a number above 0, such as {kind}=history:0.2. "
            f"Received: {text.strip()!r}."
        )
    return float(text)
