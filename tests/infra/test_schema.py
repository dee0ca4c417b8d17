"""The Terraform configuration against the provider's schema.

`terraform validate` would need the provider itself, which is not to be had without a registry. This
holds the configuration to the same: every argument and block is one that the provider knows, in its
form and place, all that is required is there, and whatever is referred to is declared.
"""

from __future__ import annotations

import re
import subprocess
from typing import Any

import pytest

from tests.infra import provider_schema
from tests.infra.configuration import (
    ALL_TEXT,
    FILES,
    FOLDER,
    Block,
    blocks,
    names,
    needs_terraform,
    parsed,
    text,
)

_META = frozenset({"count", "depends_on", "for_each", "lifecycle", "provider"})
RESOURCES = list(blocks("resource"))
DATA = list(blocks("data"))
_REFERENCE = re.compile(
    r"(?<![\w.\"/])(?P<data>data\.)?(?P<kind>google_\w+)\.(?P<name>\w+)"
    r"(?:\[(?:[^\[\]]|\[[^\]]*\])*\])?(?:\.(?P<attribute>\w+))?"
)


@needs_terraform
def test_the_files_are_formatted() -> None:
    ended = subprocess.run(
        ["terraform", "fmt", "-check", "-diff", str(FOLDER)], capture_output=True, text=True
    )
    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize("block", RESOURCES, ids=lambda block: block.address)
def test_a_resource_is_what_the_provider_takes(block: Block) -> None:
    problems = list(_problems(provider_schema.resource(block.kind), block.body, block))
    assert not problems


@pytest.mark.parametrize("block", DATA, ids=lambda block: block.address)
def test_a_data_source_is_what_the_provider_takes(block: Block) -> None:
    problems = list(_problems(provider_schema.data_source(block.kind), block.body, block))
    assert not problems


def test_the_provider_is_what_it_takes() -> None:
    (versions,) = [file for file in FILES if file.name == "versions.tf"]
    ((body,),) = [part.values() for part in parsed(versions)["provider"]]
    block = Block(versions, "provider", "google", body)
    assert not list(_problems(provider_schema.provider(), body, block))


def _problems(
    schema: provider_schema.Schema, body: dict[str, Any], block: Block, path: str = ""
) -> Any:
    """What is wrong with a body, as sentences."""
    given = {name: value for name, value in body.items() if not name.startswith("__")}
    dynamic = given.pop("dynamic", [])
    if not path:
        given = {name: value for name, value in given.items() if name not in _META}
    for part in dynamic:
        for name, made in part.items():
            content = made["content"] if isinstance(made["content"], list) else [made["content"]]
            given[name] = [*given.get(name, []), *content]
            if "for_each" not in made:
                yield f"{path}{name}: a dynamic block without for_each"
    for name, argument in schema.arguments.items():
        if argument.required and name not in given:
            yield f"{path}{name}: is required"
    for name, values in given.items():
        argument = schema.arguments.get(name)
        if argument is None:
            yield f"{path}{name}: no such argument"
            continue
        as_block = re.search(rf'^\s*(dynamic\s+"{name}"|{name})\s*\{{', text(block.file), re.M)
        if argument.block is None:
            as_argument = re.search(rf"^\s*{name}\s*=", text(block.file), re.M)
            if not as_argument:
                yield f"{path}{name}: is an argument, not a block"
            continue
        if not as_block:
            yield f"{path}{name}: is a block, not an argument"
            continue
        if not argument.repeated and len(values) > 1 and not dynamic:
            yield f"{path}{name}: only one is allowed"
        for one in values:
            if not isinstance(one, dict):
                yield f"{path}{name}: is a block, not {one!r}"
                continue
            yield from _problems(schema.block(name), one, block, f"{path}{name}.")


def test_whatever_is_referred_to_is_declared_and_has_the_attribute() -> None:
    declared = {("", block.kind, block.name) for block in RESOURCES}
    declared |= {("data.", block.kind, block.name) for block in DATA}
    problems = []
    for found in _REFERENCE.finditer(ALL_TEXT):
        address = (found["data"] or "", found["kind"], found["name"])
        if address not in declared:
            problems.append(f"{''.join(address[:2])}.{address[2]} is not declared")
            continue
        schema = (
            provider_schema.data_source(found["kind"])
            if found["data"]
            else provider_schema.resource(found["kind"])
        )
        attribute = found["attribute"]
        if attribute is not None and attribute not in schema.attributes:
            problems.append(f"{found[0]}: no such attribute")
    assert not problems


@pytest.mark.parametrize(("prefix", "section"), [("var", "variable"), ("local", "locals")])
def test_variables_and_locals_are_declared_and_used(prefix: str, section: str) -> None:
    used = set(re.findall(rf"(?<![\w.]){prefix}\.(\w+)", ALL_TEXT))
    assert used == names(section)


def test_nothing_needs_itself() -> None:
    """Terraform refuses a cycle only when it plans."""
    needs: dict[str, set[str]] = {}
    for section, prefix in (("resource", ""), ("data", "data.")):
        for block in blocks(section):
            needs[f"{prefix}{block.address}"] = _referred_to(repr(block.body))
    for file in FILES:
        for part in parsed(file).get("locals", []):
            for name, value in part.items():
                needs[f"local.{name}"] = _referred_to(repr(value))

    def visit(node: str, path: tuple[str, ...]) -> None:
        assert node not in path, " → ".join((*path, node))
        for needed in needs.get(node, ()):
            visit(needed, (*path, node))

    for node in needs:
        visit(node, ())


def _referred_to(expression: str) -> set[str]:
    found = {
        f"{match['data'] or ''}{match['kind']}.{match['name']}"
        for match in _REFERENCE.finditer(expression.replace("'", " ").replace('"', " "))
    }
    return found | {f"local.{name}" for name in re.findall(r"(?<![\w.])local\.(\w+)", expression)}


def test_every_variable_and_output_is_explained() -> None:
    for section in ("variable", "output"):
        for file in FILES:
            for part in parsed(file).get(section, []):
                for name, body in part.items():
                    assert body.get("description"), name
