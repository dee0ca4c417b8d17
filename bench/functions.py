"""How fast and how large each deployed function starts: `python -m bench.functions`.

A process of its own loads `functions/main.py` as functions-framework does (*start*; `api` makes its
application too); another one then makes the adapters that the function's first request needs. No
request is made. The median of three, in seconds of the processor, which other programs on the
machine lengthen less than those of the clock; beside `python -c pass`.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
from pathlib import Path

_REPOSITORY = Path(__file__).resolve().parents[1]
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
_LOAD = """
import functions_framework
functions_framework.create_app({name!r}, "functions/main.py", {kind!r})
from functions import deployed
ports = deployed.ports()
{use}
import sys
print("google.cloud.aiplatform_v1" in sys.modules)
"""
_EVENTS = "from functions import deliveries\nports.documents.get\nports.events.publish\n"
_APPLICATION = "deployed.app()\n"
# By function: its signature, what starts with it, and what its first request makes.
_FUNCTIONS = {
    "api": ("http", _APPLICATION, "ports.documents.get"),
    "publish_change": ("cloudevent", "", _EVENTS),
    "validate_config": ("cloudevent", "", _EVENTS),
    "generate_code": ("cloudevent", "", f"{_EVENTS}ports.artifacts.read"),
    "launch_quick_test": ("cloudevent", "", f"{_EVENTS}ports.pipelines.launch"),
    "track_quick_test": ("cloudevent", "", f"{_EVENTS}ports.artifacts.read"),
    "record_experiment": ("cloudevent", "", _EVENTS),
    "reconcile": ("http", "", f"{_EVENTS}ports.pipelines.get"),
}


def main() -> None:
    base, memory, _ = _median("print(False)")
    print("| function | start, s | MiB | × `pass` | with its adapters, s | MiB | Vertex AI |")
    print("|---|---|---|---|---|---|---|")
    print(f"| `python -c pass` | {base:.2f} | {memory:.0f} | 1 | | | |")
    for name, (kind, starts, makes) in _FUNCTIONS.items():
        start, memory, early = _median(_LOAD.format(name=name, kind=kind, use=starts))
        used, larger, late = _median(_LOAD.format(name=name, kind=kind, use=starts + makes))
        vertex = "at the start" if early else "when used" if late else "–"
        print(
            f"| {name} | {start:.2f} | {memory:.0f} | {start / base:.0f}"
            f" | {used:.2f} | {larger:.0f} | {vertex} |",
            flush=True,
        )


def _median(program: str) -> tuple[float, float, bool]:
    seconds, mebibytes, vertex = zip(*(_start(program) for _ in range(_RUNS)), strict=True)
    return statistics.median(seconds), statistics.median(mebibytes), vertex[-1]


def _start(program: str) -> tuple[float, float, bool]:
    """Seconds of the processor, MiB at the most, and whether Vertex AI's library was loaded."""
    report = (
        "\nimport resource\nused = resource.getrusage(resource.RUSAGE_SELF)"
        "\nprint(used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", program + report],
        capture_output=True,
        text=True,
        check=True,
        cwd=_REPOSITORY,
        env={**os.environ, **_SETTINGS, "PYTHONPATH": str(_REPOSITORY)},
    )
    *_, vertex, cpu, kibibytes = ended.stdout.split()
    return float(cpu), int(kibibytes) / 1024, vertex == "True"


if __name__ == "__main__":
    main()
