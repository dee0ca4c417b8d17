"""What both modules begin with: imports, documents that they are from, columns that they read."""

from __future__ import annotations

from collections.abc import Sequence, Set

from shared.codegen.plan import FeaturePlan, Origin
from shared.codegen.source import indent, mapping
from shared.literals import literal

# By the name that needs it: the standard library's, and the others.
_IMPORTS: tuple[dict[str, str], dict[str, str]] = (
    {
        "json": "import json",
        "math": "import math",
        "os": "import os",
        "time": "import time",
        "Callable": "from collections.abc import Callable",
        "Iterator": "from collections.abc import Iterator",
        "ThreadPoolExecutor": "from concurrent.futures import ThreadPoolExecutor",
        "dataclass": "from dataclasses import dataclass",
        "Any": "from typing import Any",
        "NamedTuple": "from typing import NamedTuple",
    },
    {
        "np": "import numpy as np",
        "scann": "import scann",
        "tf": "import tensorflow as tf",
        "tfrs": "import tensorflow_recommenders as tfrs",
        "tft": "import tensorflow_transform as tft",
        "sparse": "from scipy import linalg, sparse",
    },
)


def imports(used: Set[str], environment: Sequence[str] = ()) -> list[str]:
    """The imports of a module that uses these names.

    Args:
        environment: what is set before TensorFlow is imported; needs `os`.
    """
    needed = used | {"os"} if environment else used
    standard, others = (
        [line for name, line in group.items() if name in needed] for group in _IMPORTS
    )
    standard = _together(standard)
    blocks = [["from __future__ import annotations"], standard, environment, others]
    return [line for block in blocks if block for line in (*block, "")][:-1]


def _together(lines: list[str]) -> list[str]:
    """Imports from one module on one line; they follow each other."""
    found: list[str] = []
    for line in lines:
        source, _, name = line.partition(" import ")
        if name and found and found[-1].startswith(f"{source} import "):
            found[-1] += f", {name}"
        else:
            found.append(line)
    return found


def generated_from(**documents: Origin) -> list[str]:
    """The constant that says which documents a module was made from, by kind."""
    lines = ["GENERATED_FROM = {"]
    for kind, origin in documents.items():
        items = [(literal(key), literal(value)) for key, value in vars(origin).items()]
        lines += indent([*mapping(f"{literal(kind)}: ", items)[:-1], "},"])
    return [*lines, "}"]


def columns(plan: FeaturePlan) -> list[str]:
    return [
        "# Raw feature → column of the dataset.",
        *mapping("COLUMNS = ", [(literal(raw.key), literal(raw.column)) for raw in plan.raw]),
    ]
