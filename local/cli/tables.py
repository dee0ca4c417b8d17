"""Results as tables."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote, urlsplit

import typer
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.client import UserError
from local.cli.output import duration, out
from shared.documents.dataset import Dataset
from shared.documents.quick_test import QuickTest
from shared.explanations import days_ago
from shared.jobs import VocabularyReport
from shared.wording import percent, plural

_SIDE_BY_SIDE = 116  # columns that two lists of products take

AsJson = Annotated[bool, typer.Option("--json", help="As JSON, whole.")]
Columns = Annotated[
    str | None,
    typer.Option(
        "--columns",
        metavar="FIELD,…",
        help="These fields of the JSON, such as name,status.validation.state, tab-separated.",
    ),
]
Documents = list[dict[str, Any]]


def table(*columns: str, title: str | None = None) -> Table:
    """A table whose first column is text and whose others are numbers."""
    made = Table(
        title=title,
        title_justify="left",
        title_style="title",
        box=None,
        header_style="note",
        pad_edge=False,
        padding=(0, 3, 0, 0),
    )
    for number, column in enumerate(columns):
        made.add_column(column, justify="right" if number else "left")
    return made


def show_list(
    documents: Documents,
    tabled: Callable[[Documents], Table],
    *,
    empty: str,
    as_json: bool,
    columns: str | None,
) -> None:
    """A list, in the form that was asked for: every `list` command ends here.

    Args:
        documents: as the API has them.
        tabled: makes the table for people.
        empty: what people are told where there is nothing, with the command that makes one.
        columns: dotted paths of fields, parted by commas. A document that lacks a field which
            another has leaves its place empty.

    Raises:
        UserError: no document has such a field; or both forms are asked for.
    """
    if as_json and columns is not None:
        raise UserError("Give --json or --columns, not both.")
    if as_json:
        typer.echo(as_json_text(documents))
    elif columns is not None:
        paths = [path.strip() for path in columns.split(",")]
        for path in paths if documents else ():
            _check_column(documents, path)
        for one in documents:
            typer.echo("\t".join(on_one_line(_cell(one, path)) for path in paths))
    elif documents:
        out.print(tabled(documents))
    else:
        out.print(f"[note]{escape(empty)}[/]")


def fields_table(*paths: str) -> Callable[[Documents], Table]:
    """Makes tables of the documents' fields as they are."""

    def tabled(documents: Documents) -> Table:
        shown = table(*(path.rpartition(".")[2].replace("_", " ") for path in paths))
        for column in shown.columns:
            column.justify = "left"
        for one in documents:
            shown.add_row(*(Text(_cell(one, path)) for path in paths))
        return shown

    return tabled


def as_json_text(found: Any) -> str:
    return json.dumps(found, indent=2, ensure_ascii=False)


def _check_column(documents: Documents, path: str) -> None:
    """Raises UserError where no document has the field."""
    inside: Sequence[Any] = documents
    *parents, _ = parts = path.split(".")
    for depth, part in enumerate(parts):
        known = {name: None for one in inside if isinstance(one, dict) for name in one}
        if part not in known:
            parent = ".".join(parents[:depth])
            where = f"Columns in {parent}" if parent else "Columns"
            raise UserError(
                f"There is no column {path!r}. {where}: "
                f"{', '.join(f'{parent}.{name}' if parent else name for name in known) or 'none'}."
            )
        inside = [one[part] for one in inside if isinstance(one, dict) and part in one]


def _cell(document: dict[str, Any], path: str) -> str:
    """A field by its dotted path; nothing where it is null or missing."""
    value: Any = document
    for part in path.split("."):
        value = value.get(part) if isinstance(value, dict) else None
    if isinstance(value, dict | list | bool):
        return json.dumps(value, ensure_ascii=False)
    return "" if value is None else str(value)


def show_results(test: QuickTest) -> None:
    """The vocabularies, the duration, and where everything lies; see `results` for the metrics."""
    status = test.status
    if status.vocabulary:
        out.print()
        out.print(_vocabularies(status.vocabulary))
    out.print()
    facts = {"quick test": test.id}
    if status.duration_seconds is not None:
        facts["duration"] = duration(status.duration_seconds)
        if status.estimate is not None:
            facts["duration"] += f" (expected: {duration(status.estimate.seconds.likely)})"
    if status.cost_usd is not None:
        facts["cost"] = f"{status.cost_usd:.2f} USD"
    if status.code is not None:
        facts["preprocessing"] = _place(status.code.preprocessing.uri)
        facts["trainer"] = _place(status.code.trainer.uri)
    if status.artifacts_uri is not None:
        facts["model"] = _place(f"{status.artifacts_uri}/model")
    for name, fact in facts.items():  # no line of ours is broken, so that a path can be copied
        out.print(f"[note]{name:<15}[/]{escape(fact)}", soft_wrap=True)


