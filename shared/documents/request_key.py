"""What is kept of a request that created something, so that it may be sent again."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel

# Below a document, so that no event function hears of it.
REQUEST_KEYS = "api/requests/idempotency_keys"


class KeptAnswer(BaseModel):
    """Attributes:
    request: fingerprint of the request that the key came with first.
    answer: the document as it was created, with its id.
    expires_at: ISO 8601 in UTC; from then on, the key may be used anew.
    """

    request: str
    answer: dict[str, Any]
    expires_at: str
