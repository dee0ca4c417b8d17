"""How fast and how large each deployed function starts: `make bench ONLY=functions`.

As deployed: the bundle is unpacked, and beside it are the locked requirements and nothing else,
with their bytecode, which Google's buildpack compiles. It does not compile the bundle's own source:
a new instance does.

A process of its own loads `main.py` as functions-framework does (*loaded*; `api` makes its
application too), then makes the adapters that the first request needs (*ready*). No request is
made. The median of three, in seconds of the processor, which other programs on the machine lengthen
less than those of the clock; beside `python -c pass`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import tempfile
import zipfile
from pathlib import Path

from bench.report import Report, Row
from bench.report import main as report_main

_REPOSITORY = Path(__file__).resolve().parents[1]
_PYTHON = _REPOSITORY / ".venv-functions" / "bin" / "python"
_RUNS = 3
_SETTINGS = {
    "RECSMITH_PROJECT": "recsmith-bench",
    "RECSMITH_LOCATION": "europe-west4",
    "RECSMITH_BUCKET": "recsmith-bench",
    "RECSMITH_AUTH": "run",
    "RECSMITH_VERTEX_ENDPOINT": "127.0.0.1:1",
    "FIRESTORE_EMULATOR_HOST": "127.0.0.1:1",
    "PUBSUB_EMULATOR_HOST": "127.0.0.1:1",
    "STORAGE_EMULATOR_HOST": "http://127.0.0.1:1",
}
_SAY = """
import resource
def say():
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(used.ru_utime + used.ru_stime, used.ru_maxrss)
"""
_LOAD = """
import functions_framework
functions_framework.create_app({name!r}, "main.py", {kind!r})
from functions import deployed
ports = deployed.ports()
{starts}
say()
{makes}
say()
"""
_EVENTS = "from functions import deliveries\nports.documents.get\nports.events.publish\n"
# By function: its signature, what starts with it, what its first request makes, and the reach; that
# of `launch_quick_test` and of the clock's is wider.
_FUNCTIONS = {
    "api": ("http", "deployed.app()", "ports.documents.get", 0.9),
    "publish_change": ("cloudevent", "", _EVENTS, 0.7),
    "validate_config": ("cloudevent", "", _EVENTS, 0.7),
    "generate_code": ("cloudevent", "", f"{_EVENTS}ports.artifacts.read", 0.7),
    "launch_quick_test": ("cloudevent", "", f"{_EVENTS}ports.pipelines.launch", 3.0),
    "track_quick_test": ("cloudevent", "", f"{_EVENTS}ports.pipelines.get", 0.7),
    "advance_sweep": ("cloudevent", "", _EVENTS, 0.7),
    "advance_tuning": ("cloudevent", "", _EVENTS, 0.7),
    "record_experiment": ("cloudevent", "", _EVENTS, 0.7),
    "send_messages": ("cloudevent", "", _EVENTS, 0.7),
    "reconcile": ("http", "", f"{_EVENTS}ports.pipelines.get", 3.0),
}


def measure() -> Report:
    """How fast and how large each deployed function starts."""
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        _deployed(Path(folder))
        return _measured(Path(folder))


def _deployed(folder: Path) -> None:
    """Unpacks the bundle there."""
    archive = folder / "functions.zip"
    subprocess.run([_PYTHON, _REPOSITORY / "infra" / "bundle.py", archive], check=True)
    with zipfile.ZipFile(archive) as opened:
        opened.extractall(folder)


def _measured(source: Path) -> Report:
    report = Report("Starting the functions")
    (base, memory), _ = _median("say()\nsay()", source)
    rows = [["`python -c pass`", f"{base:.2f}", f"{memory:.0f}", "", ""]]
    for name, (kind, starts, makes, reach) in _FUNCTIONS.items():
        program = _LOAD.format(name=name, kind=kind, starts=starts, makes=makes)
        (loaded, small), (ready, large) = _median(program, source)
        rows.append(
            [name, f"{loaded:.2f}", f"{small:.0f}", f"{ready:.2f}", f"{large:.0f}"],
        )
        report.rows.append(
            Row(
                f"{name} ready for its first request",
                f"{ready:.2f} s, {large:.0f} MiB",
                f"`python -c pass` {base:.2f} s, {memory:.0f} MiB",
                f"{ready / base:.0f}×",
                f"< {reach:.1f} s",
                ready < reach,
            )
        )
    report.table(["function", "loaded, CPU s", "MiB", "ready, CPU s", "MiB"], rows)
    return report


def _median(program: str, source: Path) -> list[tuple[float, float]]:
    """Seconds of the processor and MiB at the most, each time that the program says them."""
    runs = [_start(program, source) for _ in range(_RUNS)]
    return [
        (statistics.median(cpu for cpu, _ in said), statistics.median(size for _, size in said))
        for said in zip(*runs, strict=True)
    ]


def _start(program: str, source: Path) -> list[tuple[float, float]]:
    ended = subprocess.run(
        [_PYTHON, "-c", _SAY + program],
        capture_output=True,
        text=True,
        check=True,
        cwd=source,
        env={
            **os.environ,
            **_SETTINGS,
            "PYTHONPATH": str(source),
            "PYTHONDONTWRITEBYTECODE": "1",  # each start is that of a new instance
        },
    )
    said = [line.split() for line in ended.stdout.splitlines()]
    return [(float(cpu), int(kibibytes) / 1024) for cpu, kibibytes in said]


if __name__ == "__main__":
    report_main(measure)