def _place(uri: str) -> str:
    """A `file://` URI as a path, relative where it lies below the current folder."""
    if not uri.startswith("file://"):
        return uri
    path = Path(unquote(urlsplit(uri).path))
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _vocabularies(reports: list[VocabularyReport]) -> Table:
    shown = table("vocabulary", "tower", "size", "unseen when held out", title="Vocabularies")
    for report in reports:
        size = f"{report.vocabulary_size:,}{' (cut)' if report.truncated else ''}"
        shown.add_row(report.column, report.tower, size, percent(report.oov_rate, 2))
    return shown


def show_recommendations(best: list[dict[str, Any]], history: list[dict[str, Any]]) -> None:
    """Recommended products, best first, beside what the customer bought before.

    The two stand side by side where there is room for the names.
    """
    rated = any(product["rating"] is not None for product in best)
    recommended = table("", "recommended", "score", *(["rating"] if rated else []), "before")
    recommended.columns[1].justify = recommended.columns[-1].justify = "left"
    for place, product in enumerate(best, 1):
        cells: list[str | Text] = [str(place), Text(_product(product)), f"{product['score']:.3f}"]
        if rated:
            cells.append("–" if product["rating"] is None else f"{product['rating']:.2f}")
        recommended.add_row(*cells, _before(product))
    if not history:
        out.print(recommended)
        return
    before = table("bought most before", "times")
    before.columns[0].style = before.columns[1].style = "note"
    for product in history:
        before.add_row(Text(_product(product)), str(product["count"]))
    if out.width >= _SIDE_BY_SIDE:
        pair = Table.grid(padding=(0, 3, 0, 0))
        pair.add_row(recommended, before)
        out.print(pair)
    else:
        out.print(recommended)
        out.print()
        out.print(before)


def show_applied(applied: dict[str, Any]) -> None:
    """What rules did to a list."""
    told = [f"{applied['fitting']:,} of {plural(applied['products'], 'product')} fit the rules."]
    told += applied["notes"]
    told += [
        f"At most {one['at_most']} of {one['column']} {one['value']}: more would have fit."
        for one in applied["caps_reached"]
    ]
    told += [
        f"{one['product_id']} is not at place {one['place']}. {one['reason']}"
        for one in applied["pins_left_out"]
    ]
    out.print()
    for line in told:
        out.print(f"[note]{escape(line)}[/]")


def show_explanations(recommended: list[dict[str, Any]]) -> None:
    """Of each product, the parts that its score is the sum of."""
    for place, product in enumerate(recommended, 1):
        title = f"{place}  {escape(_product(product))}"
        shown = table(title, f"{product['score']:.3f}", "")
        shown.columns[2].justify = "left"
        for group in product["explanation"]["groups"]:
            name = Text(group["name"], style="bold")
            shown.add_row(name, f"{group['value']:+.3f}", Text(group["detail"], style="note"))
            for part in group["parts"] if len(group["parts"]) > 1 or not group["detail"] else []:
                value = f"{part['value']:+.3f}"
                shown.add_row(Text(f"  {part['name']}"), value, Text(part["detail"], style="note"))
        out.print()
        out.print(shown)
    if recommended:
        out.print()
        out.print(f"[note]{escape(recommended[0]['explanation']['method_words'])}[/]")


def show_ratings(column: str, ratings: list[dict[str, Any]]) -> None:
    """Predicted ratings of products, in their order."""
    shown = table("product", f"expected {column}", "before")
    shown.columns[2].justify = "left"
    for product in ratings:
        before = "bought" if product["bought_before"] else ""
        shown.add_row(Text(_product(product)), f"{product['rating']:.2f}", before)
    out.print(shown)


def _before(product: dict[str, Any]) -> str:
    """Whether the customer bought it before, and when last."""
    days = product["last_bought_days_ago"]
    if days is None:
        return "bought" if product["bought_before"] else ""
    return f"bought {days_ago(days)}"


def _product(product: dict[str, Any]) -> str:
    return str(product["name"] or product["product_id"])


def datasets_table(found: Documents) -> Table:
    shown = table("name", "rows", "columns", "state", "id")
    shown.columns[3].justify = shown.columns[4].justify = "left"
    for dataset in map(Dataset.model_validate, found):
        status = dataset.status
        rows = "–" if status.row_count is None else f"{status.row_count:,}"
        state = status.validation.state.value
        columns = str(len(status.columns) or "–")
        shown.add_row(Text(dataset.name), rows, columns, state, dataset.id)
    return shown


def show_columns(dataset: Dataset) -> None:
    shown = table("column", "type", "role", "values", "missing", "for example")
    for number in (1, 2, 5):
        shown.columns[number].justify = "left"
    for column in dataset.status.columns:
        found: Any = column.statistics
        shown.add_row(
            Text(column.name),
            column.type.value,
            dataset.spec.column_mapping.get(column.name, ""),
            f"{found.unique_count:,}" if found else "",
            f"{found.null_count:,}" if found else "",
            Text(", ".join(map(on_one_line, found.samples[:3]))[:44]) if found else "",
        )
    out.print(shown)
    for note in dataset.status.notes:
        out.print(f"[note]Note:[/] {escape(note)}")


def on_one_line(value: str) -> str:
    """A value with its line breaks and other invisible characters as escapes."""
    return "".join(one if one.isprintable() else repr(one)[1:-1] for one in value)
