"""Keys of requests are kept for a day."""

from __future__ import annotations

from shared.documents.request_key import REQUEST_KEYS
from shared.ports import Filter, Ports, Transaction
from shared.services.document_kind import stamp

_AT_ONCE = 200


def forget_requests(ports: Ports) -> None:
    """Deletes some of the keys that have expired; the next call deletes more."""
    expired = ports.documents.query(
        REQUEST_KEYS,
        [Filter("expires_at", "<", stamp(ports.clock.now()))],
        limit=_AT_ONCE,
        fields=["expires_at"],
    )

    def delete(transaction: Transaction) -> None:
        for snapshot in expired:
            transaction.delete(snapshot.path)

    if expired:
        ports.documents.transact(delete)
