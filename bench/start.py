"""From `recsmith up` to its first answer: `make bench ONLY=start`."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from bench.report import Report, Row
from bench.report import main as report_main

_RUNS = 3
_REACH = 3.0
_LONGEST_SECONDS = 60.0


def measure() -> Report:
    """From `recsmith up` to its first answer."""
    report = Report("Starting Recsmith on a laptop")
    base = statistics.median(_bare() for _ in range(_RUNS))
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        runs = {
            "a new folder": [_start(Path(folder) / str(number)) for number in range(_RUNS)],
            "an old folder": [_start(Path(folder) / "0") for _ in range(_RUNS)],
        }
    for what, started in runs.items():
        middle = statistics.median(seconds for seconds, _ in started)
        cpu = statistics.median(seconds for _, seconds in started)
        report.rows.append(
            Row(
                f"`recsmith up` to the first answer, {what}",
                f"{middle:.1f} s ({cpu:.1f} s of the processor)",
                f"`python -c pass` {base:.2f} s",
                f"{middle / base:.0f}×",
                f"< {_REACH:.0f} s",
                middle < _REACH,
            )
        )
    return report


def _bare() -> float:
    began = time.monotonic()
    subprocess.run([sys.executable, "-c", "pass"], check=True)
    return time.monotonic() - began


def _start(home: Path) -> tuple[float, float]:
    """Seconds of the clock and of the processor."""
    command = [Path(sys.executable).with_name("recsmith"), "up", "--port", "0", "--home", home]
    began = time.monotonic()
    silent = subprocess.DEVNULL
    process = subprocess.Popen(command, stdout=silent, stderr=silent)
    try:
        while True:
            if process.poll() is not None or time.monotonic() - began > _LONGEST_SECONDS:
                raise RuntimeError("recsmith up did not answer")
            try:
                noted = json.loads((home / "server.json").read_text())
                if noted["pid"] == process.pid:
                    httpx.get(f"{noted['url']}/api/health/", trust_env=False).raise_for_status()
                    return time.monotonic() - began, _cpu(process.pid)
            except (FileNotFoundError, httpx.TransportError):
                pass
            time.sleep(0.01)
    finally:
        process.terminate()
        process.wait(20)


def _cpu(pid: int) -> float:
    """What a process has used so far; `utime` and `stime` in proc(5)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


if __name__ == "__main__":
    report_main(measure)
