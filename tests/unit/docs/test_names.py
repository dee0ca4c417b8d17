"""What pages, docstrings and comments name is there: files, modules, headings."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[3]
PACKAGES = "shared|functions|local|trainer_image|infra|bench|tests|clients"
SEARCHED = [*PACKAGES.split("|"), "docs", "console/src", "console/tests", "console/scripts"]
# A part of a path that begins in the repository, in `console/` or beside the page.
PATH = re.compile(
    rf"(?<![\w/.<-])(?:{PACKAGES}|console|docs|requirements)/[\w./-]*[\w/](?![\w<*{{])"
)
DOTTED = re.compile(rf"(?<![\w/.-])(?:{PACKAGES})(?:\.\w+)+")
FILE = re.compile(r"(?<![\w/.*-])\w[\w-]*\.(?:py|tf|tsx?|mjs)\b")
COMMENT = re.compile(r"(?:^ *|  )# .*$", re.MULTILINE)
LINK = re.compile(r"\]\(([^)\s#:]*)(?:#([\w-]+))?\)")
# What is built, what a reader puts there, and examples.
ELSEWHERE = {
    *("console/dist", "console/screenshots", "infra/terraform/terraform.tfvars"),
    *("bench/notes/NAME.md", "tests.csv", "trainer-ab12.py"),
}


def _sources(*endings: str) -> list[Path]:
    return [
        file
        for folder in SEARCHED
        for file in sorted((REPOSITORY / folder).rglob("*"))
        if file.suffix in endings and "golden" not in file.parts
    ]


PAGES = [*sorted(REPOSITORY.glob("*.md")), *_sources(".md")]
MODULES = _sources(".py")
FILE_NAMES = {
    file.name
    for file in [*REPOSITORY.iterdir(), *_sources(".py", ".tf", ".ts", ".tsx", ".mjs", ".md")]
}


def _prose(module: Path) -> str:
    """A module's docstrings and comments."""
    source = module.read_text(encoding="utf-8")
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    texts = [
        ast.get_docstring(node) or ""
        for node in ast.walk(ast.parse(source))
        if isinstance(node, documented)
    ]
    return "\n".join([*texts, *COMMENT.findall(source)])


def _named(dotted: str) -> bool:
    """Whether it is a package, a module, or a name that stands in its module."""
    place = REPOSITORY
    for name in dotted.split("."):
        if (place / name).is_dir():
            place /= name
            continue
        module = place / f"{name}.py"
        if not module.exists():
            module = place if place.suffix == ".py" else place / "__init__.py"
            if not module.exists():
                return False
            return re.search(rf"\b{name}\b", module.read_text(encoding="utf-8")) is not None
        place = module
    return True


def _missing(text: str, beside: Path) -> list[str]:
    roots = (REPOSITORY, REPOSITORY / "console", beside)
    paths = {path.rstrip("/.") for path in PATH.findall(text)}
    missing = {path for path in paths if not any((root / path).exists() for root in roots)}
    missing |= set(FILE.findall(text)) - FILE_NAMES
    missing |= {
        name for name in DOTTED.findall(text) if name not in FILE_NAMES and not _named(name)
    }
    return sorted(missing - ELSEWHERE)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(REPOSITORY)))
def test_what_a_page_names_is_there(page: Path) -> None:
    assert _missing(page.read_text(encoding="utf-8"), page.parent) == []


def test_what_docstrings_and_comments_name_is_there() -> None:
    missing = [
        f"{module.relative_to(REPOSITORY)}: {name}"
        for module in MODULES
        for name in _missing(_prose(module), module.parent)
    ]
    assert missing == []


def _anchors(page: Path) -> set[str]:
    """The anchors that GitHub makes of a page's headings."""
    headings = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


# The notes stand in docs/performance.md, and their links lead from there.
@pytest.mark.parametrize(
    "page",
    [page for page in PAGES if page.parent.name != "notes"],
    ids=lambda page: str(page.relative_to(REPOSITORY)),
)
def test_a_pages_links_lead_somewhere(page: Path) -> None:
    for target, anchor in LINK.findall(page.read_text(encoding="utf-8")):
        to = (page.parent / target).resolve() if target else page
        assert to.exists(), target
        assert not anchor or anchor in _anchors(to), f"{target}#{anchor}"
