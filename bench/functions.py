"""How fast and how large each deployed function starts: `python -m bench.functions`.

Each row is a process of its own that loads `functions/main.py` as functions-framework does, makes
the adapters that the function uses first, and exits; beside `python -c pass`. No request is made. The median of three starts; where
other programs keep the machine busy, the processor's seconds say more than the clock's.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
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
# By function: its signature, and what its first request makes.
_FUNCTIONS = {
    "api": ("http", "deployed.app()\nports.documents.get"),
    "publish_change": ("cloudevent", _EVENTS),
    "validate_config": ("cloudevent", _EVENTS),
    "generate_code": ("cloudevent", f"{_EVENTS}ports.artifacts.read"),
    "launch_quick_test": ("cloudevent", f"{_EVENTS}ports.pipelines.launch"),
    "track_quick_test": ("cloudevent", f"{_EVENTS}ports.artifacts.read"),
    "record_experiment": ("cloudevent", _EVENTS),
    "reconcile": ("http", f"{_EVENTS}ports.pipelines.get"),
}


def main() -> None:
    _, base, memory, _ = _median("print(False)")
    print("| function | seconds | of the processor | × `pass` | MiB | Vertex AI |")
    print("|---|---|---|---|---|---|")
    print(f"| `python -c pass` | | {base:.2f} | 1 | {memory:.0f} | – |")
    for name, (kind, use) in _FUNCTIONS.items():
        wall, cpu, memory, vertex = _median(_LOAD.format(name=name, kind=kind, use=use))
        loaded = "loaded" if vertex else "–"
        print(
            f"| {name} | {wall:.2f} | {cpu:.2f} | {cpu / base:.0f} | {memory:.0f} | {loaded} |",
            flush=True,
        )


def _median(program: str) -> tuple[float, float, float, bool]:
    runs = [_start(program) for _ in range(_RUNS)]
    wall, cpu, memory, vertex = zip(*runs, strict=True)
    return *map(statistics.median, (wall, cpu, memory)), vertex[-1]


def _start(program: str) -> tuple[float, float, float, bool]:
    """Seconds by the clock and of the processor, MiB at the most, and whether Vertex AI's library
    was loaded."""
    report = (
        "\nimport resource\nused = resource.getrusage(resource.RUSAGE_SELF)"
        "\nprint(used.ru_utime + used.ru_stime, used.ru_maxrss)"
    )
    begun = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", program + report],
        capture_output=True,
        text=True,
        check=True,
        cwd=_REPOSITORY,
        env={**os.environ, **_SETTINGS, "PYTHONPATH": str(_REPOSITORY)},
    )
    seconds = time.perf_counter() - begun
    *_, vertex, cpu, kibibytes = ended.stdout.split()
    return seconds, float(cpu), int(kibibytes) / 1024, vertex == "True"


if __name__ == "__main__":
    main()
