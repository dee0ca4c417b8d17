"""Services that are slow, refuse, answer wrongly or by half, or never come back."""

from __future__ import annotations

import logging
import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import fields, replace
from datetime import timedelta
from functools import partial
from typing import Any

from google.api_core import exceptions

from shared.errors import AlreadyExistsError, ConflictError, NotFoundError
from shared.handlers import Patience
from shared.jobs import METRICS_FILE
from shared.ports import Ports
from tests.torture import shop
from tests.torture.events import OPTIONS, Clock
from tests.torture.trial import Tally, trial
from tests.waiting import happens

# What the services of Google Cloud, a network and SQLite say of what passes.
PASSING: list[Callable[[], Exception]] = [
    lambda: ConflictError("a transaction lost against others"),
    lambda: exceptions.Aborted("too much contention"),
    lambda: exceptions.ServiceUnavailable("try again"),
    lambda: exceptions.ResourceExhausted("Quota exceeded for quota metric 'Create requests'"),
    lambda: exceptions.TooManyRequests("slow down"),
    lambda: exceptions.DeadlineExceeded("504"),
    lambda: exceptions.InternalServerError("an error of ours"),
    lambda: ConnectionResetError("connection reset by peer"),
    lambda: TimeoutError("timed out"),
]
_AWAY = 2.0  # every call is refused before anything is done
_FAULTY = ("documents", "events", "artifacts", "pipelines", "data")


class Faulty:
    """A port some calls of which meet a fault: before anything was done, or after, when the
    answer is lost. `rate` of them fail, and as many are slow."""

    def __init__(self, port: Any, name: str, chance: random.Random, met: Counter[str]) -> None:
        self._port, self._name, self._chance, self._met = port, name, chance, met
        self.rate = 0.0

    def __getattr__(self, method: str) -> Any:
        call = getattr(self._port, method)

        def perhaps(*arguments: Any, **named: Any) -> Any:
            if method == "uri":  # asks nobody
                return call(*arguments, **named)
            lot = self._chance.random()
            if lot < self.rate / 2:
                raise self._fault()
            if self._chance.random() < self.rate:
                time.sleep(self._chance.uniform(0, 0.05))
            answer = call(*arguments, **named)
            if lot < self.rate:
                raise self._fault()
            return answer

        return perhaps

    def _fault(self) -> Exception:
        fault = self._chance.choice(PASSING)()
        self._met[f"{self._name}: {type(fault).__name__}"] += 1
        return fault


class Around:
    """Puts `Faulty` between the handlers and all ports that are services."""

    def __init__(self, chance: random.Random) -> None:
        self.met: Counter[str] = Counter()
        self.ports: dict[str, Faulty] = {}
        self._chance = chance

    def __call__(self, ports: Ports) -> Ports:
        self.ports = {
            field.name: Faulty(getattr(ports, field.name), field.name, self._chance, self.met)
            for field in fields(ports)
            if field.name in _FAULTY
        }
        faulty: dict[str, Any] = dict(self.ports)
        return replace(ports, **faulty)

    def set(self, rate: float, *names: str) -> None:
        for name in names or _FAULTY:
            self.ports[name].rate = rate


@trial("faults", "services slow, refusing, losing answers, away", seconds=240)
def passing(tally: Tally) -> None:
    logging.disable()
    met: Counter[str] = Counter()
    rounds, wanted = tally.of(3, 1), tally.of(60, 15)
    with shop.seeded(tally) as chance:
        for number in range(5 * rounds):
            if number >= rounds and met.total() >= wanted:  # on a busy machine a round meets few
                break
            folder = tally.folder / str(number)
            folder.mkdir()
            around = Around(chance)
            running = shop.system(folder, clock=Clock(60), seen_by_handlers=around, **OPTIONS)
            around.set(0.08)
            with running.runtime:
                chosen = shop.configs(folder, running.ports)
                for seed in range(tally.of(4, 3)):
                    shop.quick_test(running.ports, chosen, training_seed=seed)
                    tally.tried()
                    around.set(1.0, chance.choice(_FAULTY))  # quite away
                    time.sleep(0.7)
                    around.set(0.08)
                happens(partial(_all_ended, running.ports), tally.of(60.0, 5.0))
                around.set(0.0)
                for letter in running.events.dead_letters():  # what the reconciler has mended
                    running.events.retry(letter.id)
                for fault in shop.settle(running):
                    tally.loses(fault)
            shop.audit(folder / "home", running.ports, tally)
            met += around.met
    tally.figure(f"{met.total()} faults of {len(met)} kinds, no test failed for one")
    if met.total() < wanted:
        tally.loses(f"too few faults to mean anything: {met}")


