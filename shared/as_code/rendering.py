"""A document as YAML: the same bytes for the same document, on any machine."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

import yaml

from shared.as_code.documents import with_names
from shared.as_code.kinds import FileKind

_WIDTH = 100
_LONGEST_IN_LINE = 60  # of a list of plain values
# Numbers by YAML 1.2 that version 1.1, by which quotes are set, takes for text; and the other way
# round those that readers may take for numbers.
_LIKE_A_NUMBER = re.compile(
    r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0[xo][0-9a-fA-F]+"
)
# What version 1.1 of YAML takes for the end of a line, and would read as a space.
_ENDS_A_LINE = re.compile("[\r\x85\u2028\u2029]")
_NO_SLUG = re.compile(r"[^a-z0-9]+")
_LONGEST_SLUG = 80


def rendered(
    kind: FileKind,
    name: str,
    description: str,
    spec: dict[str, Any],
    names: dict[str, str],
    *,
    whole: bool = False,
) -> str:
    """A document of the API's as a file of one document.

    Args:
        names: of the documents that it names, by id.
        whole: with settings that have their defaults.
    """
    data: dict[str, Any] = {"kind": kind.key, "name": name}
    if description:
        data["description"] = description
    data["spec"] = with_names(kind, spec, names, compact=not whole)
    return as_yaml(data)


def as_yaml(data: Any) -> str:
    text: str = yaml.dump(
        data,
        Dumper=_Dumper,
        sort_keys=False,
        allow_unicode=True,
        default_flow_style=False,
        width=_WIDTH,
    )
    return text


def file_names(names: list[str]) -> dict[str, str]:
    """A file's name for each document's, which differ: in small ASCII letters, for any system."""
    made: dict[str, str] = {}
    for name in sorted(names):
        plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
        slug = _NO_SLUG.sub("-", plain).strip("-")[:_LONGEST_SLUG].strip("-") or "unnamed"
        number, found = 1, slug
        while found in made.values():
            number += 1
            found = f"{slug}-{number}"
        made[name] = found
    return {name: f"{slug}.yaml" for name, slug in made.items()}


class _Dumper(yaml.SafeDumper):
    def increase_indent(self, flow: bool = False, indentless: bool = False) -> Any:
        return super().increase_indent(flow, False)  # lists stand further in than their field


def _text(dumper: _Dumper, value: str) -> Any:
    if _ENDS_A_LINE.search(value):
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style='"')
    if "\n" in value:
        return dumper.represent_scalar("tag:yaml.org,2002:str", value, style="|")
    style = "'" if _LIKE_A_NUMBER.fullmatch(value) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


def _list(dumper: _Dumper, values: list[Any]) -> Any:
    plain = all(not isinstance(one, dict | list) for one in values)
    fits = plain and sum(len(str(one)) + 2 for one in values) <= _LONGEST_IN_LINE
    return dumper.represent_sequence("tag:yaml.org,2002:seq", values, flow_style=fits or None)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(list, _list)
_Dumper.ignore_aliases = lambda *_: True
