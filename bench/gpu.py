"""One GPU against the machine's processors: `make bench-gpu`, at most eight minutes.

Each part is a process of its own, once with the card and once without it: epochs of training by the
generated model, and a whole quick test, whose recall must be the same within its interval. Needs
`requirements/trainer-gpu.txt` and a card that TensorFlow sees; says so where there is none.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench.report import Report, Row
from bench.report import main as report_main

_ROOT = Path(__file__).resolve().parents[1]
_PART_SECONDS = 75  # six parts in less than eight minutes
_EPOCHS = 3
_WITHOUT = {"CUDA_VISIBLE_DEVICES": "-1"}


def measure() -> Report:
    """Training and a quick test on one GPU and on the processors."""
    card = _part("card", {})
    if card is None:
        sys.exit(
            "TensorFlow sees no GPU here. It needs NVIDIA's driver, and the environment of"
            " requirements/trainer-gpu.txt, which `make bench-gpu` installs."
        )
    return compared(card, {card: {}, "processors": _WITHOUT})


def compared(card: str, devices: dict[str, dict[str, str]]) -> Report:
    """Args: devices: two names with the environment that makes TensorFlow use each."""
    report = Report(f"One GPU: {card}")
    ours, theirs = devices
    for history in ("without history", "with history"):
        speeds = {name: _part(history, told) for name, told in devices.items()}
        ratio = speeds[ours] / speeds[theirs]
        report.rows.append(
            Row(
                f"training, batch 512, {history}, {ours}",
                f"{speeds[ours] / 1000:.0f}k rows/s",
                f"{theirs} {speeds[theirs] / 1000:.0f}k rows/s",
                f"{ratio:.2f}×",
                "",
                None,
            )
        )
    tests = {name: _part("quick test", told) for name, told in devices.items()}
    recall, (low, high) = tests[ours]["recall"], tests[theirs]["interval"]
    report.rows.append(
        Row(
            f"recall@100 of a quick test, {ours}",
            f"{recall:.3f}",
            f"{theirs} {tests[theirs]['recall']:.3f}",
            f"{recall - tests[theirs]['recall']:+.3f}",
            f"within {low:.3f} to {high:.3f}",
            low <= recall <= high,
        )
    )
    stages = list(tests[theirs]["stages"])
    report.table(
        ["seconds of a quick test", *stages],
        [
            [name, *(f"{found['stages'][stage]:.1f}" for stage in stages)]
            for name, found in tests.items()
        ],
    )
    return report


def _part(name: str, told: dict[str, str]) -> Any:
    """What a part says, from a process of its own; the system of a quick test runs in the light
    environment, and its trainer in this one."""
    light = name == "quick test"
    python = _ROOT / ".venv" / "bin" / "python" if light else Path(sys.executable)
    ended = subprocess.run(
        [python, "-m", "bench.gpu", "--part", name],
        cwd=_ROOT,
        env={**os.environ, "RECSMITH_TRAINER_PYTHON": sys.executable, **told},
        timeout=_PART_SECONDS,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(ended.stdout.splitlines()[-1])


def _card() -> str | None:
    import tensorflow as tf

    found = tf.config.list_physical_devices("GPU")
    if not found:
        return None
    return str(tf.config.experimental.get_device_details(found[0]).get("device_name", "a GPU"))


def _speed(history: bool) -> float:
    """Rows a second, the median of some epochs after the first."""
    from bench.training import ROWS, epochs

    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        epoch = epochs(Path(folder), history=history)["ours"]
        epoch()
        seconds = []
        for _ in range(_EPOCHS):
            began = time.perf_counter()
            epoch()
            seconds.append(time.perf_counter() - began)
    return ROWS / statistics.median(seconds)


def _quick_test() -> dict[str, Any]:
    from bench import shapes
    from bench.quick_test import SHAPE
    from bench.shop import shop
    from shared.rules.presets import preset

    with tempfile.TemporaryDirectory(prefix="bench-") as name:
        folder = Path(name)
        shapes.write(SHAPE, folder / "purchases.parquet")
        rows = folder / "purchases.parquet"
        with shop(folder / "home", rows, shapes.MAPPING, spare=False) as one:
            model = one.model(**preset("recommended").spec.model_dump(mode="json"))
            tested = one.quick_test(model)
    results = tested.test.status.results
    assert results is not None
    interval = results.intervals["recall_at_100"]
    return {
        "stages": tested.stages,
        "recall": results.metrics["recall_at_100"],
        "interval": [interval.low, interval.high],
    }


if __name__ == "__main__":
    if sys.argv[1:2] == ["--part"]:
        part = sys.argv[2]
        if part == "card":
            told: Any = _card()
        else:
            told = _quick_test() if part == "quick test" else _speed(part == "with history")
        print(json.dumps(told))
    else:
        report_main(measure)