class Lying:
    """A pipeline service that has launched before what it has not, or does not know what it has;
    an artifact store that gives half of a file."""

    def __init__(self, port: Any, lie: str) -> None:
        self._port, self._lie = port, lie

    def __getattr__(self, method: str) -> Any:
        return getattr(self._port, method)

    def launch(self, request: Any) -> None:
        if self._lie == "AlreadyExists":
            raise AlreadyExistsError("job", request.job_id)
        self._port.launch(request)

    def get(self, job_id: str) -> Any:
        if self._lie == "NotFound":
            raise NotFoundError("job", job_id)
        return self._port.get(job_id)

    def read(self, uri: str) -> bytes:
        content: bytes = self._port.read(uri)
        half = self._lie == "half an answer" and uri.endswith(METRICS_FILE)
        return content[: len(content) // 2] if half else content


_LIES = {
    "AlreadyExists": "The pipeline service does not know the job",
    "NotFound": "The pipeline service does not know the job",
    "half an answer": "metrics.json is malformed",
}


@trial("faults", "services that answer wrongly", seconds=60)
def lies(tally: Tally) -> None:
    logging.disable()
    for lie, wanted in _LIES.items():
        folder = tally.folder / lie.replace(" ", "-")
        folder.mkdir()

        def lying(ports: Ports, lie: str = lie) -> Ports:
            return replace(
                ports,
                pipelines=Lying(ports.pipelines, lie),
                artifacts=Lying(ports.artifacts, lie),
            )

        running = shop.system(folder, clock=Clock(60), seen_by_handlers=lying, **OPTIONS)
        with running.runtime:
            test_id = shop.quick_test(running.ports, shop.configs(folder, running.ports))
            for fault in shop.settle(running):
                tally.loses(f"{lie}: {fault}")
        tally.tried()
        status = shop.status_of(running.ports, test_id)
        if status.error is None or wanted not in status.error.message:
            tally.loses(f"{lie}: the test ended {status.state.value}, {status.error}")
        shop.audit(folder / "home", running.ports, tally, may_fail={test_id})
    tally.figure("each a clear failure of its test: " + ", ".join(_LIES))


@trial("faults", "services that never come back", seconds=120)
def silence(tally: Tally) -> None:
    """After twice the time that is a setting, here some seconds, and one round of the reconciler,
    whose rounds come at most half a minute apart."""
    logging.disable()
    patience = Patience(pending=timedelta(seconds=2), running=timedelta(seconds=3))
    took: dict[str, float] = {}
    for away in ("pipelines", "pipelines once it runs", "events", "artifacts")[: tally.of(4, 2)]:
        folder = tally.folder / away.replace(" ", "-")
        folder.mkdir()
        around = Around(random.Random(0))
        options = {**OPTIONS, "patience": patience, "seen_by_handlers": around}
        running = shop.system(folder, **options)
        (folder / "home" / "slow").touch()
        with running.runtime:
            chosen = shop.configs(folder, running.ports)
            happens(partial(_judged, running.ports))
            late = away.endswith("runs")
            around.set(0 if late else _AWAY, away.split()[0])
            test_id = shop.quick_test(running.ports, chosen)
            tally.tried()
            if late:
                happens(partial(_is, running.ports, test_id, "running"))
                around.set(_AWAY, "pipelines")
            began = time.monotonic()
            failed = happens(partial(_is, running.ports, test_id, "failed"))
            took[away] = time.monotonic() - began
            error = shop.status_of(running.ports, test_id).error
            wanted = f"No news for {6 if late else 4} s"
            if not failed or error is None or not error.message.startswith(wanted):
                tally.loses(f"{away} away: after {took[away]:.0f} s {error}")
    tally.figure(
        "patience 2 s pending, 3 s running; failed after: "
        + ", ".join(f"{away} {seconds:.0f} s" for away, seconds in took.items())
    )


def _judged(ports: Ports) -> bool:
    found = ports.documents.query(shop.FEATURES)
    return all((one.data["status"].get("preprocessing") or {}) for one in found)


def _is(ports: Ports, test_id: str, state: str) -> bool:
    return shop.status_of(ports, test_id).state == state


def _all_ended(ports: Ports) -> bool:
    found = ports.documents.query(shop.TESTS)
    return all(shop.status_of(ports, one.id).state.ended for one in found)
