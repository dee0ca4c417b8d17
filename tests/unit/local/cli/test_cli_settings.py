"""Settings of quick tests on the command line."""

from __future__ import annotations

import pytest

from local.cli.client import UserError
from local.cli.quick_tests import settings_of


def test_settings_are_numbers_by_name() -> None:
    assert settings_of(["temperature=0.05", "epochs=3"]) == {"temperature": 0.05, "epochs": 3}


@pytest.mark.parametrize("said", ["temperature", "temperature=warm", "=", ""])
def test_what_is_no_setting_is_refused_with_how_one_is_written(said: str) -> None:
    with pytest.raises(UserError, match="NAME=VALUE, such as temperature"):
        settings_of([said])
