"""What a dataset's rows are like, in words, before anything is trained."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

from shared.documents.dataset import CUSTOMER_ID, PRODUCT_ID, TRANSACTION_DATE, Dataset
from shared.documents.feature_config import TOWERS, FeatureConfigSpec
from shared.insights import About, Finding, findings, warnings_of
from shared.models import Moment
from shared.problems import Problem
from shared.rules.usual_roles import tower_of
from shared.wording import plural


class DatasetReport(BaseModel):
    """Attributes:
    profiled_at: when the rows were read.
    rows: of the source.
    reason: why nothing is told; None where something is.
    notes: what could not be told, and of how many rows, a sentence each.
    findings: what there is to mend first.
    """

    dataset_id: str
    dataset_name: str
    profiled_at: Moment | None
    rows: int | None
    reason: str | None
    notes: list[str]
    findings: list[Finding]


def dataset_report(dataset: Dataset) -> DatasetReport:
    status, roles = dataset.status, dataset.spec.column_mapping
    insight = status.insight
    sides = {column: side for column, role in roles.items() if (side := tower_of(role))}
    return DatasetReport(
        dataset_id=dataset.id,
        dataset_name=dataset.name,
        profiled_at=status.profiled_at,
        rows=status.row_count,
        reason=None if insight else _reason(dataset),
        notes=list(_notes(dataset)) if insight else [],
        findings=findings(insight, About(roles, sides)) if insight else [],
    )


def check_insight(spec: FeatureConfigSpec, dataset: Dataset) -> Iterator[Problem]:
    """Warnings about features, by what was found in the rows."""
    if dataset.status.insight is None:
        return
    for tower in TOWERS:
        for number, feature in enumerate(spec.features(tower)):
            if feature.of_past:
                continue
            for kind, warning in warnings_of(feature.column, tower, dataset.status.insight):
                yield Problem(
                    path=f"spec.{tower}_model_features[{number}].column",
                    code=kind.name,
                    message=warning.message,
                    received=feature.column,
                    level="warning",
                )


def _reason(dataset: Dataset) -> str:
    status = dataset.status
    if not status.columns:
        return "The dataset has not been profiled yet."
    for role in (CUSTOMER_ID, PRODUCT_ID):
        if dataset.spec.column_of(role) is None:
            return (
                f"No column has the role {role!r}, without which nobody can tell who bought what. "
                "Give one the role."
            )
    if status.rows is not None and not status.rows.used:
        return "No row names both a customer and a product. Map other columns to these roles."
    return (
        "The dataset was profiled by a version of Recsmith that made no reports, or its rows could "
        "not be looked at together (its notes say so). Profile it again."
    )


def _notes(dataset: Dataset) -> Iterator[str]:
    insight, rows = dataset.status.insight, dataset.status.rows
    assert insight is not None
    if dataset.spec.column_of(TRANSACTION_DATE) is None:
        yield (
            "No column is the time of purchase, so that new products, drift, and ties and holes in "
            "time cannot be told. Map one to 'transaction_date'."
        )
    if rows is not None and insight.examined_rows < rows.used:
        yield (
            f"Of {rows.used:,} rows, columns were examined in "
            f"{plural(insight.examined_rows, 'row')} of a sample of customers."
        )
    if insight.unexamined:
        yield f"Not examined: {plural(insight.unexamined, 'more column')} without a role."
