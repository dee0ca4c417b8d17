"""`kill -9` of the process that runs the deployed functions, over Google's emulators."""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from local.emulated.emulators import EmulatorsMissingError, check_installed
from local.jobs.tethered import tethered
from tests.integration.stand_in import stand_in
from tests.torture import shop
from tests.torture.trial import Tally, trial
from tests.waiting import happens

_PROGRAM = """
import sys, threading
from pathlib import Path
from local.emulated.system import install, serving_functions
from tests.integration.strict_firestore import strict_firestore
install(Path(sys.argv[1]), None)
with strict_firestore(), serving_functions(int(sys.argv[2])):
    threading.Event().wait()
"""


class KilledAgainAndAgain:
    """The functions in a process of their own, on one port, however often it is killed."""

    def __init__(self) -> None:
        self._home = Path()
        self._running = contextlib.ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self._port = int(probe.getsockname()[1])

    @contextlib.contextmanager
    def __call__(self, home: Path) -> Iterator[str]:
        self._home = home
        self.start()
        try:
            yield f"http://127.0.0.1:{self._port}"
        finally:
            self.kill()

    def start(self) -> None:
        """Returns once it answers."""
        command = [sys.executable, "-c", _PROGRAM, str(self._home), str(self._port)]
        log = self._running.enter_context((self._home / "functions.log").open("ab"))
        self._process = self._running.enter_context(tethered(command, log=log))
        while self._process.poll() is None:
            with (
                contextlib.suppress(OSError),
                socket.create_connection(("127.0.0.1", self._port), timeout=1),
            ):
                return
            time.sleep(0.05)
        raise RuntimeError("the functions do not start")

    def kill(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._running.close()


@trial("faults", "kill -9 of the functions over emulators", seconds=400, small=False)
def function_kills(tally: Tally) -> None:
    logging.disable()
    from local.emulated.system import emulated

    try:
        check_installed()
    except EmulatorsMissingError as missing:
        tally.tried()
        tally.figure(f"NOT TRIED: {missing}")
        return
    os.environ["RECSMITH_TRAINER_PYTHON"] = str(stand_in(tally.folder))
    os.environ["RECSMITH_MLFLOW_TRACKING_URI"] = "off"
    functions = KilledAgainAndAgain()
    with shop.seeded(tally) as chance, emulated(tally.folder / "home", functions):
        from functions import deployed

        ports = deployed.ports()
        chosen = shop.configs(tally.folder, ports)
        tests: list[str] = []
        done = threading.Event()

        def write() -> None:
            """Writes that are not killed: what is accepted is what must become of something."""
            while len(tests) < 20 and not done.wait(1.0):
                tests.append(shop.quick_test(ports, chosen, training_seed=len(tests)))

        writer = threading.Thread(target=write, daemon=True)
        writer.start()
        for _ in range(6):
            time.sleep(chance.uniform(0, 2.5))
            functions.kill()
            tally.tried()
            functions.start()
        done.set()
        writer.join()

        def all_ended() -> bool:
            return all(shop.status_of(ports, test_id).state.ended for test_id in tests)

        if not happens(all_ended):
            tally.loses("a test is stuck")
        states: Counter[str] = Counter()
        for test_id in tests:
            status = shop.status_of(ports, test_id)
            states[status.state.value] += 1
            told = [entry.what for entry in status.timeline]
            launches = [what for what in told if what.startswith("launched as")]
            if told.count("completed") != 1 or len(launches) > 1:
                tally.loses(f"{test_id} ended {status.state.value}: {told}")
            for code in (status.code.preprocessing, status.code.trainer) if status.code else ():
                if hashlib.sha256(ports.artifacts.read(code.uri)).hexdigest() != code.sha256:
                    tally.loses(f"{code.uri} is not what its name says")
    starts = Counter(_started(tally.folder))
    if twice := [job for job, number in starts.items() if number > 1]:
        tally.loses(f"trained twice: {twice}")
    if len(starts) != len(tests):
        tally.loses(f"{len(tests)} tests had {len(starts)} trainings")
    tally.figure(f"{len(tests)} tests: {dict(states)} (stand-in trainer)")


def _started(folder: Path) -> list[str]:
    """What the stand-in notes beside the folder of the jobs."""
    return [line for path in folder.rglob("starts.txt") for line in path.read_text().split()]
