"""`recsmith backup` and `restore`: what is copied while the system runs comes back whole."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from local.state.backup import BackupError, back_up, check, restore
from tests.integration.laptop import Laptop
from tests.torture import shop


@pytest.fixture(autouse=True)
def untracked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RECSMITH_MLFLOW_TRACKING_URI", "off")


def test_a_home_is_backed_up_by_the_command_while_it_runs(tmp_path: Path) -> None:
    laptop = Laptop(tmp_path)
    laptop.run("dataset", "add", str(laptop.csv), "--name", "Shop")
    with laptop.up():
        said = laptop.run("backup", "kept")
        assert "read again and found whole" in said
    laptop.run("dataset", "add", str(laptop.csv), "--name", "Later")
    laptop.run("restore", "kept", "--home", "other")
    laptop.home = tmp_path / "other"
    laptop.environment["RECSMITH_HOME"] = str(laptop.home)
    with laptop.up() as url:
        found = httpx.get(f"{url}/api/datasets/").json()["items"]
    assert [one["name"] for one in found] == ["Shop"]


def test_a_backup_that_is_not_whole_is_refused(tmp_path: Path) -> None:
    system = shop.system(tmp_path)
    with system.runtime:
        shop.configs(tmp_path, system.ports)
        shop.settle(system)
    home, kept = tmp_path / "home", tmp_path / "kept"
    back_up(home, kept)
    assert check(kept).files > 1
    code = next((kept / "artifacts" / "code").iterdir())
    code.write_bytes(b"another")
    with pytest.raises(BackupError, match="is not what was copied"):
        restore(kept, tmp_path / "new")
    code.unlink()
    with pytest.raises(BackupError, match="is missing"):
        restore(kept, tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    system = shop.system(tmp_path)
    with system.runtime:
        shop.configs(tmp_path, system.ports)
    home = tmp_path / "home"
    back_up(home, tmp_path / "kept")
    for refused in (
        lambda: back_up(home, tmp_path / "kept"),
        lambda: restore(tmp_path / "kept", home),
        lambda: back_up(home, home / "inside"),
        lambda: back_up(tmp_path / "empty", tmp_path / "new"),
        lambda: restore(home, tmp_path / "new"),
    ):
        with pytest.raises(BackupError):
            refused()
