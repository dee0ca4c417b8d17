"""Documents that no store would take: what is made smaller, and what becomes a verdict."""

from __future__ import annotations

from typing import Any

from scenario import COLUMNS, URI, Shop, column, profile

from shared import editing
from shared.columns import ValueCount
from shared.document_size import MAX_BYTES, size_of
from shared.documents.base import Collection
from shared.documents.quick_test import TestState, TimelineEntry
from shared.services.store import QUICK_TEST, change_status


def wide(count: int, name: str = "measured_{:04}") -> Any:
    values = [ValueCount(value=f"{'long' * 12} {n}", count=10**9) for n in range(5)]
    more = [
        column(
            name.format(n),
            "STRING",
            histogram=[10**9] * 20,
            samples=["a sample of some sixty characters, as descriptions often are"] * 5,
            top_values=values,
        )
        for n in range(count)
    ]
    return profile([*COLUMNS, *more])


def test_a_dataset_of_a_thousand_columns_is_profiled_in_every_store() -> None:
    shop = Shop()
    shop.data.profiles[URI] = found = wide(990)
    assert size_of([one.model_dump(mode="json") for one in found.columns]) > MAX_BYTES
    dataset = editing.get(shop.ports, Collection.DATASETS, shop.dataset())
    shop.settle()
    dataset = editing.get(shop.ports, Collection.DATASETS, dataset.id)
    assert dataset.status.validation.state == "valid"
    assert len(dataset.status.columns) == 1000
    assert "not all samples and histograms can be kept" in " ".join(dataset.status.notes)
    assert dataset.status.columns[-1].statistics.unique_count == 100


def test_a_dataset_whose_profile_cannot_be_stored_is_invalid_and_says_so() -> None:
    shop = Shop()
    shop.data.profiles[URI] = wide(
        6000, "a column with a name of two hundred characters " * 4 + "{}"
    )
    dataset_id = shop.dataset()
    shop.settle()
    validation = editing.get(shop.ports, Collection.DATASETS, dataset_id).status.validation
    assert (validation.state, validation.revision) == ("invalid", 1)
    assert [problem.code for problem in validation.problems] == ["too_large"]
    assert "a document has at most 1,048,576 bytes" in validation.problems[0].message


def test_a_test_whose_news_cannot_be_stored_fails_and_says_so() -> None:
    shop = Shop()
    test_id = shop.running_test()

    def say(_: Any, status: Any) -> None:
        status.timeline += [TimelineEntry(at=shop.clock.now(), what="x" * MAX_BYTES)]

    status = change_status(QUICK_TEST, test_id, say, shop.ports)
    assert status is not None
    assert status.state is TestState.FAILED
    assert "at most 1,048,576 bytes" in status.error.message
