"""Writes `console/src/api/openapi.json`, from which the console's types are generated, and the
catalogue that the console's own tests go by.

`make console-client` runs this and then the generator.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
DESCRIPTION = _ROOT / "console" / "src" / "api" / "openapi.json"
CATALOGUE = _ROOT / "console" / "src" / "test" / "catalogue.json"


def described() -> str:
    """The API's description, in one form."""
    from fastapi.applications import FastAPI

    from functions.api import create_app

    app: FastAPI = create_app(ports=None)  # type: ignore[arg-type]  # no request is answered
    return json.dumps(app.openapi(), indent=1, ensure_ascii=False) + "\n"


def kinds() -> str:
    """What `/api/catalogue/` answers, in one form."""
    from shared.rules.catalogue import catalogue

    return json.dumps(catalogue().model_dump(mode="json"), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.path.insert(0, str(_ROOT))
    DESCRIPTION.write_text(described(), encoding="utf-8")
    CATALOGUE.write_text(kinds(), encoding="utf-8")
