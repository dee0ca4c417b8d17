"""What is wrong with a document: the one shape for validation problems everywhere.

A problem is a value, not an exception, so that one look at a document reports everything that is
wrong with it. The HTTP API answers 422 with the same problems that a handler writes on a document.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, ValidationError

from shared.wording import capital, field, sentence

_FORBIDDEN = "extra_forbidden"
_UNKNOWN = (
    "There is no such field in this version of Recsmith. Check its spelling, or leave it out."
)
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
    received: Annotated[Any, AfterValidator(lambda value: _sendable(value))] = None
    level: Literal["error", "warning"] = "error"


class InvalidError(Exception):
    """A document, or a request for one, that cannot be accepted."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(listed(self.problems))


def _moved(problem: Problem, before: str, after: str) -> Problem:
    """The same of another field: what follows `before` in its path follows `after`."""
    path = problem.path
    if path != before and not path.startswith((f"{before}.", f"{before}[")):
        return problem
    return problem.model_copy(update={"path": after + path[len(before) :]})


@contextmanager
def of_side(name: str) -> Iterator[None]:
    """Problems with a source are problems with that of a further table of the dataset."""
    try:
        yield
    except InvalidError as error:
        raise InvalidError(
            _moved(problem, "spec.source", f"spec.{name}.source") for problem in error.problems
        ) from error


def errors(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == "error"]


def warnings(problems: Iterable[Problem]) -> list[Problem]:
    return [problem for problem in problems if problem.level == "warning"]


def listed(problems: Iterable[Problem]) -> str:
    """Problems in sentences, each with what its field is called, and without its path."""
    found = list(problems)
    told = (
        f"{capital(field(p.path))}: {sentence(p.message)}" if p.path else p.message for p in found
    )
    return " ".join(told)


def said(finding: str) -> str:
    """Pydantic's words as a sentence."""
    return sentence(finding.removeprefix("Value error, "))


def path_of(root: str, location: Iterable[str | int]) -> str:
    """`("features", 0, "column")` under `spec` → `spec.features[0].column`."""
    path = root
    for part in location:
        path += f"[{part}]" if isinstance(part, int) else f".{part}" if path else str(part)
    return _printable(path)


def _printable(text: str) -> str:
    """A lone surrogate, which JSON can escape, is not text that could be stored or sent."""
    return text.encode("utf-8", "replace").decode()


def _sendable(value: Any, depth: int = 10) -> Any:
    """A value as JSON has it: no lone surrogate, no NaN, and nothing deeper than can be read."""
    if isinstance(value, str):
        return _printable(value)
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, dict) and depth:
        return {_printable(str(key)): _sendable(item, depth - 1) for key, item in value.items()}
    if isinstance(value, list) and depth:
        return [_sendable(item, depth - 1) for item in value]
    return shorten(value)


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
                message=_UNKNOWN if finding["type"] == _FORBIDDEN else said(finding["msg"]),
                received=None if finding["type"] == "missing" else shorten(finding["input"]),
            )
        )
    return problems
