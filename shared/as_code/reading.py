"""Files as documents: YAML or JSON, with the line and column of every field.

YAML is read by its core schema (1.2), so that `no`, `on`, `12:30` and `2024-01-01` are text.
Refused is what makes a file mean other than it says: anchors and aliases, tags, merge keys, keys
that come twice, tabs.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from shared.as_code.walking import MOST_BYTES
from shared.documents.base import MAX_DEPTH
from shared.problems import path_of, shorten
from shared.wording import sentence

_MOST_DIGITS = 400
_NULL = re.compile(r"~|null|Null|NULL|")
_TRUE, _FALSE = re.compile(r"true|True|TRUE"), re.compile(r"false|False|FALSE")
_INTEGER = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_PADDED = re.compile(r"[-+]?0[0-9]+|0[xo][0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")


@dataclass(frozen=True, order=True)
class Place:
    """Where something stands; lines and columns count from 1."""

    file: str
    line: int = 1
    column: int = 1

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(frozen=True, order=True)
class Finding:
    """What is wrong with a file, and where. `path` is the field within its document."""

    place: Place
    message: str
    path: str = ""
    received: Any = field(default=None, compare=False)
    level: str = "error"


class FilesError(Exception):
    """Files that cannot be used.

    Args:
        done: what has been done already, in words; None: nothing.
    """

    def __init__(self, findings: list[Finding], done: str | None = None) -> None:
        self.findings = sorted(findings)
        self.done = done
        super().__init__("\n".join(f"{one.place}: {one.message}" for one in self.findings))


def refuse(findings: Sequence[Finding]) -> None:
    """Raises FilesError where there are errors among them."""
    if faults := [one for one in findings if one.level == "error"]:
        raise FilesError(faults)


@dataclass(frozen=True)
class Text:
    """A document of a file, as it is written.

    Attributes:
        places: of each field, by its path: `spec.buyer_model_features[0].column`.
    """

    data: Any
    places: dict[str, Place]

    def place(self, path: str) -> Place:
        """Of a field, or of what it would stand in."""
        while path not in self.places:
            shorter = re.sub(r"(\.[^.\[\]]*|\[\d+\])$", "", path)
            path = shorter if shorter != path else ""
        return self.places[path]


def read(content: bytes, file: str) -> list[Text]:
    """The documents of a file; documents of YAML are parted by `---`. An empty one is none.

    Raises FilesError.
    """
    if len(content) > MOST_BYTES:
        bound = f"{MOST_BYTES // 1024:,} KiB"
        said = f"The file has {len(content):,} bytes; one may have {bound}. Divide it."
        raise FilesError([Finding(Place(file), said)])
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        said = "The file is not UTF-8 text. Save it as UTF-8."
        raise FilesError([Finding(Place(file, line), said)]) from None
    findings: list[Finding] = []
    try:
        nodes = list(yaml.compose_all(text, Loader=_Loader))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        column = error.position - (text.rfind("\n", 0, error.position) + 1) + 1
        said = f"The character {error.character!r} cannot stand in YAML. Leave it out."
        raise FilesError([Finding(Place(file, line, column), said)]) from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        assert mark is not None
        place = Place(file, mark.line + 1, mark.column + 1)
        raise FilesError([Finding(place, _said(error))]) from None
    found = []
    for node in nodes:
        if node is None or (isinstance(node, ScalarNode) and not node.value and not node.style):
            continue
        places: dict[str, Place] = {}
        data = _value(node, "", file, places, findings)
        found.append(Text(data, places))
    if findings:
        raise FilesError(findings)
    return found


class _Loader(yaml.SafeLoader):
    """Refuses what stands for something else than what is written, and what lies too deep."""

    _depth = 0

    def compose_node(self, parent: Node | None, index: Any) -> Node:
        event = self.peek_event()
        refused = None
        if getattr(event, "anchor", None) is not None:
            refused = (
                "Anchors and aliases (& and *) are not taken. Write the value where it is meant."
            )
        elif getattr(event, "tag", None) not in (None, "!"):
            refused = "Tags (!) are not taken. Write the value alone."
        elif self._depth > MAX_DEPTH:
            refused = f"Lists and mappings lie in each other at most {MAX_DEPTH} deep."
        if refused is not None:
            raise yaml.composer.ComposerError(None, None, refused, event.start_mark)
        self._depth += 1
        try:
            node: Node = super().compose_node(parent, index)
        finally:
            self._depth -= 1
        return node


def _said(error: yaml.MarkedYAMLError) -> str:
    problem = str(error.problem or error.context or "it cannot be read")
    if "'\\t'" in problem:
        return "Tabs are not taken: indent with spaces."
    if isinstance(error, yaml.composer.ComposerError):
        return problem
    context = f"{error.context}: " if error.context and error.problem else ""
    return sentence(f"This is not YAML: {context}{problem}")


def _value(
    node: Node, path: str, file: str, places: dict[str, Place], findings: list[Finding]
) -> Any:
    """What a node means; its fields' places, and what is wrong with them, are added."""
    place = Place(file, node.start_mark.line + 1, node.start_mark.column + 1)
    places.setdefault(path, place)
    if isinstance(node, ScalarNode):
        return _scalar(node, place, path, findings)
    if isinstance(node, SequenceNode):
        return [
            _value(item, path_of(path, [number]), file, places, findings)
            for number, item in enumerate(node.value)
        ]
    assert isinstance(node, MappingNode)
    made: dict[str, Any] = {}
    for key, item in node.value:
        at = Place(file, key.start_mark.line + 1, key.start_mark.column + 1)
        if not isinstance(key, ScalarNode):
            findings.append(Finding(at, "A field's name is text.", path))
            continue
        name = _text(key.value)
        below = path_of(path, [name])
        if name in made:
            first = places[below].line
            said = f"{name!r} stands here a second time; first in line {first}. Leave one."
            findings.append(Finding(at, said, below))
            continue
        if name == "<<" and key.style is None:
            findings.append(Finding(at, "Merge keys (<<) are not taken. Write the fields.", path))
            continue
        places[below] = at
        made[name] = _value(item, below, file, places, findings)
    return made


def _scalar(node: ScalarNode, place: Place, path: str, findings: list[Finding]) -> Any:
    text = _text(node.value)
    if node.style is not None:  # quoted, or a block
        return text
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    told = None
    if _PADDED.fullmatch(text):
        told = f"Write {text!r} in quotes if it is text, else as a plain number."
    elif _NOT_FINITE.fullmatch(text):
        told = "A number is finite."
    elif _INTEGER.fullmatch(text) or _FLOAT.fullmatch(text):
        if len(text) <= _MOST_DIGITS:
            return int(text) if _INTEGER.fullmatch(text) else float(text)
        told = f"A number has at most {_MOST_DIGITS} digits."
    if told is not None:
        findings.append(Finding(place, told, path, shorten(text)))
    return text


def _text(value: str) -> str:
    """With pairs of surrogates, which JSON escapes characters by, as the characters."""
    return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
