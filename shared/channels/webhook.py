"""A JSON object, for programs."""

from __future__ import annotations

from typing import Any

from shared.channels.base import Form, Message


class Webhook(Form):
    key = "webhook"
    label = "Webhook"
    help = "A JSON object with one field for each thing that is said."
    position = 1

    def body(self, message: Message) -> dict[str, Any]:
        return {
            "id": message.id,
            "kind": message.kind,
            "run_id": message.run_id,
            "name": message.name,
            "outcome": message.outcome,
            "summary": message.summary,
            "ended_at": message.ended_at.isoformat(),
            "started_by": message.started_by,
            "url": message.url,
        }
