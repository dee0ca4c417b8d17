"""Rule sets that requests name, read from the store of artifacts."""

from __future__ import annotations

import logging
import math
import posixpath
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from shared.rules_of_lists.stored import FOLDER, WITHDRAWN, StoredRuleSet, key_of
from shared.wording import first_of
from trainer_image.job.locations import path_of, read_small
from trainer_image.job.status import describe
from trainer_image.job.store import check_inside

_log = logging.getLogger(__name__)

_MOST_NAMED = 10
FRESH_SECONDS = 5.0
# Ids are given once: one that has been deleted comes back from a backup at most.
WITHDRAWN_SECONDS = 600.0
_LONGEST = 1 << 23
_AT_ONCE = 16


@dataclass(frozen=True)
class _File:
    """What was last read of a rule set.

    Attributes:
        until: when it is read again, by the clock.
        digest: of the content that `found` was made of.
        found: the last valid one; None where there is none, or it has been deleted.
        fault: why it is not what the file holds now; "" where it is.
    """

    until: float = -math.inf
    digest: bytes = b""
    found: StoredRuleSet | None = None
    fault: str = ""


class RuleSets:
    """Those of a store, as they were `FRESH_SECONDS` ago at the earliest. Of one that cannot be
    read the last valid revision stays.

    Args:
        artifacts_uri: of a job in the store.
        now: a clock that never goes back, in seconds.
    """

    def __init__(self, artifacts_uri: str, now: Callable[[], float] = time.monotonic) -> None:
        # Of a job `jobs/…`, of a full training `models/…`.
        self._root = posixpath.dirname(posixpath.dirname(artifacts_uri.rstrip("/")))
        self._now = now
        self._files: dict[str, _File] = {}
        self._until = -math.inf

    def find(self, name: str) -> StoredRuleSet | None:
        """The one with this id, or else with this name; None where there is none, or several have
        the name. The same object as long as nothing has changed."""
        self._list()
        if name in self._files:
            self._read([name])
            if (found := self._files[name].found) is not None:
                return found
        named = [one for one in self._all() if one.name == name]
        return named[0] if len(named) == 1 else None

    def names(self) -> list[str]:
        return sorted({one.name for one in self._all()})

    def none_found(self) -> str:
        """Why one was not found."""
        named = self.names()
        if not named:
            return "There are no rule sets that were found valid."
        return (
            "No valid rule set has this id, or it is the name of several. "
            f"There are {first_of([repr(one) for one in named], _MOST_NAMED)}."
        )

    def _all(self) -> list[StoredRuleSet]:
        self._list()
        self._read(list(self._files))
        return [file.found for file in self._files.values() if file.found is not None]

    def _list(self) -> None:
        """Learns which there are."""
        if self._now() < self._until:
            return
        until = self._now() + FRESH_SECONDS
        try:
            ids = self._ids()
        except Exception as error:  # as of one file
            if not self._files:
                raise
            _log.error("Rule sets cannot be listed; those known stay: %s", describe(error))
            ids = list(self._files)
        self._files = {one: self._files.get(one, _File()) for one in ids}
        self._until = until

    def _ids(self) -> list[str]:
        folder = path_of(f"{self._root}/{FOLDER}")
        if "://" not in folder:
            return sorted(path.stem for path in Path(folder).glob("*.json"))
        import tensorflow as tf

        return sorted(Path(path).stem for path in tf.io.gfile.glob(f"{folder}/*.json"))

    def _read(self, ids: list[str]) -> None:
        """Reads those again that were read too long ago."""
        due = [one for one in ids if self._files[one].until <= self._now()]
        if due:
            with ThreadPoolExecutor(_AT_ONCE) as pool:  # each is a request to a bucket
                self._files.update(zip(due, pool.map(self._again, due), strict=True))

    def _again(self, rule_set_id: str) -> _File:
        before, now = self._files[rule_set_id], self._now()
        uri = f"{self._root}/{key_of(rule_set_id)}"
        try:
            check_inside(uri)
            content = read_small(path_of(uri), _LONGEST)
            if content == WITHDRAWN:
                return _File(now + WITHDRAWN_SECONDS)
            found, digest = before.found, sha256(content).digest()
            if digest != before.digest:
                found = StoredRuleSet.model_validate_json(content)
            return _File(now + FRESH_SECONDS, digest, found)
        except Exception as error:  # of a disk or its content, or whatever TensorFlow says
            fault = describe(error)
            if fault != before.fault:
                kept = f"; revision {before.found.revision} stays" if before.found else ""
                _log.error("Rule set %s cannot be read%s: %s", rule_set_id, kept, fault)
            return _File(now + FRESH_SECONDS, before.digest, before.found, fault)
