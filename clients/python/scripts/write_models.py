"""Writes `recsmith_client/models.py` with datamodel-code-generator, which has an environment of its
own (`make client`).

The head of the file has the hash of what it was made of, so that a test says when it is stale
without the generator.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from simplified import PACKAGE, described
from styled import styled

FILE = PACKAGE / "models.py"
_OPTIONS = [
    *("--input-file-type", "openapi", "--output-model-type", "pydantic_v2.BaseModel"),
    *("--target-python-version", "3.11", "--formatters", "builtin", "--disable-timestamp"),
    *("--base-class", "recsmith_client.base.Model", "--keep-model-order", "--collapse-root-models"),
    *("--enum-field-as-literal", "all", "--use-one-literal-as-default", "--strict-nullable"),
    *("--use-annotated", "--use-schema-description", "--use-field-description"),
    *("--use-double-quotes", "--use-standard-collections", "--use-union-operator"),
]
_HEAD = '''\
"""The API's models.

Written by clients/python/scripts/write_models.py; `make client` writes it anew.
Made of what has the SHA-256 {digest}.
"""
'''


def digest() -> str:
    """Of all that the models are made of."""
    made_of = json.dumps([described()["components"], _OPTIONS], sort_keys=True)
    return hashlib.sha256(made_of.encode()).hexdigest()


def write(generator: str) -> None:
    """Args: generator: the program `datamodel-codegen`."""
    with tempfile.TemporaryDirectory() as folder:
        description, models = Path(folder) / "openapi.json", Path(folder) / "models.py"
        description.write_text(json.dumps(described()), encoding="utf-8")
        subprocess.run(
            [generator, "--input", str(description), "--output", str(models), *_OPTIONS], check=True
        )
        source = models.read_text(encoding="utf-8")
    source = source[source.index("from __future__") :]
    FILE.write_text(styled(_HEAD.format(digest=digest()) + "\n" + source, FILE), encoding="utf-8")


if __name__ == "__main__":
    write(sys.argv[1])
