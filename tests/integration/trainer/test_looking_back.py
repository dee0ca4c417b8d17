"""Models that look back: what their training sees, and what they serve."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.documents.feature_config import FeatureConfig
from shared.documents.model_config import ModelConfig
from tests.integration.trainer.support import (
    Documents,
    TrainerProcess,
    make_job,
    probe,
    purchases,
)

pytestmark = [pytest.mark.trainer, pytest.mark.xdist_group("trainer")]

ROWS = 1500
SIGNATURES = ("serving_default", "buy_again", "discover", "query_embedding")


@dataclass(frozen=True)
class Seen:
    """What a training told.

    Attributes:
        splits: hashes of the transformed rows.
        fits: the same of the rows of each fit, in turn, and of those that it validates by.
    """

    splits: dict[str, list[str]]
    fits: list[dict[str, list[str]]]
    epochs: list[dict[str, Any]]
    arrays: dict[str, np.ndarray]


def small(recommended: Documents, **changes: Any) -> Documents:
    dataset, features, model = recommended
    tower = [{"type": "dense", "units": 8, "activation": None}]
    spec = {
        **model.spec.model_dump(mode="json"),
        "buyer_tower_layers": tower,
        "product_tower_layers": tower,
        "output_embedding_dim": 8,
        "top_k": 30,
        "reranker": {"candidates": 15, "popular": 5, "units": [6]},
        **changes,
    }
    return dataset, features, ModelConfig.model_validate({"id": "mc", "name": "m", "spec": spec})


def without_history(documents: Documents) -> Documents:
    """And without a time column: the split is random."""
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    del dataset.spec.column_mapping["purchased_at"]
    spec = features.spec.model_dump(mode="json")
    del spec["buyer_model_features"][1]
    return dataset, FeatureConfig.model_validate({"id": "fc", "name": "f", "spec": spec}), model


@pytest.fixture(scope="module")
def folder(recommended: Documents, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Of what `looking_back` leaves."""
    folder = tmp_path_factory.mktemp("looking_back")
    table = purchases().iloc[:ROWS]
    table.to_parquet(folder / "base.parquet")
    # The latest row is held out: somebody else buys something else there.
    planted = table.copy()
    latest = planted["purchased_at"].idxmax()
    planted.loc[latest, ["household_id", "product_id"]] = table.iloc[0][
        ["household_id", "product_id"]
    ].astype(int)
    planted.to_parquet(folder / "planted.parquet")
    documents = small(recommended)
    jobs = {
        "base": make_job(folder / "base", documents, folder / "base.parquet", epochs=1),
        "planted": make_job(folder / "planted", documents, folder / "planted.parquet", epochs=1),
        "random": make_job(
            folder / "random",
            documents,
            folder / "base.parquet",
            epochs=1,
            split={"strategy": "random"},
        ),
        "stops": make_job(
            folder / "stops",
            without_history(small(recommended, reranker=None)),
            folder / "base.parquet",
            epochs=2,
            early_stopping_patience=1,
        ),
    }
    (folder / "jobs.json").write_text(json.dumps({name: str(j.folder) for name, j in jobs.items()}))
    module = "tests.integration.trainer.looking_back"
    ended = TrainerProcess(folder, module, str(folder / "jobs.json"), str(folder)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    return folder


def seen(folder: Path, name: str) -> Seen:
    told = json.loads((folder / f"{name}.json").read_text())
    with np.load(folder / f"{name}.npz") as arrays:
        return Seen(**told, arrays=dict(arrays))


@pytest.fixture(scope="module")
def base(folder: Path) -> Seen:
    return seen(folder, "base")


@pytest.fixture(scope="module")
def answers(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "answers.json").read_text())
    return found


@pytest.mark.parametrize("name", ["base", "random", "stops"])
def test_towers_first_see_no_row_of_the_slice_and_then_all_of_it(folder: Path, name: str) -> None:
    """What they are validated by, and stopped by, is the slice; held-out rows are not even
    there."""
    found = seen(folder, name)
    train, fitting = (Counter(found.splits[split]) for split in ("train", "fitting"))
    first, second = found.fits
    assert 0.08 < fitting.total() / (train + fitting).total() < 0.12
    assert Counter(first["rows"]) == train
    assert Counter(first["validation"]) == fitting
    assert not fitting - Counter(second["rows"])
    assert not Counter(second["rows"]) - train - fitting
    assert "validation" not in second
    losses = [epoch["validation_loss"] for epoch in found.epochs]
    assert None not in losses[:-1]
    assert losses[-1] is None
    assert len(losses) == (3 if name == "stops" else 2)


def test_the_towers_go_on_with_the_newest_rows(base: Seen) -> None:
    """Of as long a time as the slice."""
    continued, fitting = len(base.fits[1]["rows"]), len(base.splits["fitting"])
    assert 1.5 * fitting < continued < 3 * fitting


def test_a_held_out_purchase_changes_nothing_that_is_trained_on(folder: Path, base: Seen) -> None:
    planted = seen(folder, "planted")
    assert base.splits["eval"] != planted.splits["eval"]
    for split in ("train", "fitting", "candidates"):
        assert base.splits[split] == planted.splits[split]
    assert base.fits == planted.fits
    assert set(base.arrays) > {"features", "bought", "starts", "facts_0", "facts_1"}
    for name, values in planted.arrays.items():
        np.testing.assert_allclose(values, base.arrays[name], rtol=1e-3, atol=1e-3, err_msg=name)


