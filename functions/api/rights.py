"""Who may call which endpoint: each says so where it is declared, and none is served without."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from fastapi.routing import APIRoute
from starlette.routing import BaseRoute, Match
from starlette.types import Scope

from functions.api.asgi import one_form
from functions.settings import Role

Endpoint = TypeVar("Endpoint", bound=Callable[..., Any])

_RANKS: dict[Role | None, int] = {None: 0, "viewer": 1, "editor": 2, "admin": 3}
_READS = frozenset({"GET", "HEAD"})
_DECLARED = "needed_role"


class UndeclaredRightError(Exception):
    """An endpoint does not say who may call it."""


def needs(role: Role) -> Callable[[Endpoint], Endpoint]:
    """Declares the least role that may call an endpoint; stands below its route.

    Viewers look and ask, editors write, run and cancel, admins delete too.
    """

    def declare(endpoint: Endpoint) -> Endpoint:
        setattr(endpoint, _DECLARED, role)
        return endpoint

    return declare


def declared_role(route: APIRoute) -> Role:
    """Raises UndeclaredRightError."""
    role: Role | None = getattr(route.endpoint, _DECLARED, None)
    if role is None:
        methods = ", ".join(sorted(route.methods or ()))
        raise UndeclaredRightError(
            f"{methods} {route.path} does not say who may call it: put @needs(...) above"
            f" {route.endpoint.__name__}."
        )
    return role


def needed_role(routes: Iterable[BaseRoute], method: str, path: str) -> Role:
    """The least role that a request takes: its endpoint's. What no endpoint answers is refused by
    its method, so that nobody learns more of what there is by trying."""
    scope: Scope = {"type": "http", "method": method, "path": one_form(path), "root_path": ""}
    for route in routes:
        if isinstance(route, APIRoute) and route.matches(scope)[0] is Match.FULL:
            return declared_role(route)
    if method in _READS:
        return "viewer"
    deletes = method == "DELETE" or path.rstrip("/").endswith("/delete")
    return "admin" if deletes else "editor"


def may(role: Role | None, wanted: Role) -> bool:
    """Whether somebody of this role may do what needs another; None is nobody's."""
    return _RANKS[role] >= _RANKS[wanted]
