"""Google's client libraries without the parts of them that nobody here uses.

Their packages import every service and message that they have: `aiplatform_v1` takes seconds for
forty services, of which one is used. A package that is registered here has its own code run only
when something is asked of it that is neither there yet nor a module of its own. So
`from google.cloud.aiplatform_v1.types.pipeline_job import PipelineJob` reads that file and what it
needs, while `from google.cloud.aiplatform_v1 import ModelServiceClient` works as ever.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
import threading
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_lock = threading.RLock()


def lean(*packages: str) -> None:
    """Registers packages, outer ones first, that nobody has imported yet; for before the import
    of their parts."""
    with _lock:
        for name in packages:
            spec = None if name in sys.modules else importlib.util.find_spec(name)
            if spec is not None and spec.loader is not None:
                _register(name, spec)


def _register(name: str, spec: ModuleSpec) -> None:
    module = importlib.util.module_from_spec(spec)

    def find(wanted: str) -> Any:
        if not wanted.startswith("_") and importlib.util.find_spec(f"{name}.{wanted}"):
            return importlib.import_module(f"{name}.{wanted}")
        with _lock:
            if module.__dict__.pop("__getattr__", None) is not None:
                spec.loader.exec_module(module)  # type: ignore[union-attr]
        try:
            return module.__dict__[wanted]
        except KeyError:
            raise AttributeError(f"module {name!r} has no attribute {wanted!r}") from None

    module.__getattr__ = find  # type: ignore[method-assign]
    sys.modules[name] = module
    parent, _, child = name.rpartition(".")
    if isinstance(above := sys.modules.get(parent), ModuleType):
        setattr(above, child, module)
