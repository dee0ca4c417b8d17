"""Whatever is delivered twice, late or out of order, the system ends in the same state."""

from __future__ import annotations

import random
from functools import cache
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from scenario import DATASET_SPEC, MODEL_SPEC, Shop, feature_spec

from shared.documents.base import Collection
from shared.events import Event
from shared.handlers import publish_change, reconcile
from shared.ports import DocumentChange

TIMES = {"created_at", "updated_at", "checked_at", "profiled_at", "at", "started_at", "ended_at"}
TIMES |= {"heard_at", "asked_at"}


def write(
    shop: Shop, collection: Collection, document_id: str, spec: dict, *, numbers: bool = False
) -> None:
    """As by a script: the spec alone, over whatever is there; or with its next revision."""
    snapshot = shop.documents.get(collection.path(document_id))
    data = snapshot.data if snapshot else {"name": document_id, "revision": 0}
    if numbers:
        data["revision"] += 1
    shop.documents.write(collection.path(document_id), {**data, "spec": spec})


STEPS = [
    (Collection.DATASETS, "ds", DATASET_SPEC),
    (Collection.FEATURE_CONFIGS, "fc", feature_spec("ds", 16)),
    (Collection.FEATURE_CONFIGS, "fc", feature_spec("nowhere")),
    (Collection.FEATURE_CONFIGS, "fc", feature_spec("ds", 64)),
    (Collection.MODEL_CONFIGS, "mc", {**MODEL_SPEC, "top_k": 5}),
    (Collection.MODEL_CONFIGS, "mc", MODEL_SPEC),
    (Collection.QUICK_TESTS, "qt", {"feature_config_id": "fc", "model_config_id": "mc"}),
]


class Post:
    """Delivers in any order, some things several times, and old ones again."""

    def __init__(self, shop: Shop, seed: int) -> None:
        self.shop = shop
        self.chance = random.Random(seed)
        self.delivered: list[DocumentChange | Event] = []

    def deliver(self, *, until_empty: bool) -> None:
        changes, events = self.shop.documents.changes, self.shop.events.published
        while changes or events:
            if not until_empty and self.chance.random() < 0.3:
                return
            queue: list[Any] = self.chance.choice([q for q in (changes, events) if q])
            item = queue.pop(self.chance.randrange(len(queue)))
            self.delivered.append(item)
            for _ in range(self.chance.choice([1, 1, 2, 3])):
                self._hand_over(item)
            if self.chance.random() < 0.1:
                self._hand_over(self.chance.choice(self.delivered))

    def _hand_over(self, item: DocumentChange | Event) -> None:
        if isinstance(item, Event):
            self.shop.handle(item)
        else:
            publish_change(item, self.shop.ports)


def timeless(data: Any) -> Any:
    if isinstance(data, dict):
        return {key: timeless(value) for key, value in data.items() if key not in TIMES}
    return [timeless(item) for item in data] if isinstance(data, list) else data


def whole(shop: Shop) -> dict[str, Any]:
    """What everything ended as: specs, revisions, verdicts, dimensions, code, the job."""
    paths = ("datasets/ds", "feature_configs/fc", "model_configs/mc", "quick_tests/qt")
    return {path: timeless(shop.documents.data(path)) for path in paths}


@settings(max_examples=12, deadline=None)
@given(st.integers(0, 2**32 - 1), st.booleans())
def test_creating_and_editing_ends_in_the_same_state_one_job_and_the_newest_code(seed, numbers):
    shop = Shop()
    post = Post(shop, seed)
    for step in STEPS[:-1]:
        write(shop, *step, numbers=numbers)
        post.deliver(until_empty=False)
    post.deliver(until_empty=True)
    write(shop, *STEPS[-1], numbers=numbers)
    post.deliver(until_empty=True)

    revision = shop.documents.data("feature_configs/fc")["revision"]
    status = shop.config("fc")
    assert status.validated(revision)
    assert f'"revision": {revision}' in shop.artifacts.read(status.preprocessing.uri).decode()
    test = shop.test("qt")
    assert test.state == "running"
    assert list(shop.pipelines.requests) == ["quick-test-qt-1"]
    assert test.code.preprocessing == status.preprocessing
    if numbers:  # otherwise edits that come faster than they are seen share a number
        assert whole(shop) == in_order()


@cache
def in_order() -> dict[str, Any]:
    shop = Shop()
    for step in STEPS:
        write(shop, *step, numbers=True)
        shop.settle()
    return whole(shop)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_a_quick_test_among_edits_runs_once_with_what_it_was_pinned_to(seed):
    shop = Shop()
    post = Post(shop, seed)
    steps = [STEPS[0], STEPS[1], STEPS[4], STEPS[6], STEPS[3], STEPS[5]]
    for step in steps:
        write(shop, *step)
        post.deliver(until_empty=False)
    post.deliver(until_empty=True)
    test = shop.test("qt")
    assert test.state == "running"
    ((job_id, request),) = shop.pipelines.requests.items()
    assert (job_id, request.preprocessing) == (test.job.job_id, test.code.preprocessing)
    source = shop.artifacts.read(request.preprocessing.uri).decode()
    assert f'"revision": {test.pinned.feature_config_revision}' in source
    version = shop.documents.data(
        f"feature_configs/fc/versions/{test.pinned.feature_config_revision}"
    )
    width = version["spec"]["buyer_model_features"][0]["embedding_dim"]
    assert f", {width}" in shop.artifacts.read(request.trainer.uri).decode()


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_where_events_are_lost_too_the_clock_mends_it(seed):
    shop = Shop()
    post = Post(shop, seed)
    for step in STEPS:
        write(shop, *step)
        while shop.documents.changes:  # the change feed loses nothing
            publish_change(shop.documents.changes.pop(0), shop.ports)
        lost = post.chance.sample(
            range(len(shop.events.published)), k=len(shop.events.published) // 2
        )
        for place in sorted(lost, reverse=True):
            del shop.events.published[place]
        post.deliver(until_empty=False)
    shop.events.published.clear()
    for _ in range(8):
        shop.clock.advance(61)
        reconcile(shop.ports)
        shop.settle()
    assert shop.config("fc").preprocessing is not None
    assert shop.test("qt").state in ("running", "failed")
    if shop.test("qt").state == "running":
        assert list(shop.pipelines.requests) == ["quick-test-qt-1"]
    else:  # judged while its feature config named no dataset
        assert "nowhere" in shop.test("qt").error.message
        assert shop.pipelines.requests == {}
