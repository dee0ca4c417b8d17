"""What recommends without a model, over the held-out rows of the model."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field

from shared.arrays import Codes, np, room
from shared.baselines import (
    ExpectedBaseline,
    RankingBaseline,
    RecommendingBaseline,
    baselines,
)
from shared.measuring import HeldOut
from shared.metrics import of_ranking
from shared.statistics import Measured
from trainer_image.job.memory import give_back


@dataclass
class Recommended:
    """By baseline that recommends.

    Attributes:
        measured: its metrics.
        ranks: [held-out rows], where it puts their products; of those that order all products.
        expected: metrics that are the same over any rows; of the others.
        skipped: why it has no metrics.
    """

    measured: dict[str, Measured] = field(default_factory=dict)
    ranks: dict[str, Codes] = field(default_factory=dict)
    expected: dict[str, dict[str, float]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


@contextmanager
def begun(held_out: Callable[[], HeldOut]) -> Iterator[Future[Recommended]]:
    """What the baselines come to, computed beside what else the block does. Nobody waits for them
    where it ends early.

    Args:
        held_out: makes the held-out rows, as the first thing that is done there.
    """
    beside = ThreadPoolExecutor(1, thread_name_prefix="baselines")
    try:
        yield beside.submit(lambda: retrieval_baselines(held_out()))
    finally:
        beside.shutdown(wait=False)


def retrieval_baselines(held_out: HeldOut) -> Recommended:
    found = Recommended()
    for baseline in baselines().values():
        if not isinstance(baseline, RecommendingBaseline):
            continue
        if (reason := baseline.skipped(held_out)) is not None:
            found.skipped[baseline.name] = reason
        elif isinstance(baseline, RankingBaseline):
            ranked = baseline.ranked(held_out)
            ranks = found.ranks[baseline.name] = room(len(ranked.ranks), np.int32)
            ranks[:] = ranked.ranks
            found.measured[baseline.name] = of_ranking(ranked, held_out)
        elif isinstance(baseline, ExpectedBaseline):
            measured = baseline.measure(held_out)
            found.measured[baseline.name] = measured
            found.expected[baseline.name] = {
                name: value for name, value in measured.items() if isinstance(value, float)
            }
        give_back(len(held_out.train_product))
    return found
