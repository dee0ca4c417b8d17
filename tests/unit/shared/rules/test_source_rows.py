"""What a profile warns of its rows, and what is said of them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from shared.columns.source_rows import SourceRows, latest_time
from shared.documents.dataset import DatasetSpec
from shared.rules.source_rows import check_rows

SPEC = DatasetSpec.model_validate(
    {
        "source": {"kind": "csv", "uri": "/data/purchases.csv"},
        "column_mapping": {
            "who": "customer_id",
            "what": "product_id",
            "when": "transaction_date",
        },
    }
)


def test_dropped_rows_are_said_of_the_column_that_costs_most():
    lost = SourceRows(read=1200, without_customer=100, without_product=300)
    (found,) = check_rows(SPEC, lost)
    assert (found.path, found.code, found.level) == (
        "spec.column_mapping.what",
        "rows_dropped",
        "warning",
    )
    assert found.message.startswith(
        "Of 1,200 rows read, 400 (33.3%) are dropped: 100 without a customer, 300 without a "
        "product."
    )


@pytest.mark.parametrize("reason", ["unreadable_time", "implausible_time"])
def test_one_wrong_time_is_said(reason):
    (found,) = check_rows(SPEC, SourceRows(read=10_000, without_time=1, **{reason: 1}))
    assert (found.path, found.code) == ("spec.column_mapping.when", "unknown_times")
    assert "1 has a time that cannot be" in found.message
    assert "never holds them out" in found.message


@pytest.mark.parametrize(
    "rows",
    [
        None,
        SourceRows(read=100, without_customer=2, without_product=1),
        SourceRows(read=100, without_time=3, missing_time=3),
    ],
)
def test_a_few_rows_are_no_warning(rows):
    assert list(check_rows(SPEC, rows)) == []


def test_rows_are_told_in_sentences():
    assert SourceRows(read=7).told == ["Of 7 rows read, none is dropped."]
    assert SourceRows(
        read=7, without_product=1, without_time=2, missing_time=1, unreadable_time=1
    ).told == [
        "Of 7 rows read, 1 (14.3%) is dropped: 1 without a product.",
        "Of the 6 that are used, 1 has no time, 1 has a time that cannot be read.",
    ]


def test_a_purchase_is_at_most_a_day_later_than_when_it_was_read():
    read = datetime(2024, 2, 28, 12, tzinfo=UTC)
    assert latest_time(read) == int(datetime(2024, 2, 29, 12, tzinfo=UTC).timestamp())
