"""Requests that are sent again: the first one creates a document, and all get its answer.

As in the IETF's draft "The Idempotency-Key HTTP Header Field": the caller chooses a key for what
they mean to do, and sends it with every attempt.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import ValidationError

from shared.documents.request_key import REQUEST_KEYS, KeptAnswer
from shared.ports import JsonObject, Ports, Snapshot, Transaction
from shared.services.document_kind import AnyDocument, stamp

KEPT = timedelta(days=1)


class RepeatedRequestError(Exception):
    """The request has been answered before. `answer`: the document as it was created."""

    def __init__(self, answer: JsonObject) -> None:
        self.answer = answer
        super().__init__(f"{answer.get('id')!r} has been created by this request before.")


class KeyReusedError(Exception):
    """The key came with another request before."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(
            "The same Idempotency-Key came with another request before. Send a new key with a new "
            "request, and an old one only with the very same request."
        )


@dataclass(frozen=True)
class Once:
    """A request that is to be carried out once, however often it is sent within a day.

    Attributes:
        key: the caller's name for it.
        caller: None where nobody need be known; each caller has their own keys.
        request: fingerprint of what is asked.
    """

    key: str
    caller: str | None
    request: str

    @property
    def path(self) -> str:
        """Of the document that keeps the answer."""
        whose = json.dumps([self.caller, self.key])
        return f"{REQUEST_KEYS}/{hashlib.sha256(whose.encode()).hexdigest()}"

    def refuse_repeated(self, kept: Snapshot | None, now: datetime) -> None:
        """Raises RepeatedRequestError, KeyReusedError where the key has come before, and has not
        expired."""
        found = _read(kept)
        if found is None or found.expires_at <= stamp(now):
            return
        if found.request != self.request:
            raise KeyReusedError(self.key)
        raise RepeatedRequestError(found.answer)

    def keep(self, document: AnyDocument, now: datetime, transaction: Transaction) -> None:
        """Keeps the answer together with the document that it tells of, or neither."""
        answer = KeptAnswer(
            request=self.request,
            answer={"id": document.id, **document.data()},
            expires_at=stamp(now + KEPT),
        )
        transaction.set(self.path, answer.model_dump(mode="json"))


def refuse_repeated(once: Once, ports: Ports) -> None:
    """Before anything is looked at that may have changed since the first time. Raises
    RepeatedRequestError, KeyReusedError."""
    once.refuse_repeated(ports.documents.get(once.path), ports.clock.now())


def _read(kept: Snapshot | None) -> KeptAnswer | None:
    try:
        return KeptAnswer.model_validate(kept.data) if kept is not None else None
    except ValidationError:  # written by somebody else: it answers nothing
        return None
