"""A home that is copied, moved, backed up and restored: while it runs, and while its training
outlives it."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from local.state.backup import back_up, restore
from local.wiring import System
from shared import editing
from shared.documents.base import Collection
from shared.documents.feature_config import FeatureConfig
from shared.documents.quick_test import QuickTest, TestState
from shared.registry import Alias
from shared.services.inputs import launched_test
from shared.services.served_models import find_pointer
from tests.torture import shop
from tests.torture.trial import Tally, trial
from tests.waiting import happens


@trial("faults", "a home copied, moved, backed up and restored", seconds=120)
def moved_homes(tally: Tally) -> None:
    for number in range(tally.of(5, 1)):
        folder = tally.folder / str(number)
        folder.mkdir()
        _round(folder, tally)


def _round(folder: Path, tally: Tally) -> None:
    running = shop.system(folder, reconcile_seconds=0.5)
    home = folder / "home"
    with running.runtime:
        chosen = shop.configs(folder, running.ports)
        done = shop.quick_test(running.ports, chosen)
        shop.settle(running)
        editing.train_in_full(running.ports, done)
        shop.settle(running)
        (model,) = editing.list_page(running.ports, Collection.REGISTERED_MODELS).documents
        editing.promote(running.ports, model.id, 1)
        if not happens(lambda: find_pointer(model.id, running.ports.artifacts) is not None):
            tally.loses("servers were not told of the version in production")
        (home / "slow").touch()
        trained = shop.quick_test(running.ports, chosen, seed=2)
        happens(lambda: shop.status_of(running.ports, trained).stage == "train")
        waiting = shop.quick_test(running.ports, chosen, seed=3)
        happens(lambda: shop.status_of(running.ports, waiting).job is not None)
        back_up(home, folder / "backup")
        running.runtime.stop(keep_jobs=True)
    # A copy, whose original's training goes on and is none of the copy's.
    copy = folder / "copied"
    shutil.copytree(home, copy / "home")
    _has(copy, done, trained, waiting, {trained: TestState.FAILED}, tally)
    # The original itself, moved while its training waits.
    again = shop.system(folder, reconcile_seconds=0.5)
    with again.runtime:
        if (state := shop.status_of(again.ports, trained).state) is not TestState.RUNNING:
            tally.loses(f"the copy has ended the original's training: {state}")
        (home / "slow").unlink()
        for fault in shop.settle(again):
            tally.loses(fault)
    moved = folder / "moved"
    moved.mkdir()
    home.rename(moved / "home")
    _has(moved, done, trained, waiting, {}, tally)
    # And what was kept of it while it ran.
    restored = folder / "restored"
    restored.mkdir()
    restore(folder / "backup", restored / "home")
    _has(restored, done, trained, waiting, {trained: TestState.FAILED}, tally)


def _has(
    folder: Path,
    done: str,
    trained: str,
    waiting: str,
    ended: dict[str, TestState],
    tally: Tally,
) -> None:
    """A system over the folder's home has every test, with its code and its model in there."""
    home = folder / "home"
    (home / "slow").unlink(missing_ok=True)
    system = shop.system(folder, reconcile_seconds=0.5)
    with system.runtime:
        tally.tried()
        for fault in shop.settle(system):
            tally.loses(f"{folder.name}: {fault}")
        for test_id in (done, trained, waiting):
            wanted = ended.get(test_id, TestState.COMPLETED)
            test = launched_test(test_id, system.ports)
            if test.status.state is not wanted:
                tally.loses(f"{folder.name}: {test_id} is {test.status.state}: {test.status.error}")
            if wanted is TestState.COMPLETED:
                model = f"{test.status.artifacts_uri}/model/saved_model.pb"
                if not system.ports.artifacts.exists(model):
                    tally.loses(f"{folder.name}: {test_id} has lost its model")
        _serves(system, folder.name, tally)
        for collection in (shop.FEATURES, shop.TESTS):
            for found in editing.list_page(system.ports, collection).documents:
                for place in _places(found):
                    if not Path(unquote(urlsplit(place).path)).is_relative_to(home):
                        tally.loses(f"{folder.name}: {found.id} is said to have {place}")


def _serves(system: System, where: str, tally: Tally) -> None:
    """A server over the home finds its registered model's version in production, in there."""
    (model,) = editing.list_page(system.ports, Collection.REGISTERED_MODELS).documents
    pointer = find_pointer(model.id, system.ports.artifacts)
    if pointer is None or Alias.PRODUCTION not in pointer.aliases:
        tally.loses(f"{where}: the registered model has no version in production any more")
        return
    folder = pointer.aliases[Alias.PRODUCTION].artifacts_uri
    if not Path(unquote(urlsplit(folder).path)).is_relative_to(system.home):
        tally.loses(f"{where}: servers are led to {folder}")
    if not system.ports.artifacts.exists(f"{folder}/model/saved_model.pb"):
        tally.loses(f"{where}: the version in production has lost its model")


def _places(document: Any) -> list[str]:
    status = document.status
    if isinstance(document, FeatureConfig):
        return [status.preprocessing.uri] if status.preprocessing else []
    assert isinstance(document, QuickTest)
    code = [status.code.preprocessing.uri, status.code.trainer.uri] if status.code else []
    return [*code, *([status.artifacts_uri] if status.artifacts_uri else [])]
