"""Ports that hold a deployed function to the rights that Terraform gives its account.

Every step that a unit test runs, and every request to the API, goes through them: a call for which
the account lacks the right is an AssertionError, as it would be a 403 on Google Cloud.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from shared.ports import Ports

_TERRAFORM = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "infra" / "terraform").glob("*.tf"))
)
_DATA = frozenset({"inspect", "look", "first_rows", "profile", "source_fingerprint", "bytes_read"})
# Free of rights: what asks nobody.
_FREE = frozenset({"artifacts.uri", "pipelines.forget"})


def granted(function: str, ports: Ports) -> Ports:
    """The same ports, for a function by its deployed name."""
    return replace(
        ports,
        artifacts=_Granted(function, "artifacts", ports.artifacts),
        pipelines=_Granted(function, "pipelines", ports.pipelines),
        data=_Granted(function, "data", ports.data),
    )


@cache
def rights() -> dict[str, frozenset[str]]:
    """By function, the calls of ports that its roles allow."""
    readers, creators = (_bucket(name) for name in ("readers", "creators"))
    (jobs,) = re.findall(r'"google_project_iam_member" "jobs" \{(.*?)\n  \}', _TERRAFORM, re.S)
    roles = dict(re.findall(r"([a-z-]+) += google_project_iam_custom_role\.(\w+)\.", jobs))
    (data,) = re.findall(r"data_readers = \[(.*?)\]", _TERRAFORM, re.S)
    found: dict[str, set[str]] = {}

    def give(functions: set[str], *calls: str) -> None:
        for function in functions:
            found.setdefault(function, set()).update(calls)

    give(readers, *(f"artifacts.{name}" for name in ("read", "exists", "pieces", "contents")))
    give(creators, "artifacts.create")
    give(_bucket("pointers"), "artifacts.replace")
    (writers,) = re.findall(r"writers = \{\n(.*?)\n  \}", _TERRAFORM, re.S)
    give(set(re.findall(r"^    ([a-z-]+) += ", writers, re.M)), "artifacts.remove")
    # Vertex AI tells of a job whose files have to be read.
    give(readers & set(roles), "pipelines.get", "pipelines.cancel")
    give({name for name, role in roles.items() if role == "launcher"}, "pipelines.launch")
    give(_names(data), *(f"data.{name}" for name in _DATA))
    return {function: frozenset(calls) for function, calls in found.items()}


class _Granted:
    """A port whose calls are checked."""

    def __init__(self, function: str, port: str, inner: Any) -> None:
        self._function, self._port, self._inner = function, port, inner

    def __getattr__(self, name: str) -> Any:
        call = f"{self._port}.{name}"
        found = getattr(self._inner, name)
        if callable(found) and call not in _FREE:
            allowed = rights().get(self._function, frozenset())
            assert call in allowed, f"{self._function} has no right to {call}"
        return found


def _bucket(resource: str) -> set[str]:
    pattern = rf'"google_storage_bucket_iam_member" "{resource}" \{{\n  for_each = toset\(\[(.*?)\]'
    (listed,) = re.findall(pattern, _TERRAFORM, re.S)
    return _names(listed)


def _names(text: str) -> set[str]:
    return set(re.findall(r'"([a-z-]+)"', text))
