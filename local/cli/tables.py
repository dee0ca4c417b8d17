"""Results as tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from local.cli.console import duration, out
from local.cli.predict import path_of
from shared.documents.dataset import Dataset
from shared.documents.quick_test import QuickTest
from shared.jobs import MetricsReport, VocabularyReport

POPULARITY = "popularity"
GLOBAL_MEAN = "global_mean"
_RECALLS = (10, 50, 100)
_SIDE_BY_SIDE = 116  # columns that two lists of products take


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
        for measured in (_recall(status.results), _errors(status.results)):
            if measured.row_count:
                out.print()
                out.print(measured)
        _index(status.results)
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
    path = path_of(uri)
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _errors(results: MetricsReport) -> Table:
    baseline = results.baselines.get(GLOBAL_MEAN, {})
    shown = table("error", "this model", "global mean", "ratio", title="How well it rates")
    for name in ("rmse", "mae"):
        if name not in results.metrics:
            continue
        model, plain = results.metrics[name], baseline.get(name)
        better = plain is not None and model < plain
        shown.add_row(
            name.upper(),
            Text(f"{model:.4f}", style="good" if better else ""),
            "–" if plain is None else f"{plain:.4f}",
            f"{model / plain:.2f}×" if plain else "–",
        )
    return shown


def _index(results: MetricsReport) -> None:
    index = results.index
    if index is not None and index.algorithm == "scann":
        out.print(
            f"[note]ScaNN with {index.num_leaves} leaves, {index.leaves_to_search} of them "
            f"searched, finds {index.recall:.1%} of the exact best products.[/]"
        )


def _recall(results: MetricsReport) -> Table:
    metrics = results.metrics
    baseline = results.baselines.get(POPULARITY, {})
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
    """Recommended products, best first; `bought` is what the customer bought most, how often.

    The two stand side by side where there is room for the names.
    """
    recommended = table("", "recommended", "score")
    recommended.columns[1].justify = "left"
    for place, product in enumerate(best, 1):
        name = product["name"] or product["product_id"]
        recommended.add_row(str(place), Text(name), f"{product['score']:.3f}")
    if bought is None:
        out.print(recommended)
        return
    before = table("bought most before", "times")
    before.columns[0].style = before.columns[1].style = "note"
    for name, times in bought:
        before.add_row(Text(name), str(times))
    if out.width >= _SIDE_BY_SIDE:
        pair = Table.grid(padding=(0, 3, 0, 0))
        pair.add_row(recommended, before)
        out.print(pair)
    else:
        out.print(recommended)
        out.print()
        out.print(before)


def show_ratings(column: str, names: list[str], ratings: list[float]) -> None:
    """Expected ratings of products, in their order."""
    shown = table("bought most before", f"expected {column}")
    for name, rating in zip(names, ratings, strict=True):
        shown.add_row(Text(name), f"{rating:.2f}")
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
