"""What a form of message is: how a receiver wants to be told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Literal

from shared.kinds import Described

RunKind = Literal["quick_test", "full_training", "sweep", "tuning", "schedule"]
Outcome = Literal["completed", "failed", "cancelled"]


@dataclass(frozen=True)
class Message:
    """A run that has ended, as channels are told of it. Nothing of it comes from the data.

    Attributes:
        id: the same for the same end, however often it is told.
        run_id: of its document; of a schedule's run, the schedule's.
        summary: one sentence or more.
        url: of the run's page; None where there is no console.
        channels: names of those that are told; none of them: all.
    """

    id: str
    kind: RunKind
    run_id: str
    name: str
    outcome: Outcome
    summary: str
    ended_at: datetime
    started_by: str | None = None
    url: str | None = None
    channels: frozenset[str] = frozenset()

    @property
    def title(self) -> str:
        """`Quick test "Small" failed`."""
        what = self.kind.replace("_", " ").capitalize()
        return f"{what} “{self.name}” {self.outcome}"


class Form(Described):
    """A form of message.

    Attributes:
        key: what channels call it.
    """

    key: ClassVar[str]

    def body(self, message: Message) -> dict[str, Any]:
        """As JSON."""
        raise NotImplementedError

    def encoded(self, message: Message) -> bytes:
        return json.dumps(self.body(message)).encode()
