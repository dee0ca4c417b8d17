"""Readers share one budget, and none is refused because others read beside it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from local.data.limits import Budget, Limits, MoreNeededError, Share
from shared.errors import UnavailableError
from tests.waiting import PATIENCE, eventually

LIMITS = Limits(memory="800MB", spill="8GB")
MB = 1_000_000


class Readers:
    """Readers that hold their shares until they are let go."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget
        self._pool = ThreadPoolExecutor(16)
        self.go = threading.Event()
        self.shares: list[Share] = []

    def start(self, needs: int = 0) -> None:
        def read(share: Share) -> None:
            if share.memory < needs:
                raise MoreNeededError
            self.shares.append(share)
            assert self.go.wait(PATIENCE)

        self._pool.submit(self._budget.run, read)

    def end(self) -> None:
        self.go.set()
        self._pool.shutdown()


def test_shares_halve_and_never_exceed_the_whole() -> None:
    readers = Readers(Budget(LIMITS))
    for count in range(1, 5):
        readers.start()
        eventually(lambda count=count: len(readers.shares) == count)
    readers.start()  # waits
    found = [(share.memory // MB, share.spill // MB) for share in readers.shares]
    assert found == [(400, 4000), (200, 2000), (100, 1000), (100, 1000)]
    readers.end()
    assert len(readers.shares) == 5


def test_who_needs_more_than_a_share_reads_alone_with_the_whole() -> None:
    readers = Readers(Budget(LIMITS))
    readers.start()
    eventually(lambda: readers.shares)
    readers.start(needs=700 * MB)
    later = Readers(readers._budget)
    eventually(lambda: readers._budget._alone)
    later.start()
    assert (len(readers.shares), later.shares) == (1, [])  # one waits, and the later one for it
    readers.go.set()
    eventually(lambda: later.shares)
    assert readers.shares[-1] == Share(800 * MB, 8000 * MB, final=True)
    later.end()
    readers.end()


def test_a_reader_that_fails_gives_back_what_it_had() -> None:
    budget = Budget(LIMITS)

    def fail(share: Share) -> None:
        raise MoreNeededError if not share.final else ValueError("as it is")

    for _ in range(3):
        with pytest.raises(ValueError, match="as it is"):
            budget.run(fail)
    assert budget.run(lambda share: share.memory) == 400 * MB


def test_who_will_not_wait_for_long_is_told() -> None:
    readers = Readers(Budget(LIMITS))
    readers.start(needs=700 * MB)
    eventually(lambda: readers.shares)
    with pytest.raises(UnavailableError, match="Other data is being read"):
        readers._budget.run(lambda _: None, patience=0.01)
    readers.end()
    assert readers._budget.run(lambda share: share.memory) == 400 * MB


@pytest.mark.parametrize(
    ("size", "share"), [("2GB", 10**9), ("1 GiB", 2**29), ("512MiB", 2**28), ("1.5kb", 750)]
)
def test_sizes_are_read_as_duckdb_reads_them(size: str, share: int) -> None:
    budget = Budget(Limits(memory=size, spill=size))
    assert budget.run(lambda found: (found.memory, found.spill)) == (share, share)


@pytest.mark.parametrize("size", ["", "lots", "-1GB", "1TB"])
def test_what_is_no_size_is_refused(size: str) -> None:
    with pytest.raises(ValueError, match="A size is written as"):
        Budget(Limits(memory=size))
