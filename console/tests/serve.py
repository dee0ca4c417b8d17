"""Runs the whole system for the browser tests, as `recsmith up` does.

With `--stand-in`, training is stood in for (tests/integration/stand_in.py); everything else is
real. Its address is in HOME/server.json.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--home", type=Path, required=True)
    parser.add_argument("--port", default="0")
    parser.add_argument("--stand-in", action="store_true")
    given = parser.parse_args()
    given.home.mkdir(parents=True, exist_ok=True)
    if given.stand_in:
        from tests.integration.stand_in import stand_in

        os.environ["RECSMITH_TRAINER_PYTHON"] = str(stand_in(given.home))
    from local.cli import app

    app(["up", "--port", given.port, "--home", str(given.home)])


if __name__ == "__main__":
    main()
