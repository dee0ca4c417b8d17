"""Kinds of events that are history alone: who reads them, and what each counts."""

from __future__ import annotations

import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from shared.documents.tables import Events
from shared.examples import MISSING_TIMESTAMP
from shared.jobs import MetricsReport
from tests.integration.trainer import event_kinds as kinds
from tests.integration.trainer.support import (
    Documents,
    TrainerJob,
    TrainerProcess,
    assert_trained_alike,
    finished,
    make_job,
    probe,
    purchases,
)
from tests.integration.trainer.test_looking_back import alike, assert_alike, small

pytestmark = pytest.mark.trainer

ROWS = 1200
WEIGHTS = {"purchase": 2.0, "view": 0.25}
Past = list[tuple[str, float, str]]


def events() -> pd.DataFrame:
    """Purchases, and twice as many views: of products that nobody bought, of strangers, at the
    moment of a purchase, after the last of them, at unknown times."""
    bought = purchases().iloc[:ROWS].assign(type="purchase")
    viewed = purchases().iloc[ROWS : 3 * ROWS].assign(type="view")
    random = np.random.default_rng(4)
    viewed["household_id"] = random.permutation(viewed["household_id"])
    viewed.iloc[:40, viewed.columns.get_loc("household_id")] = 99_999
    viewed.iloc[40:80, viewed.columns.get_loc("product_id")] = 99_999
    viewed.iloc[80:120, viewed.columns.get_loc("purchased_at")] = bought["purchased_at"].max()
    same = bought.sample(200, random_state=1).assign(type="view")
    clicks = purchases().iloc[:300].assign(type="click")
    return pd.concat([bought, viewed, same, clicks], ignore_index=True)


def told_of(documents: Documents, kinds_of: dict[str, Any] | None) -> Documents:
    dataset, features, model = documents
    dataset = dataset.model_copy(deep=True)
    dataset.status.columns.append(dataset.status.columns[0].model_copy(update={"name": "type"}))
    dataset.spec.events = Events.model_validate({"column": "type", **(kinds_of or {})})
    return dataset, features, model


@pytest.fixture(scope="module")
def jobs(recommended: Documents, tmp_path_factory: pytest.TempPathFactory) -> dict[str, TrainerJob]:
    folder = tmp_path_factory.mktemp("event_kinds")
    source = folder / "events.parquet"
    events().to_parquet(source)
    documents = small(recommended)
    history = told_of(
        documents, {"kinds": {"purchase": "target", "view": "history"}, "weights": WEIGHTS}
    )
    alone = told_of(documents, {"kinds": {"purchase": "target"}})
    return {
        "history": finished(make_job(folder / "history", history, source, epochs=1)),
        "tfx": finished(make_job(folder / "tfx", history, source, epochs=1, runner="tfx")),
        "alone": finished(make_job(folder / "alone", alone, source, epochs=1)),
    }


