"""Runs: how large one will be, and what one did take."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from shared.documents.dataset import PRODUCT_ID, Dataset
from shared.documents.estimate import RunSize
from shared.documents.feature_config import TOWERS, FeatureConfigSpec
from shared.documents.model_config import ModelConfigSpec
from shared.documents.quick_test import QuickTestSpec, QuickTestStatus, TestState
from shared.jobs import Stage, Task, asked_epochs
from shared.rules.parameters import count_parameters
from shared.rules.quick_test import sampled_rows, split_rows
from shared.rules.tensors import tensor_dims
from shared.rules.training import training_of

# What passes outside of the stages: the process starts and imports.
START = "start"
_MOST = 10**12  # rows, parameters and so on


@dataclass(frozen=True)
class Run:
    """A completed run: its size, and seconds by stage, of those that it did itself."""

    size: RunSize
    seconds: Mapping[str, float]

    @property
    def total(self) -> float:
        return sum(self.seconds.values())


def run_size(
    spec: QuickTestSpec, features: FeatureConfigSpec, model: ModelConfigSpec, dataset: Dataset
) -> RunSize | None:
    """A test's size; None where the dataset's rows have not been counted.

    Args:
        features: without the columns that the test leaves out.
    """
    sample, total = sampled_rows(spec, dataset), dataset.status.row_count
    split = split_rows(spec, dataset)
    if sample is None or split is None or total is None:
        return None
    training, held_out = split
    product = dataset.status.column(dataset.spec.column_of(PRODUCT_ID) or "")
    known = product.statistics.unique_count if product and product.statistics else sample
    counted = count_parameters(model, features, dataset=dataset)
    towers = (counted.buyer_tower, counted.product_tower)
    # No row of a training goes through the re-ranker.
    reranked = counted.reranker.total if counted.reranker else 0
    embedded = sum(table.parameters for tower in towers for table in tower.embeddings)
    return RunSize(
        dataset_rows=total,
        rows=training + held_out,
        holdout_rows=held_out,
        products=max(min(known, max(sample, 1)), _offered(dataset)),
        features=sum(len(tensor_dims(features, tower).breakdown) for tower in TOWERS),
        layer_parameters=counted.total - embedded - reranked,
        embedding_parameters=embedded,
        batch_size=training_of(spec, model).batch_size,
        epochs=spec.epochs,
    )


def _offered(dataset: Dataset) -> int:
    """Products of a table of products, which are candidates whatever the sample."""
    found = dataset.status.sides.get("products")
    if found is None or found.rows is None:
        return 0
    keys = found.rows - found.missing_keys - found.duplicates
    return max(0, keys - (found.unavailable or 0))


def completed_run(status: QuickTestStatus) -> Run | None:
    """What a completed test teaches, by what it really did; None where it does not say. Of stages
    that took over what another had made it teaches nothing."""
    estimated, results = status.estimate, status.results
    if status.state is not TestState.COMPLETED or estimated is None or estimated.size is None:
        return None
    if results is None or status.duration_seconds is None:
        return None
    took: dict[str, float] = {task.name: _seconds(task) for task in status.stages}
    seconds: dict[str, float] = {
        task.name: took[task.name] for task in status.stages if not task.reused
    }
    if set(took) != set(Stage) or not seconds or not all(seconds.values()):
        return None
    seconds[START] = max(0.0, status.duration_seconds - sum(took.values()))
    protocol = results.protocol
    did = {
        "rows": protocol.train_rows + protocol.holdout_rows,
        "holdout_rows": protocol.holdout_rows,
        "products": protocol.candidates,
        "epochs": len(asked_epochs(status.epochs)) or estimated.size.epochs,
    }
    size = estimated.size.model_copy(update=did)
    return Run(size, seconds) if _may_be(size) else None


def _may_be(size: RunSize) -> bool:
    """Whether a run can have had such a size: a status may have been written by somebody else."""
    counted = size.model_dump().values()
    return all(0 <= number <= _MOST for number in counted) and min(size.batch_size, size.epochs) > 0


def _seconds(task: Task) -> float:
    if task.started_at is None or task.ended_at is None:
        return 0.0
    return max(0.0, (task.ended_at - task.started_at).total_seconds())
