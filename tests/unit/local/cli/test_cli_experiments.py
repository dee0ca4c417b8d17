"""Percentages of experiments on the command line."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from local.cli.experiments import _percent_option, app


@pytest.mark.parametrize(
    ("said", "percent"), [("5", 5.0), ("5%", 5.0), (" 0.5 ", 0.5), (50.0, 50.0)]
)
def test_a_percentage_is_said_with_or_without_its_sign(said: str | float, percent: float) -> None:
    assert _percent_option(said) == percent


@pytest.mark.parametrize("said", ["5,5", "%", "", "5%%", "five"])
def test_what_is_no_percentage_is_refused_with_how_one_is_written(said: str) -> None:
    result = CliRunner().invoke(app, ["size", "--rate", said, "--change", "10"])
    assert result.exit_code == 2
    assert "as 5 or 5%" in " ".join(result.output.split())
