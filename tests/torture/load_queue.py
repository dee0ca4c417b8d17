"""Much asked at once: config writes, and quick tests whose training is stood in for."""

from __future__ import annotations

import itertools
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

from tests.torture.load_shop import Probe, System, features, model, running
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_WRITERS = 8
_ENDED = ("completed", "failed", "cancelled")
# Four workers take messages in their order; how far one may get ahead of those before it.
_OVERTAKEN_BY = 8
_SWEEP, _SWEEP_IN_FLIGHT = 10, 2
_TRAININGS = 2
_MEBIBYTES = 400.0


@trial("load", "config writes and quick tests at once (stand-in for training)", seconds=240)
def configs_and_quick_tests_at_once(tally: Tally) -> None:
    """All configs are judged, all tests end once and start in the order in which they were asked
    for, two at a time; the API answers meanwhile, and memory stays bounded. A sweep that is asked
    for in their midst holds up none of those after it by more than what it may have under way."""
    configs, tests = tally.of(1000, 60), tally.of(200, 10)
    with running(tally.folder, RECSMITH_TRAININGS=str(_TRAININGS)) as system:
        dataset = system.dataset()
        pair = (
            system.post("/api/feature-configs/", features(dataset, 0))["id"],
            system.post("/api/model-configs/", model(0))["id"],
        )
        before = system.mebibytes()
        with Probe(system, "/api/model-configs/?limit=20") as probe:
            asked = _write(system, dataset, pair, configs, tests)
            tally.tried(configs + tests)
            _judged(tally, system, configs)
            _ended(tally, system, asked)
            _in_order(tally, system, asked)
            _starved_by_nobody(tally, system, pair)
        for fault in probe.faults:
            tally.loses(fault)
        if probe.peak > _MEBIBYTES:
            tally.loses(f"{probe.peak:.0f} MiB held; at most {_MEBIBYTES:.0f} expected")
        tally.figure(f"p95 of the API {probe.milliseconds(95):.0f} ms")
        tally.figure(f"memory {before:.0f} → {probe.peak:.0f} MiB")


def _write(
    system: System, dataset: str, pair: tuple[str, str], configs: int, tests: int
) -> list[str]:
    """Sends everything at once; the tests one after another, in an order that is known. Returns
    the tests' ids."""
    spec = {"feature_config_id": pair[0], "model_config_id": pair[1], "data_sample_percent": 100}
    bodies = [
        ("/api/feature-configs/", features(dataset, n)) for n in range(1, configs // 2 + 1)
    ] + [("/api/model-configs/", model(n)) for n in range(1, configs - configs // 2 + 1)]
    with ThreadPoolExecutor(_WRITERS) as pool:
        written = [pool.submit(system.post, path, body) for path, body in bodies]
        asked = [
            system.post("/api/quick-tests/", {"name": f"Test {n}", "spec": {**spec, "seed": n}})
            for n in range(tests)
        ]
        for one in written:
            one.result()
    return [test["id"] for test in asked]


def _judged(tally: Tally, system: System, configs: int) -> None:
    def states() -> Counter[str]:
        everything = itertools.chain(
            system.items("/api/feature-configs/"), system.items("/api/model-configs/")
        )
        return Counter(config["status"]["validation"]["state"] for config in everything)

    if not happens(lambda: states()["valid"] == configs + 2):
        tally.loses(f"of {configs + 2} configs, these were judged: {dict(states())}")


def _ended(tally: Tally, system: System, asked: list[str]) -> None:
    def states() -> Counter[str]:
        return Counter(test["status"]["state"] for test in system.items("/api/quick-tests/"))

    happens(lambda: sum(states()[state] for state in _ENDED) >= len(asked))
    if states() != Counter(completed=len(asked)):
        tally.loses(f"of {len(asked)} tests: {dict(states())}")


def _started(system: System) -> list[str]:
    """Ids of tests in the order in which their jobs started."""
    jobs = (system.home / "starts.txt").read_text().split()
    return [job.removeprefix("quick-test-").removesuffix("-1") for job in jobs]


def _in_order(tally: Tally, system: System, asked: list[str]) -> None:
    started = _started(system)
    if Counter(started) != Counter(asked):
        tally.loses(f"{len(asked)} tests were asked for, {len(started)} jobs started")
        return
    place = {test: number for number, test in enumerate(started)}
    late = max(place[test] - number for number, test in enumerate(asked))
    tally.figure(f"started at most {max(late, 0)} places later than asked")
    if late > _OVERTAKEN_BY:
        tally.loses(f"a test was overtaken by {late} that were asked for after it")
    begun = [
        (test["status"]["started_at"], test["status"]["ended_at"])
        for test in system.items("/api/quick-tests/")
    ]
    moments = sorted([(start, 1) for start, _ in begun] + [(end, -1) for _, end in begun])
    together = max(itertools.accumulate(step for _, step in moments))
    tally.figure(f"{together} trained at once")
    if together > _TRAININGS:
        tally.loses(f"{together} trained at once; the limit is {_TRAININGS}")


def _starved_by_nobody(tally: Tally, system: System, pair: tuple[str, str]) -> None:
    """Of a sweep's tests, no more go before a test that is asked for after the sweep than the sweep
    may have under way: the first slot that is free after them is that test's."""
    slow = system.home / "slow"  # the stand-in trains until this is gone
    slow.touch()
    spec = {
        "feature_config_ids": [pair[0]],
        "model_config_ids": [pair[1]],
        "overrides": [{"training_seed": seed} for seed in range(_SWEEP)],
        "in_flight": _SWEEP_IN_FLIGHT,
    }
    before = len(_started(system))
    sweep = system.post("/api/sweeps/", {"name": "Many", "spec": spec})["id"]
    under_way = before + _SWEEP_IN_FLIGHT
    if not happens(lambda: len(_started(system)) == under_way):
        tally.loses("the sweep's first tests did not start")
    configs = {"feature_config_id": pair[0], "model_config_id": pair[1]}
    single = system.post("/api/quick-tests/", {"name": "After it", "spec": configs})["id"]
    path = f"/api/quick-tests/{single}/"
    happens(lambda: system.get(path)["status"]["state"] == "running")
    # Its place is that of one slot: two that are free at once are taken by two that start at once.
    system.post(f"/api/quick-tests/{_started(system)[before]}/cancel/", {})
    if not happens(lambda: len(_started(system)) > under_way):
        tally.loses("no test took the slot of one that was cancelled")
    elif (took := _started(system)[under_way]) != single:
        tally.loses(f"{took} of the sweep went before a test that was asked for after the sweep")
    slow.unlink()
    tally.tried(_SWEEP + 1)
    path = f"/api/sweeps/{sweep}/"
    if not happens(lambda: system.get(path)["status"]["state"] == "completed"):
        tally.loses(f"the sweep is {system.get(path)['status']['state']}")
