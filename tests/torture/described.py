"""Schemathesis over what the API describes of itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.torture.api_shop import api_shop
from tests.torture.trial import Tally, trial
from tests.waiting import PATIENCE

# A spec that fits the schema may still name what there is not: 404 and 422 are right then.
_BUT = "positive_data_acceptance"
# These answer 200, and say in the answer what is wrong with a spec.
_JUDGING = r"/(validate|estimate)/$"


@trial("abuse", "the API's description, by schemathesis", seconds=240)
def described(tally: Tally) -> None:
    with api_shop(tally.folder) as shop:
        described = f"{shop.url}/api/openapi.json"
        all_but = ["--exclude-checks", _BUT, "--exclude-path-regex", _JUDGING]
        _ask(tally, described, tally.of(80, 8), all_but)
        if tally.small:
            return
        judging = [f"{_BUT},negative_data_rejection", "--include-path-regex", _JUDGING]
        _ask(tally, described, 20, ["--exclude-checks", *judging])


def _ask(tally: Tally, described: str, seconds: int, which: list[str]) -> None:
    """For so many seconds; for longer where the machine is too busy to have asked anything yet."""
    while not (tried := _asked(tally, described, seconds, which)) and seconds < PATIENCE:
        seconds *= 2
    tally.tried(tried)


def _asked(tally: Tally, described: str, seconds: int, which: list[str]) -> int:
    """How many requests there were."""
    command = [str(Path(sys.executable).parent / "schemathesis"), "--no-color", "run"]
    command += [described, "--checks", "all", *which]
    command += ["--phases", "fuzzing", "--max-time", str(seconds)]
    command += ["--max-examples", tally.of("5", "1")]
    command += ["--seed", "1", "--no-shrink", "--request-timeout", "120", "--continue-on-failure"]
    ran = subprocess.run(
        command,
        cwd=tally.folder,
        capture_output=True,
        text=True,
        timeout=seconds + PATIENCE,
        env={**os.environ, "NO_COLOR": "1"},
    )
    found = re.search(r"([\d,]+) generated", ran.stdout)
    tried = int(found[1].replace(",", "")) if found else 0
    if tried and ran.returncode:
        tally.loses(ran.stdout[-6000:] + ran.stderr[-1000:])
    return tried
