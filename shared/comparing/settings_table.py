"""What completed tests were made of, for tables and charts of many of them."""

from __future__ import annotations

from collections.abc import Sequence

from pydantic import BaseModel

from shared.comparing.facts import NONE, Section, facts_of
from shared.comparing.loading import LeftOut, load_by_id
from shared.ports import Ports
from shared.problems import InvalidError, Problem

MAX_TESTS = 200


class Setting(BaseModel):
    """A setting that at least one of the tests has.

    Attributes:
        key: one of each test's `values`.
        differs: whether it is not the same in all of them.
        numeric: whether every value is a number, so that it has a scale.
    """

    key: str
    section: Section
    label: str
    differs: bool
    numeric: bool


class SettingValue(BaseModel):
    """As people read it; `number` is what to sort and to draw it by, where it is one."""

    text: str
    number: float | None


class TestSettings(BaseModel):
    __test__ = False

    quick_test_id: str
    values: dict[str, SettingValue]


class SettingsTable(BaseModel):
    """`tests` are in the order in which they were asked for."""

    settings: list[Setting]
    tests: list[TestSettings]
    left_out: list[LeftOut]


def settings_table(ids: Sequence[str], ports: Ports) -> SettingsTable:
    """The settings of up to MAX_TESTS tests, at the revisions that were tested.

    Raises InvalidError: too many ids, or one that there is no test of.
    """
    unique = list(dict.fromkeys(ids))
    if len(unique) > MAX_TESTS:
        raise InvalidError(
            [
                Problem(
                    path="quick_test_ids",
                    code="too_many",
                    message=f"The settings of at most {MAX_TESTS} quick tests are told at once.",
                    received=len(unique),
                )
            ]
        )
    loaded = load_by_id(unique, ports)
    facts = facts_of(loaded.tests)
    known = {key: fact for own in facts.values() for key, fact in own.items()}
    none = SettingValue(text=NONE, number=None)
    tests = [
        TestSettings(
            quick_test_id=test_id,
            values={
                key: SettingValue(text=own[key].text, number=own[key].number)
                if key in own
                else none
                for key in known
            },
        )
        for test_id, own in facts.items()
    ]
    found = [
        Setting(
            key=key,
            section=fact.section,
            label=fact.label,
            differs=len({test.values[key].text for test in tests}) > 1,
            numeric=all(test.values[key].number is not None for test in tests),
        )
        for section in ("features", "model", "test")
        for key, fact in known.items()
        if fact.section == section
    ]
    return SettingsTable(settings=found, tests=tests, left_out=loaded.left_out)
