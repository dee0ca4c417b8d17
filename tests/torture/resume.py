"""`kill -9` of one training at random moments, until it has ended: by TensorFlow itself."""

from __future__ import annotations

import os
import time
from unittest.mock import patch

from tests import conftest
from tests.integration.trainer.killed import job_to_kill, kill_once, results
from tests.integration.trainer.support import Documents, finished, purchases
from tests.torture import shop
from tests.torture.trial import Tally, trial


@trial("faults", "kill -9 of a training, which goes on", seconds=3600, small=False)
def resume(tally: Tally) -> None:
    source = tally.folder / "purchases.parquet"
    purchases().to_parquet(source)
    documents: Documents = vars(conftest.recommended)["__wrapped__"]()
    with patch.dict(os.environ, {"RECSMITH_CHECKPOINT_SECONDS": "never"}):
        began = time.monotonic()
        whole = results(finished(job_to_kill(tally.folder / "whole", documents, source)))
        took = time.monotonic() - began
    jobs = 0
    with (
        shop.seeded(tally) as chance,
        patch.dict(os.environ, {"RECSMITH_CHECKPOINT_SECONDS": "0"}),
    ):
        while tally.tries < 20:
            jobs += 1
            job = job_to_kill(tally.folder / f"killed-{jobs}", documents, source)
            for _ in range(chance.randint(2, 7)):
                if kill_once(job, lambda _: True, seconds=chance.uniform(0, took)) is None:
                    break
                tally.tried()
            finished(job)
            for name, value in results(job).items():
                if value != whole[name]:
                    tally.loses(f"job {jobs}: other {name}")
            if (job.folder / "checkpoints").exists():
                tally.loses(f"job {jobs}: checkpoints are left")
    tally.figure(f"{jobs} trainings killed {tally.tries} times, bit-equal metrics")
