"""The seeds' forms of requests, as today's."""

from __future__ import annotations

from typing import Any

from shared.documents.quick_test import QuickTestSpec

_RENAMED = {"epochs_override": "epochs", "batch_size": "batch_size_override"}
_RENAMED["learning_rate"] = "learning_rate_override"
_FIELDS = {*QuickTestSpec.model_fields, *_RENAMED}


def quick_test_body(body: Any) -> Any:
    """`{feature_config_id, model_config_id, epochs_override, …}` as `{spec: {…}}`.

    Anything else, `{name, spec}` among it, stays as it is. A null override is none.
    """
    if not isinstance(body, dict) or "spec" in body or not _FIELDS & body.keys():
        return body
    fields = {key: value for key, value in body.items() if key in _FIELDS}
    others = {key: value for key, value in body.items() if key not in _FIELDS}
    given = {_RENAMED.get(key, key): value for key, value in fields.items() if value is not None}
    return {**others, "spec": given}
