"""A customer's id is found wherever it stands, and nothing else is taken for it."""

from __future__ import annotations

import pytest

from shared.customers import Customer, index_of


def test_an_index_tells_whose_rows_there_are_without_their_ids() -> None:
    index = index_of([f"c{number}" for number in range(1000)])
    assert all(Customer(f"c{number}").is_in(index) for number in range(1000))
    assert not any(Customer(f"d{number}").is_in(index) for number in range(1000))
    assert not Customer("c1").is_in(b"")
    assert b"c999" not in index


def test_an_id_counts_as_columns_of_each_type_write_it() -> None:
    assert Customer("1003.0").is_in(index_of(["1003"]))
    assert Customer("TRUE").is_in(index_of(["true"]))


@pytest.mark.parametrize(
    ("customer", "text", "left"),
    [
        ("C-1003", "no row of C-1003 fits", "no row of (erased) fits"),
        ("C-1003", "C-10031 and XC-1003 are others", "C-10031 and XC-1003 are others"),
        ("7", "7 rows of '7' in 7.5 s", "7 rows of '(erased)' in 7.5 s"),
        ("a.b*c", "a.b*c, aXbbc", "(erased), aXbbc"),
    ],
)
def test_texts_lose_the_id_and_no_part_of_another(customer: str, text: str, left: str) -> None:
    assert Customer(customer).erased(text) == left


def test_a_profile_loses_the_id_in_the_customers_column_alone() -> None:
    def column(name: str) -> dict[str, object]:
        statistics = {
            "unique_count": 3,
            "min": 7.0,
            "max": 90.0,
            "histogram": [1, 2],
            "samples": ["7", "8"],
            "top_values": [{"value": "7", "count": 4}, {"value": "9", "count": 1}],
        }
        return {"name": name, "type": "INTEGER", "statistics": statistics}

    dataset = {
        "spec": {"column_mapping": {"who": "customer_id", "age": "customer_age"}},
        "status": {
            "columns": [column("who"), column("age")],
            "insight": {"measured": {"bots": {"customers": 2, "names": ["7", "8"]}}},
        },
    }
    status = Customer("7").erased_from(dataset)["status"]
    mine, other = (one["statistics"] for one in status["columns"])
    assert mine == {
        **{"unique_count": 3, "min": None, "max": None, "histogram": []},
        **{"samples": ["8"], "top_values": [{"value": "9", "count": 1}]},
    }
    assert other == column("age")["statistics"]
    assert status["insight"]["measured"]["bots"] == {"customers": 2, "names": ["8"]}
    assert Customer("70").erased_from(dataset) is dataset
