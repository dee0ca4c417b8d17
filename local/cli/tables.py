"""Results as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.table import Table
from rich.text import Text

from local.cli.console import duration, out
from local.cli.predict import path_of
from shared.documents.dataset import Dataset
from shared.documents.quick_test import QuickTest
from shared.jobs import VocabularyReport

POPULARITY = "popularity"
_RECALLS = (10, 50, 100)


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


def show_results(test: QuickTest) -> None:
    """Recall beside the baseline, the vocabularies, the duration, and where everything lies."""
    status = test.status
    if status.results is not None:
        out.print()
        out.print(_recall(test))
        protocol = status.results.protocol
        out.print(
            f"[note]{protocol.holdout_rows:,} held-out purchases of "
            f"{protocol.holdout_customers:,} customers ({protocol.split} split), "
            f"{protocol.candidates:,} products to choose from, "
            f"{protocol.train_rows:,} purchases trained on.[/]"
        )
    if status.vocabulary:
        out.print()
        out.print(_vocabularies(status.vocabulary))
    out.print()
    places = table("", "", title=None)
    places.show_header = False
    places.columns[1].justify = "left"
    places.columns[1].overflow = "fold"
    if status.duration_seconds is not None:
        places.add_row(Text("duration", style="note"), duration(status.duration_seconds))
    if status.code is not None:
        places.add_row(Text("preprocessing", style="note"), _place(status.code.preprocessing.uri))
        places.add_row(Text("trainer", style="note"), _place(status.code.trainer.uri))
    if status.artifacts_uri is not None:
        places.add_row(Text("model", style="note"), _place(f"{status.artifacts_uri}/model"))
    places.add_row(Text("quick test", style="note"), test.id)
    out.print(places)


def _place(uri: str) -> str:
    """A `file://` URI as a path, relative where it lies below the current folder."""
    if not uri.startswith("file://"):
        return uri
    path = path_of(uri)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _recall(test: QuickTest) -> Table:
    assert test.status.results is not None
    metrics = test.status.results.metrics
    baseline = test.status.results.baselines.get(POPULARITY, {})
    shown = table("recall", "this model", "popularity", "ratio", title="How well it recommends")
    for k in _RECALLS:
        name = f"recall_at_{k}"
        if name not in metrics:
            continue
        model, plain = metrics[name], baseline.get(name)
        better = plain is not None and model > plain
        shown.add_row(
            f"@{k}",
            Text(f"{model:.4f}", style="good" if better else ""),
            "–" if plain is None else f"{plain:.4f}",
            f"{model / plain:.2f}×" if plain else "–",
        )
    return shown


def _vocabularies(reports: list[VocabularyReport]) -> Table:
    shown = table("vocabulary", "tower", "size", "unseen when held out", title="Vocabularies")
    for report in reports:
        size = f"{report.vocabulary_size:,}{' (cut)' if report.truncated else ''}"
        shown.add_row(report.column, report.tower, size, f"{report.oov_rate:.2%}")
    return shown


def show_recommendations(
    best: list[dict[str, Any]], bought: list[tuple[str, int]] | None = None
) -> None:
    """Recommended products, best first; `bought` is what the customer bought most, how often."""
    columns = ["", "recommended", "score"]
    shown = table(*columns, *([] if bought is None else ["bought most before", "times"]))
    shown.columns[1].justify = "left"
    for number in range(3, len(shown.columns)):
        shown.columns[number].justify = "left" if number == 3 else "right"
        shown.columns[number].style = "note"
    for place, product in enumerate(best):
        name = product["name"] or product["product_id"]
        row: list[str | Text] = [str(place + 1), Text(name), f"{product['score']:.3f}"]
        if bought is not None:
            earlier = bought[place] if place < len(bought) else ("", 0)
            row += [Text(earlier[0]), f"{earlier[1]}" if earlier[1] else ""]
        shown.add_row(*row)
    out.print(shown)


def show_datasets(datasets: list[Dataset]) -> None:
    shown = table("name", "rows", "columns", "state", "id")
    shown.columns[3].justify = shown.columns[4].justify = "left"
    for dataset in datasets:
        status = dataset.status
        rows = "–" if status.row_count is None else f"{status.row_count:,}"
        state = status.validation.state.value
        shown.add_row(dataset.name, rows, str(len(status.columns) or "–"), state, dataset.id)
    out.print(shown)


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
            Text(", ".join(found.samples[:3])[:44]) if found else "",
        )
    out.print(shown)
