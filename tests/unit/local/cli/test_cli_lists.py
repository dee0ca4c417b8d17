"""Every `list` command answers people, scripts and pipes in the same way."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from typer.main import get_command

from local.cli import app
from local.cli.client import UserError
from local.cli.output import working
from local.cli.tables import fields_table, show_list

FOUND: list[dict[str, Any]] = [
    {"name": "[Wide]", "revision": 2, "status": {"state": "done", "metrics": {"mrr": 0.5}}},
    {"name": "two\nlines\tand a tab", "revision": 1, "status": {"state": "new", "metrics": None}},
]


def lists(group: Any, *path: str) -> Iterator[tuple[str, Any]]:
    """The `list` commands, by the groups that they are in; hidden names of groups too."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from lists(command, *path, name)
        elif name == "list":
            yield " ".join(path), command


def shown(documents: list[dict[str, Any]], **asked: Any) -> None:
    form = {"as_json": False, "columns": None, **asked}
    show_list(documents, fields_table("name", "status.state"), empty="There is none yet.", **form)


def test_every_list_can_be_had_as_json_and_by_columns() -> None:
    found = dict(lists(get_command(app)))
    assert {"dataset", "tests", "sweeps", "registry", "rules", "schedules"} <= set(found)
    lacking = {
        group: missing
        for group, command in found.items()
        if (missing := {"--json", "--columns"} - {o for p in command.params for o in p.opts})
    }
    assert not lacking


def test_json_is_all_that_the_api_said(capsys: pytest.CaptureFixture[str]) -> None:
    shown(FOUND, as_json=True)
    assert json.loads(capsys.readouterr().out) == FOUND
    shown([], as_json=True)
    assert json.loads(capsys.readouterr().out) == []


def test_columns_are_one_line_for_each_document(capsys: pytest.CaptureFixture[str]) -> None:
    shown(FOUND, columns="name, revision,status.metrics.mrr,status.metrics")
    assert capsys.readouterr().out.splitlines() == [
        '[Wide]\t2\t0.5\t{"mrr": 0.5}',
        "two\\nlines\\tand a tab\t1\t\t",
    ]
    shown([], columns="name")
    assert not capsys.readouterr().out


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("nmae", "There is no column 'nmae'. Columns: name, revision, status."),
        ("name,status.sate", "Columns in status: status.state, status.metrics."),
        ("status.metrics.map", "Columns in status.metrics: status.metrics.mrr."),
        ("name.first", "Columns in name: none."),
        ("", "There is no column ''."),
    ],
)
def test_an_unknown_column_is_refused_before_anything_is_printed(
    asked: str, words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(UserError) as refused:
        shown(FOUND, columns=asked)
    assert words in str(refused.value)
    assert not capsys.readouterr().out


def test_one_form_is_asked_for_at_a_time() -> None:
    with pytest.raises(UserError, match="not both"):
        shown(FOUND, as_json=True, columns="name")


def test_what_is_piped_has_no_colour_and_no_progress(capsys: pytest.CaptureFixture[str]) -> None:
    with working("Counting"):
        shown(FOUND)
    said = capsys.readouterr()
    assert "[Wide]" in said.out
    assert "\x1b" not in said.out
    assert "Counting" not in said.out
    assert "Counting" in said.err
    shown([])
    assert capsys.readouterr().out == "There is none yet.\n"
