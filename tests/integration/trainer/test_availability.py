"""Products that may not be recommended, and products never sold, by a saved model's signatures."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from shared.columns import Column, ColumnType
from shared.documents.dataset import SideFound
from shared.documents.tables import ProductTable
from tests.integration.trainer.support import (
    Documents,
    TrainerJob,
    finished,
    make_job,
    probe,
    purchases,
)
from tests.integration.trainer.test_looking_back import small, without_history

pytestmark = pytest.mark.trainer

NEVER_SOLD, GONE = ["9000001", "9000002"], 20
CUSTOMERS = [str(1000 + number) for number in range(40)]


def catalogue() -> pd.DataFrame:
    """All products that are sold, of which some are gone, and some that nobody has bought; one of
    those is gone as well."""
    sold = sorted(purchases()["product_id"].unique())
    ids = [*map(str, sold), *NEVER_SOLD, "9000003"]
    gone = {*ids[::3][:GONE], "9000003"}
    return pd.DataFrame({"sku": ids, "stock": [0 if one in gone else 5 for one in ids]})


def documents_of(documents: Documents, folder: Path) -> Documents:
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    dataset.status.columns.append(Column(name="stock", type=ColumnType.INTEGER))
    found = SideFound(columns={"stock": "stock"}, key_type=ColumnType.STRING)
    dataset.status.sides = {"products": found}
    dataset.spec.products = ProductTable.model_validate(
        {
            "source": {"kind": "parquet", "uri": str(folder / "catalogue.parquet")},
            "key": "sku",
            "available": {"column": "stock", "op": ">", "value": 0},
        }
    )
    return dataset, features, model


@pytest.fixture(scope="module")
def jobs(recommended: Documents, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TrainerJob]:
    folder = tmp_path_factory.mktemp("availability")
    catalogue().to_parquet(folder / "catalogue.parquet")
    purchases().iloc[:1500].to_parquet(folder / "purchases.parquet")
    every = {"top_k": 300, "reranker": {"candidates": 300, "popular": 5, "units": [6]}}
    made = {
        "reranked": small(recommended, **every),
        "towers": without_history(small(recommended, top_k=300, reranker=None)),
    }
    return {
        name: finished(
            make_job(
                folder / name,
                documents_of(documents, folder),
                folder / "purchases.parquet",
                epochs=1,
            )
        )
        for name, documents in made.items()
    }


def answers(job: TrainerJob, folder: Path, *signatures: str) -> dict[str, Any]:
    rows = {
        "household_id": CUSTOMERS,
        "purchased_at": [-(2**63)] * len(CUSTOMERS),
        "history_ids": [[""]] * len(CUSTOMERS),
        "history_ages": [[0.0]] * len(CUSTOMERS),
    }
    calls: list[tuple[str, dict[str, Any]]] = [
        (
            "call",
            {
                "model": str(job.output / "model"),
                "signature": signature,
                "rows": rows,
                "out": str(folder / f"{signature}.json"),
            },
        )
        for signature in signatures
    ]
    probe(folder, *calls)
    return {one: json.loads((folder / f"{one}.json").read_text()) for one in signatures}


def listed(answer: dict[str, Any]) -> list[list[str]]:
    return [[product for product in row if product] for row in answer["candidate_ids"]]


def gone_and_left(job: TrainerJob) -> tuple[set[str], set[str]]:
    """Of the candidates, those that may not be recommended, and all others."""
    told = pd.read_parquet(job.output / "candidates.parquet")
    gone = set(told["product_id"][~told["available"]])
    return gone, set(told["product_id"]) - gone


def test_a_re_ranker_lists_no_product_that_is_gone(
    jobs: dict[str, TrainerJob], tmp_path: Path
) -> None:
    job = jobs["reranked"]
    gone, left = gone_and_left(job)
    assert len(gone) > GONE / 2
    assert "9000003" not in gone | left
    found = answers(
        job, tmp_path, "serving_default", "buy_again", "discover", "retrieve", "candidates"
    )
    for every, own, new in zip(
        *(listed(found[one]) for one in ("serving_default", "buy_again", "discover")), strict=True
    ):
        assert set(every) == left
        assert set(own) | set(new) == left
        assert not set(own) & set(new)
        assert set(NEVER_SOLD) <= set(new)
    # What is measured has them all, for they were held out too.
    assert all(set(row) == gone | left for row in listed(found["retrieve"]))
    assert all(len(set(row)) == len(gone | left) for row in found["candidates"]["products"])


def test_towers_alone_list_no_product_that_is_gone(
    jobs: dict[str, TrainerJob], tmp_path: Path
) -> None:
    job = jobs["towers"]
    gone, left = gone_and_left(job)
    found = answers(job, tmp_path, "serving_default", "retrieve")
    measured = found["retrieve"]
    for row, (every, served) in enumerate(
        zip(listed(measured), listed(found["serving_default"]), strict=True)
    ):
        assert set(every) == gone | left
        assert served == [product for product in every if product not in gone]
        scores = dict(zip(measured["candidate_ids"][row], measured["scores"][row], strict=True))
        told = found["serving_default"]["scores"][row][: len(served)]
        assert told == pytest.approx([scores[product] for product in served])
