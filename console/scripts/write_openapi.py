"""Writes `console/src/api/openapi.json`, from which the console's types are generated.

`make console-client` runs this and then the generator.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = _ROOT / "console" / "src" / "api" / "openapi.json"


def described() -> str:
    """The API's description, in one form."""
    from fastapi.applications import FastAPI

    from functions.api import create_app

    app: FastAPI = create_app(ports=None)  # type: ignore[arg-type]  # no request is answered
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    DESCRIPTION.write_text(described(), encoding="utf-8")
