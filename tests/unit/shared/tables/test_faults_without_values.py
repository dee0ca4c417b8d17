"""What DuckDB says of a value is told without the value, which may be a customer's id."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from shared.tables.faults import reason_of, without_values

WHO = "C-1003"


@pytest.mark.parametrize(
    "query",
    [
        f"SELECT CAST('{WHO}' AS INT)",
        f"SELECT CAST('{WHO}' AS DATE)",
        f"SELECT CAST('{WHO}' AS BOOLEAN)",
        f"SELECT strptime('{WHO}', '%Y')",
        "SELECT CAST(v AS INT) FROM (SELECT 1003100310 * 99 AS v)",
    ],
)
def test_a_value_that_cannot_be_converted_is_not_shown(query: str) -> None:
    with pytest.raises(duckdb.Error) as error, duckdb.connect() as connection:
        connection.execute(query).fetchall()
    first = str(error.value).split("\n")[0]
    assert "1003" not in without_values(first)
    assert "1003" not in reason_of(error.value, [Path("a.csv")])


def test_a_line_that_cannot_be_read_is_named_by_its_number(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"customer,n\na,1\n{WHO},abc\n")
    columns = "{'customer': 'VARCHAR', 'n': 'BIGINT'}"
    query = f"SELECT * FROM read_csv(?, columns = {columns}, header = true, auto_detect = false)"
    with pytest.raises(duckdb.Error) as error, duckdb.connect() as connection:
        connection.execute(query, [str(file)]).fetchall()
    assert WHO in str(error.value)
    said = reason_of(error.value, [file])
    assert said.startswith('a.csv, line 3: Error when converting column "n"')
    assert WHO not in said
    assert "abc" not in said
    assert WHO not in without_values(str(error.value))
