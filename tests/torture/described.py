"""Schemathesis over what the API describes of itself."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.torture.api_shop import api_shop
from tests.torture.trial import Tally, trial

# A spec that fits the schema may still name what there is not: 404 and 422 are right then.
_BUT = "positive_data_acceptance"
# What validates answers 200, and says in the answer what the schema forbids.
_VALIDATES = """
[[operations]]
include-path-regex = "/validate/$"
checks.negative_data_rejection.enabled = false
"""


@trial("abuse", "the API's description, by schemathesis", seconds=180)
def described(tally: Tally) -> None:
    seconds = tally.of(80, 7)
    (tally.folder / "schemathesis.toml").write_text(_VALIDATES)
    with api_shop(tally.folder) as shop:
        command = [str(Path(sys.executable).parent / "schemathesis"), "--no-color", "run"]
        command += [f"{shop.url}/api/openapi.json", "--checks", "all", "--exclude-checks", _BUT]
        command += [
            "--phases",
            "fuzzing",
            "--max-time",
            str(seconds),
            "--max-examples",
            tally.of("5", "1"),
        ]
        command += ["--seed", "1", "--no-shrink", "--request-timeout", "20"]
        command += ["--continue-on-failure"]
        ran = subprocess.run(
            command,
            cwd=tally.folder,
            capture_output=True,
            text=True,
            timeout=seconds + 80,
            env={**os.environ, "NO_COLOR": "1"},
        )
    found = re.search(r"([\d,]+) generated", ran.stdout)
    tally.tried(int(found[1].replace(",", "")) if found else 0)
    if ran.returncode:
        tally.loses(ran.stdout[-6000:] + ran.stderr[-1000:])
