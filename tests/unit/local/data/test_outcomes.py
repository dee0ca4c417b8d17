"""Tables of exposures and outcomes are counted as they are meant, however they are written."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import duckdb
import pytest

from local.data.outcomes import DuckDBOutcomes
from shared.documents.online_experiment import Experiment
from shared.online.outcomes import Outcomes, Tables
from shared.problems import InvalidError

EXPERIMENT = Experiment.model_validate(
    {
        "id": "ex-1",
        "salt": "ex-1",
        "began_at": "2026-03-01T00:00:00Z",
        "versions": [
            {"version": 1, "share_percent": 50, "quick_test_id": "qt-1"},
            {"version": 2, "share_percent": 50, "quick_test_id": "qt-2"},
        ],
    }
)
LATEST = "9,tea,2026-04-30T00:00:00Z,1"


def read(
    folder: Path,
    exposures: str,
    outcomes: str,
    *,
    days: float = 7,
    more: dict[str, Any] | None = None,
    zone: str | None = None,
    value: str | None = "value",
) -> Outcomes:
    """Reads two CSV tables; the outcomes get a header and a row of a stranger at the end of April,
    so that everybody's days are over."""
    (folder / "exposures.csv").write_text(exposures)
    (folder / "outcomes.csv").write_text(
        f"customer_id,product_id,time,value\n{outcomes}\n{LATEST}\n"
    )
    options = {"options": {"zone": zone}} if zone else {}
    tables = {
        "exposures": {
            "source": {"kind": "csv", "uri": str(folder / "exposures.csv"), **options},
            **(more or {}),
        },
        "outcomes": {
            "source": {"kind": "csv", "uri": str(folder / "outcomes.csv"), **options},
            "value": value,
        },
        "days": days,
    }
    return DuckDBOutcomes(folder / "spill").read(EXPERIMENT, Tables.model_validate(tables))


def test_each_customer_counts_once_from_the_first_exposure_for_so_many_days(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "customer_id,version,time\n"
        "a,1,2026-03-02T10:00:00Z\na,1,2026-03-05T10:00:00Z\n"
        "b,2,2026-03-02T10:00:00Z\nc,2,2026-03-02T10:00:00Z\nd,1,2026-03-02T10:00:00Z\n",
        "a,tea,2026-03-02T09:59:59Z,5\n"  # before
        "a,tea,2026-03-02T10:00:00Z,2\n"
        "a,milk,2026-03-09T09:59:59Z,3\n"
        "a,milk,2026-03-09T10:00:00Z,9\n"  # a week is over
        "b,tea,2026-03-03T00:00:00Z,4\nb,tea,2026-03-03T00:00:00Z,4\n"  # the same again
        "b,tea,2026-03-04T00:00:00Z,\n,tea,2026-03-04T00:00:00Z,1",
    )
    one, two = found.versions
    assert (one.customers, one.converted, two.customers, two.converted) == (2, 1, 2, 1)
    assert (one.purchases_mean, one.value_mean) == (1.0, 2.5)
    assert (two.purchases_mean, two.value_mean) == (1.0, 2.0)
    assert (one.purchases_variance, one.value_variance) == (2.0, 12.5)
    assert found.exposed == [2, 2]
    left = found.left_out
    assert (left.outcomes_before, left.outcomes_repeated) == (1, 1)
    assert (left.outcomes_unreadable, left.values_missing) == (1, 1)


def test_who_saw_several_versions_or_was_not_assigned_is_left_out_and_counted(
    tmp_path: Path,
) -> None:
    found = read(
        tmp_path,
        "customer_id,version,time,experiment_id,assigned_by\n"
        "a,1,2026-03-02T10:00:00Z,ex-1,customer\n"
        "b,1,2026-03-02T10:00:00Z,ex-1,customer\nb,2,2026-03-03T10:00:00Z,ex-1,customer\n"
        "c,2,2026-03-02T10:00:00Z,ex-0,customer\n"
        ",1,2026-03-02T10:00:00Z,ex-1,no_customer_id\n"
        "d,1,2026-03-02T10:00:00Z,ex-1,version_not_loaded\n"
        "e,7,2026-03-02T10:00:00Z,ex-1,customer\n"
        "f,2,never,ex-1,customer\n"
        "g,2,2026-03-02T10:00:00Z,ex-1,customer\n",
        "b,tea,2026-03-04T00:00:00Z,1",
        more={"experiment_id": "experiment_id", "assigned_by": "assigned_by"},
    )
    left = found.left_out
    assert found.exposed == [1, 1]
    assert left.customers_of_several_versions == 1
    assert left.exposures_of_others == 1
    assert left.exposures_not_assigned == 2
    assert left.exposures_of_unknown_versions == 1
    assert left.exposures_unreadable == 1
    assert sum(one.converted for one in found.versions) == 0


def test_customers_whose_days_are_not_over_are_counted_and_wait(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "customer_id,version,time\na,1,2026-03-02T10:00:00Z\nb,2,2026-04-29T10:00:00Z\n",
        "b,tea,2026-04-29T11:00:00Z,1",
    )
    assert found.exposed == [1, 1]
    assert [one.customers for one in found.versions] == [1, 0]
    assert found.left_out.customers_not_yet_over == 1


def test_only_products_that_were_shown_before_count_as_shown(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "customer_id,version,time,product_ids\n"
        "a,1,2026-03-02T10:00:00Z,tea|green tea\nb,1,2026-03-02T10:00:00Z,milk\n"
        "c,2,2026-03-02T10:00:00Z,salt\nc,2,2026-03-04T10:00:00Z,tea\n",
        "a,green tea,2026-03-03T00:00:00Z,1\nb,tea,2026-03-03T00:00:00Z,1\n"
        "c,tea,2026-03-03T00:00:00Z,1",
        more={"product_ids": "product_ids"},
    )
    assert [one.converted for one in found.versions] == [2, 1]
    assert [one.converted_shown for one in found.versions] == [1, 0]


