"""What CONTRIBUTING.md says of adding a kind is what `tests/added_kinds` does."""

from __future__ import annotations

import re
from pathlib import Path

REPOSITORY = Path(__file__).parents[3]
ADDED = REPOSITORY / "tests" / "added_kinds"


def test_a_kind_of_each_sort_is_added_by_one_product_file() -> None:
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\w+) \| `(shared/[a-z/]+)/<\w+>\.py` \|", page, re.MULTILINE)
    assert [sort for sort, _ in rows] == [
        *("feature", "transform", "layer", "task", "loss", "optimizer"),
        *("metric", "baseline", "segment", "warning"),
    ]
    added = sorted(file.relative_to(ADDED) for file in ADDED.glob("shared/**/*.py"))
    assert sorted(str(file.parent) for file in added) == sorted(folder for _, folder in rows)
    for file in added:
        assert not (REPOSITORY / file).exists(), "a kind that is added must not be there already"


def test_the_packages_of_kinds_hold_nothing_but_kinds_and_what_they_share() -> None:
    """Nobody outside a package needs to know a kind's module by its name to find it."""
    page = (REPOSITORY / "CONTRIBUTING.md").read_text(encoding="utf-8")
    for folder in re.findall(r"`(shared/[a-z/]+)/<\w+>\.py`", page):
        assert "pkgutil" not in (REPOSITORY / folder / "__init__.py").read_text(encoding="utf-8")
        assert "registry(" in (REPOSITORY / folder / "__init__.py").read_text(encoding="utf-8")
