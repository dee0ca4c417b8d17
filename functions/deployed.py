"""The application of a deployed process. It is an imported module because functions-framework
executes the file of its entry points anew for each of them, while state must exist once."""

from __future__ import annotations

import atexit
import os
from functools import cache
from pathlib import Path

from fastapi import FastAPI

from functions.api import create_app


@cache
def app() -> FastAPI:
    """The API over the adapters that the environment names.

    `RECSMITH_HOME` names a folder: the embedded adapters of a laptop.

    Raises:
        RuntimeError: the environment names none.
    """
    home = os.environ.get("RECSMITH_HOME")
    if not home:
        raise RuntimeError("Set RECSMITH_HOME to the folder that holds the system's state.")
    from local.bootstrap import embedded  # a cloud image does not hold this package

    system = embedded(Path(home))
    system.runtime.start()
    atexit.register(system.runtime.stop)
    return create_app(system.ports)