@pytest.fixture(scope="module")
def parts(jobs: dict[str, TrainerJob], tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    folder = tmp_path_factory.mktemp("parts")
    trainer = jobs["history"].request.trainer.uri.removeprefix("file://")
    module = "tests.integration.trainer.event_kinds"
    ended = TrainerProcess(folder, module, trainer, str(folder)).wait()
    assert ended.returncode == 0, ended.stderr[-4000:]
    with np.load(folder / "parts.npz") as found:
        return dict(found)


def table_of(job: TrainerJob, split: str) -> pd.DataFrame:
    return pd.read_parquet(job.output / "examples" / split / "part-00000.parquet")


@pytest.mark.parametrize("split", ["train", "fitting", "eval", "candidates"])
def test_views_are_never_trained_on_and_never_judged(
    jobs: dict[str, TrainerJob], split: str
) -> None:
    rows = table_of(jobs["history"], split)
    assert set(rows.pop("type")) <= {"purchase", ""}
    pd.testing.assert_frame_equal(rows, table_of(jobs["alone"], split))
    assert len(table_of(jobs["alone"], "history")) == 0


def test_views_change_no_baseline(jobs: dict[str, TrainerJob]) -> None:
    with_views, without = (
        MetricsReport.model_validate_json((jobs[name].output / "metrics.json").read_bytes())
        for name in ("history", "alone")
    )
    assert with_views.baselines == without.baselines
    assert with_views.protocol.train_rows == without.protocol.train_rows
    assert with_views.protocol.holdout_fingerprint == without.protocol.holdout_fingerprint
    assert with_views.rows.selected is not None
    assert with_views.rows.selected.history == 2 * ROWS + 200
    assert with_views.metrics != without.metrics


def test_both_runners_read_the_same_history(jobs: dict[str, TrainerJob]) -> None:
    pd.testing.assert_frame_equal(
        table_of(jobs["history"], "history"), table_of(jobs["tfx"], "history")
    )
    assert_trained_alike(jobs["history"].training, jobs["tfx"].training)


def stored(job: TrainerJob) -> dict[str, Past]:
    """What customers did before the end of the training rows, by the source itself."""
    trained = pd.concat([table_of(job, "train"), table_of(job, "fitting")])
    trained = trained[trained["purchased_at"] != MISSING_TIMESTAMP]
    end = int(trained["purchased_at"].max()) + 1
    found: dict[str, Past] = defaultdict(list)
    for row in trained.itertuples():
        found[row.household_id].append(
            (row.product_id, (end - row.purchased_at) / 86_400, "purchase")
        )
    everything = pd.concat([table_of(job, "train"), table_of(job, "fitting")])
    products = set(everything["product_id"])
    source = events()
    for row in source[(source["type"] == "view") & source["purchased_at"].notna()].itertuples():
        second = int(row.purchased_at.timestamp())
        customer, product = str(row.household_id), str(row.product_id)
        if second < end and customer in found and product in products:
            found[customer].append((product, (end - second) / 86_400, "view"))
    most = sorted(found, key=lambda one: (-len(found[one]), one))[:30]
    return {one: found[one] for one in most}


def asked(given: dict[str, Past], customers: list[str]) -> dict[str, list[Any]]:
    longest = max((len(past) for past in given.values()), default=0)
    padded = [[*given.get(one, [])] for one in customers]
    padded = [past + [("", 0.0, "")] * (longest - len(past)) for past in padded]
    return {
        "household_id": customers,
        "purchased_at": [MISSING_TIMESTAMP] * len(customers),
        "history_ids": [[one for one, _, _ in past] for past in padded],
        "history_ages": [[age for _, age, _ in past] for past in padded],
        "history_kinds": [[kind for _, _, kind in past] for past in padded],
    }


@pytest.fixture(scope="module")
def answers(
    jobs: dict[str, TrainerJob], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("answers")
    past = stored(jobs["history"])
    customers = [*past]
    (first, _, _), (second, _, _) = past[customers[0]][0], past[customers[1]][0]
    one: Past = [(first, 2.0, "purchase"), (second, 1.0, "view")]
    views: Past = [(first, 3.0, "view"), (second, 1.0, "view")]
    questions = {
        "stored": asked({}, customers),
        "given": asked({who: of[::-1] for who, of in past.items()}, customers),
        "no kinds": asked(
            {who: [(p, a, "") for p, a, _ in of] for who, of in past.items()}, customers
        ),
        "one": asked({"x": one}, ["x"]),
        "odd": asked({"x": [*one, (first, 0.5, "nonsense"), (first, 0.5, "click")]}, ["x"]),
        "views": asked({"x": views}, ["x"]),
    }
    calls = [
        (name, signature)
        for name in questions
        for signature in ("serving_default", "buy_again", "discover", "query_embedding")
    ]
    model = str(jobs["history"].output / "model")
    out = {call: str(folder / f"{number}.json") for number, call in enumerate(calls)}
    probe(
        folder,
        *(
            (
                "call",
                {"model": model, "signature": of, "rows": questions[name], "out": out[name, of]},
            )
            for name, of in calls
        ),
    )
    return {f"{name}/{of}": json.loads(Path(out[name, of]).read_text()) for name, of in calls}


@pytest.mark.parametrize("signature", ["serving_default", "buy_again", "query_embedding"])
def test_what_is_stored_are_the_events_before_the_last_purchase(
    answers: dict[str, dict[str, Any]], signature: str
) -> None:
    """Told of by a caller, they are answered alike; and not where all of them are purchases."""
    assert np.mean(alike(answers[f"given/{signature}"], answers[f"stored/{signature}"])) > 0.9
    with pytest.raises(AssertionError):
        assert_alike(answers[f"no kinds/{signature}"], answers[f"stored/{signature}"])


def test_what_was_viewed_alone_is_new_to_the_customer(answers: dict[str, dict[str, Any]]) -> None:
    own, new = (answers[f"one/{of}"]["candidate_ids"][0] for of in ("buy_again", "discover"))
    assert len([product for product in own if product]) == 1
    assert not set(own) & {product for product in new if product}
    assert not any(answers["views/buy_again"]["candidate_ids"][0])
    assert_alike(answers["odd/query_embedding"], answers["one/query_embedding"])


def past_of(customer: int, moment: int) -> list[tuple[int, float, float, bool]]:
    """Products, ages, weights and whether they are purchases, newest first."""
    drawn = kinds.drawn()
    rows = list(zip(*(of.tolist() for of in vars(drawn).values()), strict=True))
    end = max(time for _, _, time, _, bought in rows if bought) + 1
    first = min(t for who, what, t, _, _ in rows if t > MISSING_TIMESTAMP and min(who, what) >= 0)
    at = min(max(moment, first), end)
    mine = [
        (time, what, bought, weight)
        for who, what, time, weight, bought in rows
        if who == customer >= 0 and what >= 0 and MISSING_TIMESTAMP < time < at
    ]
    return [
        (what, (at - time) / kinds.DAY, weight, bought)
        for time, what, bought, weight in sorted(mine, reverse=True)
    ]


def pasts() -> list[list[tuple[int, float, float, bool]]]:
    return [past_of(*pair) for pair in zip(*(of.tolist() for of in kinds.asked()), strict=True)]


@pytest.mark.parametrize("prefix", ["newest", "given"])
def test_the_newest_events_are_those_strictly_before(parts: dict[str, Any], prefix: str) -> None:
    start = "" if prefix == "newest" else "given_"
    assert sum(map(bool, pasts())) > 15
    for row, past in enumerate(pasts()):
        newest = past[: kinds.LENGTH]
        rest = kinds.LENGTH - len(newest)
        assert parts[prefix][row].tolist() == [one[0] for one in newest] + [-1] * rest
        ages = [one[1] for one in newest] + [math.inf] * rest
        np.testing.assert_allclose(parts[f"{start}ages"][row], ages, rtol=1e-6)
        weights = [one[2] for one in newest] + [0.0] * rest
        np.testing.assert_allclose(parts[f"{start}weights"][row], weights)


def test_an_event_counts_its_weight_times_its_decay(parts: dict[str, Any]) -> None:
    table = kinds.table().astype(np.float64)
    mix = [math.log1p(math.exp(one)) for one in kinds.MIX]
    for found, shares, past in zip(parts["pooled"], parts["shares"], pasts(), strict=True):
        expected, squares = np.zeros(kinds.WIDTH), 1e-6
        for product, age, weight, _ in past[: kinds.LENGTH]:
            halved = zip(mix, kinds.HALF_LIVES, strict=True)
            counts = weight * sum(share * 2 ** (-age / life) for share, life in halved)
            expected += counts * table[product]
            squares += counts**2
        np.testing.assert_allclose(found, expected / math.sqrt(squares), rtol=1e-4, atol=1e-6)
        np.testing.assert_allclose(shares.sum(axis=0), found, rtol=1e-4, atol=1e-6)


def test_the_re_ranker_knows_purchases_alone(parts: dict[str, Any]) -> None:
    keys = [
        row * kinds.PRODUCTS + product
        for row, past in enumerate(pasts())
        for product in {one[0] for one in past if one[3]}
    ]
    assert sorted(parts["own_keys"].tolist()) == sorted(keys)
    counts = dict(zip(parts["own_keys"].tolist(), parts["own_features"][:, 1], strict=True))
    for row, past in enumerate(pasts()):
        for product in {one[0] for one in past if one[3]}:
            times = sum(one[0] == product and one[3] for one in past)
            key = row * kinds.PRODUCTS + product
            assert counts[key] == pytest.approx(math.log1p(times), rel=1e-5)
    np.testing.assert_allclose(parts["facts"], parts["facts_alone"], rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(parts["pairs"], parts["pairs_alone"], rtol=1e-4, atol=1e-5)


def test_kinds_that_are_not_named_count_nothing(parts: dict[str, Any]) -> None:
    assert parts["kind_weights"].tolist() == [0.25, 2.0, 2.0, 0.0]
    assert parts["are_purchases"].tolist() == [False, True, True, False]
