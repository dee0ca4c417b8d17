"""What is wrong with a document: the one shape for validation problems everywhere.

A problem is a value, not an exception, so that one look at a document reports everything that is
wrong with it. The HTTP API answers 422 with the same problems that a handler writes on a document.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, ValidationError

_LONGEST_ECHO = 200
_LONGEST_LOOKED_AT = 5_000
_CREDENTIALS = re.compile(r"(?<=://)[^\s'\"<>]*@")
_QUERY = re.compile(r"(://[^\s'\"<>?]*)\?[^\s'\"<>]*=[^\s'\"<>)]*")


class Problem(BaseModel):
    """One problem with one field.

    Attributes:
        path: where it is, from the document's root: `spec.buyer_model_features[0].column`.
        code: stable name of the rule that found it, in snake_case.
        message: what is wrong and what would be right, in one or two sentences.
        received: the offending value (shortened if long), as JSON.
        level: an error stops the document from being used, a warning does not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    path: str
    code: str
    message: str
    received: Any = None
    level: Literal["error", "warning"] = "error"


class Invalid(Exception):  # noqa: N818 - reads as a statement about the document
    """A document, or a request for one, that cannot be accepted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in self.problems))


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == "error"]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == "warning"]


def path_of(root: str, location: Iterable[str | int]) -> str:
    """`("features", 0, "column")` under `spec` → `spec.features[0].column`."""
    path = root
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return _printable(path)


def _printable(text: str) -> str:
    """A lone surrogate, which JSON can escape, is no text that could be stored or sent."""
    return text.encode("utf-8", "replace").decode()


def without_secrets(text: str) -> str:
    """The same without what addresses in it carry to be let in: `https://user:password@host/x?key=1`
    → `https://…@host/x?…`."""
    return _QUERY.sub(r"\1?…", _CREDENTIALS.sub("…@", text))


def shorten(value: Any) -> Any:
    """A received value, small enough to be repeated in an error, and fit to be."""
    if isinstance(value, (int, float, bool)) or value is None:
        return value
    try:
        text = _printable(value if isinstance(value, str) else repr(value))
    except RecursionError:
        return "a value that is nested too deeply to be shown"
    text = without_secrets(text[:_LONGEST_LOOKED_AT])
    return text if len(text) <= _LONGEST_ECHO else text[:_LONGEST_ECHO] + "…"


def from_pydantic(error: ValidationError, root: str, tags: frozenset[str]) -> list[Problem]:
    """Pydantic's findings as problems.

    Args:
        root: path of the validated value within the document, e.g. `spec`.
        tags: tags of discriminated unions, which Pydantic reports as path parts although they
            are no field of the document.
    """
    problems = []
    for finding in error.errors(include_url=False):
        location = [part for part in finding["loc"] if part not in tags]
        problems.append(
            Problem(
                path=path_of(root, location),
                code=finding["type"],
                message=_sentence(finding["msg"]),
                received=None if finding["type"] == "missing" else shorten(finding["input"]),
            )
        )
    return problems


def _sentence(message: str) -> str:
    message = message.removeprefix("Value error, ").strip()
    message = message[:1].upper() + message[1:]
    return message if message.endswith((".", "!", "?")) else message + "."