def test_the_saved_model_answers_in_a_fresh_process_as_it_was_trained(
    folder: Path, answers: dict[str, Any], tmp_path: Path
) -> None:
    questions = json.loads((folder / "questions.json").read_text())
    model = str(folder / "base" / "output" / "model")
    names = [(name, signature) for name in questions for signature in SIGNATURES]
    probe(
        tmp_path,
        *(
            (
                "call",
                {
                    "model": model,
                    "signature": signature,
                    "rows": questions[name],
                    "out": str(tmp_path / f"{name} {signature}.json"),
                },
            )
            for name, signature in names
        ),
    )
    for name, signature in names:
        found = json.loads((tmp_path / f"{name} {signature}.json").read_text())
        assert_alike(found, answers[f"{name}/{signature}"])


def assert_alike(found: dict[str, Any], expected: dict[str, Any]) -> None:
    assert all(alike(found, expected)), (found, expected)


def alike(found: dict[str, Any], expected: dict[str, Any]) -> list[bool]:
    """Which rows are, but for products whose scores differ in their last digits, which may change
    places, or be in a list or not at its end."""
    close = [
        np.isclose(found[key], values, rtol=1e-3, atol=1e-3).all(axis=1)
        for key, values in expected.items()
        if key != "candidate_ids"
    ]
    if "candidate_ids" in expected:
        ids, scores = expected["candidate_ids"], expected["scores"]
        rows = zip(found["candidate_ids"], found["scores"], ids, scores, strict=True)
        close.append(np.array([_same_products(*row) for row in rows]))
    return list(np.logical_and.reduce(close))


def _same_products(
    found: list[str], values: list[float], ids: list[str], scores: list[float]
) -> bool:
    known = dict(zip(ids, scores, strict=True))
    expected = [known.get(one, scores[-1]) for one in found]
    return np.allclose(values, expected, rtol=1e-3, atol=1e-3)


@pytest.mark.parametrize("signature", SIGNATURES)
def test_a_given_history_is_as_good_as_the_stored_one(
    answers: dict[str, Any], signature: str
) -> None:
    """In whatever order it is given. Of products that go equally well with it, as few purchases
    have many, the sum of one order may make others candidates than that of another."""
    assert np.mean(alike(answers[f"given/{signature}"], answers[f"stored/{signature}"])) > 0.9


def test_strangers_with_a_history_are_recommended_what_follows_from_it(
    answers: dict[str, Any],
) -> None:
    stored, strangers = (
        answers[f"{who}/buy_again"]["candidate_ids"] for who in ("stored", "of strangers")
    )
    for one, other in zip(stored, strangers, strict=True):
        assert set(one) == set(other)
    nothing = answers["nothing/buy_again"]
    assert not any(map(any, nothing["candidate_ids"]))
    assert all(map(any, answers["nothing/serving_default"]["candidate_ids"]))


@pytest.mark.parametrize("signature", SIGNATURES)
def test_unknown_products_are_left_out_and_negative_ages_are_now(
    answers: dict[str, Any], signature: str
) -> None:
    assert_alike(answers[f"odd/{signature}"], answers[f"even/{signature}"])


def test_the_two_lists_are_parts_of_the_one(folder: Path, answers: dict[str, Any]) -> None:
    rows = pd.read_parquet(folder / "base.parquet")
    questions = json.loads((folder / "questions.json").read_text())
    for row, customer in enumerate(questions["stored"]["household_id"]):
        both, own, others = (
            [one for one in answers[f"stored/{name}"]["candidate_ids"][row] if one]
            for name in ("serving_default", "buy_again", "discover")
        )
        bought = set(rows[rows["household_id"] == int(customer)]["product_id"].astype(str))
        assert own
        assert set(own) <= bought
        assert not set(own) & set(others)
        merged = [one for one in both if one in own]
        assert merged == [one for one in own if one in both]
        assert [one for one in both if one not in own] == others[: len(both) - len(merged)]


def test_ranks_are_places_in_the_served_lists(base: Seen) -> None:
    """Products that the re-ranker does not order come after those that it does."""
    found = base.arrays
    products = int(found["products"])
    behind = 0
    for row, product in enumerate(found["held_out_product"]):
        listed = [one for one in found["candidates"][row].tolist() if one >= 0]
        if product in listed:
            expected = listed.index(product) + 1
        else:
            expected = min(len(listed) + int(found["towers"][row]), products)
            behind += 1
        assert found["ranks"][row] == expected
    assert 0 < behind < len(found["ranks"])


def test_ranks_in_lists_are_places_among_own_products_or_among_all_others(base: Seen) -> None:
    """A product that the re-ranker does not order comes after those to discover; it is nowhere
    among those to buy again."""
    found = base.arrays
    listed = {True: 0, False: 0}
    for row, product in enumerate(found["held_out_product"]):
        repeat = bool(found["repeat"][row])
        both = zip(found["candidates"][row].tolist(), found["own"][row].tolist(), strict=True)
        mine = [one for one, own in both if one >= 0 and own == repeat]
        if product in mine:
            listed[repeat] += 1
            assert found["in_list"][row] == mine.index(product) + 1
        elif repeat:
            assert found["in_list"][row] > found["products"]
        else:
            assert found["in_list"][row] == len(mine) + found["towers"][row]
    assert min(listed.values()) > 0
    assert not found["repeat"].all()


def test_lists_are_of_the_best_candidates(base: Seen) -> None:
    found = base.arrays
    firsts = np.flatnonzero(found["held_out_first"])
    for mine, row in zip(found["lists"], firsts, strict=True):
        assert mine.tolist() == found["candidates"][row][: len(mine)].tolist()
