"""What jobs leave goes when it was kept long enough, and not before."""

from __future__ import annotations

import os
import time
from dataclasses import fields, replace
from datetime import timedelta
from pathlib import Path

import pytest

from local.jobs.retention import Retention, Sweep
from local.state.artifacts import FileArtifactStore
from local.tracking import SETTING
from local.wiring import BadSettingError, retention_of
from tests.torture import shop
from tests.waiting import happens

FOR_EVER = Retention(**dict.fromkeys(one.name for one in fields(Retention)))
DAY = timedelta(days=1)


def write(path: Path, days_old: float) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("{}")
    at = time.time() - days_old * 86_400
    os.utime(path, (at, at))


def home_of(folder: Path) -> Path:
    """Two jobs of quick tests, one of them old, a full training that is old, one job that is still
    running, and kept examples."""
    for job, days in (("quick-test-old-1", 3), ("quick-test-new-1", 0.5), ("quick-test-full-1", 3)):
        for name in ("exit.json", "announced", "log.txt", "pipeline/x/data.gz"):
            write(folder / "jobs" / job / name, days)
        kind = "models" if "full" in job else "jobs"
        for name in ("model/saved_model.pb", "transformed/train/part"):
            write(folder / "artifacts" / kind / job / name, days)
    write(folder / "jobs" / "quick-test-runs-1" / "log.txt", 9)
    write(folder / "artifacts" / "jobs" / "quick-test-runs-1" / "transformed" / "part", 9)
    for entry, days in (("a" * 64, 3), ("b" * 64, 0.5)):
        write(folder / "cache" / "examples" / entry / "manifest.json", days)
    return folder


def sweep(home: Path, kept: Retention, copies: Path | None = None) -> None:
    Sweep(home, kept, FileArtifactStore(home / "artifacts"), copies)()


def left(home: Path) -> set[str]:
    return {path.relative_to(home).as_posix() for path in home.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("field", "gone"),
    [
        ("samples", {f"cache/examples/{'a' * 64}/manifest.json"}),
        (
            "intermediates",
            {
                "artifacts/jobs/quick-test-old-1/transformed/train/part",
                "artifacts/models/quick-test-full-1/transformed/train/part",
                "jobs/quick-test-old-1/pipeline/x/data.gz",
                "jobs/quick-test-full-1/pipeline/x/data.gz",
            },
        ),
        ("logs", {"jobs/quick-test-old-1/log.txt", "jobs/quick-test-full-1/log.txt"}),
        (
            "quick_tests",
            {
                "artifacts/jobs/quick-test-old-1/model/saved_model.pb",
                "artifacts/jobs/quick-test-old-1/transformed/train/part",
            },
        ),
    ],
)
def test_each_setting_removes_its_own_once_it_is_old(
    tmp_path: Path, field: str, gone: set[str]
) -> None:
    home = home_of(tmp_path)
    before = left(home)
    sweep(home, FOR_EVER)
    assert left(home) == before
    sweep(home, replace(FOR_EVER, **{field: DAY}))
    assert before - left(home) == gone


def test_what_was_uploaded_goes_with_the_intermediates(tmp_path: Path) -> None:
    """As over the emulators; what a job that runs has written stays."""
    home, copies = home_of(tmp_path), tmp_path / "vertex" / "files"
    for job in ("quick-test-old-1", "quick-test-new-1", "quick-test-runs-1"):
        write(copies / job / "model" / "saved_model.pb", 9)
    sweep(home, replace(FOR_EVER, intermediates=DAY), copies)
    assert {path.name for path in copies.iterdir()} == {"quick-test-new-1", "quick-test-runs-1"}
    assert (home / "artifacts" / "jobs" / "quick-test-old-1" / "model").exists()


def test_settings_are_whole_days_and_0_keeps_for_ever() -> None:
    assert retention_of({}) == Retention()
    told = {"RECSMITH_KEEP_SAMPLES_DAYS": "7", "RECSMITH_KEEP_QUICK_TESTS_DAYS": "0"}
    assert retention_of(told) == replace(Retention(), samples=7 * DAY, quick_tests=None)
    for wrong in ("-1", "1.5", "soon", "²", "9999999"):
        with pytest.raises(BadSettingError, match="RECSMITH_KEEP_LOGS_DAYS is a whole number"):
            retention_of({"RECSMITH_KEEP_LOGS_DAYS": wrong})


def test_a_running_system_sweeps(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SETTING, "off")  # as the shop does for good
    home = home_of(tmp_path / "home")
    old = home / "jobs" / "quick-test-old-1" / "log.txt"
    with shop.system(tmp_path, retention=replace(FOR_EVER, logs=DAY)).runtime:
        assert happens(lambda: not old.exists())