def test_times_without_a_zone_are_of_the_zone_that_is_said(tmp_path: Path) -> None:
    exposures = (
        "customer_id,version,time\na,1,2026-03-02T10:00:00+01:00\nb,2,2026-03-02T09:00:00Z\n"
    )
    bought = "a,tea,2026-03-02 09:30:00,1"
    assert read(tmp_path, exposures, bought).versions[0].converted == 1
    assert read(tmp_path, exposures, bought, zone="Europe/Berlin").versions[0].converted == 0


def test_the_log_as_the_server_writes_it_and_ids_of_any_type_belong_together(
    tmp_path: Path,
) -> None:
    lines = [
        {
            "experiment_id": "ex-1",
            "version": 1 + number % 2,
            "assigned_by": "customer",
            "customer_id": str(number),
            "time": "2026-03-02T10:00:00.123456Z",
            "product_ids": ["10", "11"] if number < 4 else ["12"],
        }
        for number in range(8)
    ]
    log = tmp_path / "log.jsonl"
    log.write_text("\n".join(map(json.dumps, lines)))
    bought = tmp_path / "bought.parquet"
    with duckdb.connect() as database:
        database.sql(
            "SELECT CAST(i AS DOUBLE) AS customer_id, 11 AS product_id, "
            "TIMESTAMP '2026-03-03 00:00:00' + to_days(CAST(i // 100 AS INTEGER)) AS time "
            "FROM (VALUES (1), (2), (7), (900)) t(i)"
        ).write_parquet(str(bought))
    tables = {
        "exposures": {
            "source": {"kind": "json", "uri": str(log)},
            "product_ids": "product_ids",
            "experiment_id": "experiment_id",
            "assigned_by": "assigned_by",
        },
        "outcomes": {"source": {"kind": "parquet", "uri": str(bought)}},
    }
    found = DuckDBOutcomes(tmp_path).read(EXPERIMENT, Tables.model_validate(tables))
    assert [one.customers for one in found.versions] == [4, 4]
    assert [one.converted for one in found.versions] == [1, 2]
    assert [one.converted_shown for one in found.versions] == [1, 1]


@pytest.mark.parametrize(
    ("exposures", "more", "path", "said"),
    [
        ("who,version,time\na,1,2026-03-02\n", {}, "exposures.customer_id", "It has: who"),
        ("customer_id,version,time\na,1,soon\n", {}, "exposures.time", "has no times"),
        ("customer_id,version,time\na,1,17\n", {}, "exposures.time", "has no times"),
        ("customer_id,version,time\n", {}, "exposures.source.uri", "no row"),
        (
            "customer_id,version,time\na,1,2026-03-02\n",
            {"product_ids": "p"},
            "exposures.product_ids",
            "no column 'p'",
        ),
    ],
)
def test_what_is_wrong_with_a_table_is_said_with_its_field(
    tmp_path: Path, exposures: str, more: dict[str, Any], path: str, said: str
) -> None:
    with pytest.raises(InvalidError) as found:
        read(tmp_path, exposures, "a,tea,2026-03-03T00:00:00Z,1", more=more)
    (problem,) = found.value.problems
    assert problem.path == path
    assert said in problem.message


def test_a_table_that_is_not_there_is_said(tmp_path: Path) -> None:
    source = {"kind": "csv", "uri": str(tmp_path / "none.csv")}
    tables = Tables.model_validate(
        {"exposures": {"source": source}, "outcomes": {"source": source}}
    )
    with pytest.raises(InvalidError) as found:
        DuckDBOutcomes(tmp_path).read(EXPERIMENT, tables)
    assert found.value.problems[0].path == "exposures.source.uri"


@pytest.mark.parametrize("seed", range(3))
def test_drawn_tables_are_counted_as_by_hand(tmp_path: Path, seed: int) -> None:
    drawn = Random(seed)
    start = datetime(2026, 3, 1, tzinfo=UTC)
    exposures = [
        (f"c{drawn.randrange(30)}", drawn.choice((1, 1, 1, 2)), drawn.randrange(500))
        for _ in range(60)
    ]
    outcomes = [
        (f"c{drawn.randrange(35)}", f"p{drawn.randrange(5)}", drawn.randrange(600), hour)
        for hour in range(200)
    ]

    def moment(hour: int) -> str:
        return (start + timedelta(hours=hour)).isoformat()

    found = read(
        tmp_path,
        "customer_id,version,time\n"
        + "".join(f"{c},{v},{moment(hour)}\n" for c, v, hour in exposures),
        "\n".join(f"{c},{p},{moment(hour)},{value}" for c, p, hour, value in outcomes),
        days=4,
    )
    seen: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for customer, version, hour in exposures:
        seen[customer].append((hour, version))
    several = {one for one, of in seen.items() if len({version for _, version in of}) > 1}
    assert found.left_out.customers_of_several_versions == len(several)
    for told in found.versions:
        mine = {
            customer: min(of)[0]
            for customer, of in seen.items()
            if customer not in several and of[0][1] == told.version
        }
        bought = {
            customer: [
                (hour, value)
                for who, _, hour, value in outcomes
                if who == customer and first <= hour < first + 96
            ]
            for customer, first in mine.items()
        }
        assert told.customers == len(mine)
        assert told.converted == sum(map(bool, bought.values()))
        count = max(len(mine), 1)
        assert told.purchases_mean == pytest.approx(sum(map(len, bought.values())) / count)
        worth = sum(value for each in bought.values() for _, value in each)
        assert told.value_mean == pytest.approx(worth / count)
