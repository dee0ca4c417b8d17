"""A cancel at every moment of a test's life, twice at once, and racing with its end."""

from __future__ import annotations

import logging
import threading
import time
from collections import Counter
from functools import partial

from shared.documents.quick_test import QuickTestStatus, TestState
from shared.ports import Ports
from shared.services import cancel_quick_test
from tests.torture import shop
from tests.torture.trial import Tally, trial
from tests.waiting import happens


@trial("faults", "cancels at every stage, twice, racing with the end", seconds=120)
def cancels(tally: Tally) -> None:
    logging.disable()
    running = shop.system(tally.folder, max_running_jobs=2)
    slow = tally.folder / "home" / "slow"
    moments: Counter[str] = Counter()
    with shop.seeded(tally) as chance, running.runtime:
        ports = running.ports
        chosen = shop.configs(tally.folder, ports)
        shop.settle(running)
        lifetime = _lifetime(ports, chosen)
        for number in range(tally.of(100, 12)):
            trains = number % 5 == 1  # for as long as the file is there
            slow.touch() if trains else slow.unlink(missing_ok=True)
            test_id = shop.quick_test(ports, chosen, training_seed=number)
            tally.tried()
            if trains:
                happens(partial(_is_training, ports, test_id))
            else:
                time.sleep(0 if number % 10 == 0 else chance.uniform(0, 2 * lifetime))
            before = shop.status_of(ports, test_id)
            moments[_moment(before)] += 1
            answers = _twice(ports, test_id)
            answers.append(cancel_quick_test(test_id, ports))
            if len({answer.state for answer in answers}) != 1 or not answers[0].state.ended:
                tally.loses(f"{test_id} was answered {[one.state.value for one in answers]}")
            if before.state.ended and before.state is not answers[0].state:
                tally.loses(f"{test_id} had ended {before.state.value} before the cancel")
            if shop.status_of(ports, test_id).state is not answers[0].state:
                tally.loses(f"{test_id} is no longer {answers[0].state.value}")
        slow.unlink(missing_ok=True)
        for fault in shop.settle(running):
            tally.loses(fault)
        happens(lambda: not shop.orphans(tally.folder / "home" / "jobs"))
        for orphan in shop.orphans(tally.folder / "home" / "jobs"):
            tally.loses(f"a job goes on: {orphan}")
    states = shop.audit(tally.folder / "home", running.ports, tally)
    tally.figure(", ".join(f"{n} {s}" for s, n in states.items()))
    tally.figure("cancelled while: " + ", ".join(f"{m} ({n})" for m, n in sorted(moments.items())))
    if states[TestState.CANCELLED.value] < 2 or states[TestState.COMPLETED.value] < 1:
        tally.loses(f"the cancels raced with nothing: {dict(states)}")


def _is_training(ports: Ports, test_id: str) -> bool:
    return shop.status_of(ports, test_id).stage == "train"


def _lifetime(ports: Ports, chosen: dict[str, str]) -> float:
    """Seconds that a test takes here and now, when nobody cancels it."""
    began = time.monotonic()
    test_id = shop.quick_test(ports, chosen)
    happens(lambda: shop.status_of(ports, test_id).state.ended)
    return time.monotonic() - began


def _moment(status: QuickTestStatus) -> str:
    if status.state is TestState.RUNNING:
        return status.stage.value if status.stage else "waiting for its turn"
    if status.state is not TestState.PENDING:
        return "ended"
    if status.job is not None:
        return "reserved"
    return "coded" if status.code else "validated" if status.pinned else "new"


def _twice(ports: Ports, test_id: str) -> list[QuickTestStatus]:
    answers: list[QuickTestStatus] = []
    both = threading.Barrier(2)

    def cancel() -> None:
        both.wait()
        answers.append(cancel_quick_test(test_id, ports))

    threads = [threading.Thread(target=cancel) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
