"""Messages between the steps. A message is a hint: its receiver reads the document again."""

from __future__ import annotations

import uuid
from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from shared.documents.base import Collection

SCHEMA_VERSION = 1


class Topic(StrEnum):
    CONFIG_CHANGED = "config-changed"
    CONFIG_VALIDATED = "config-validated"
    CODE_GENERATED = "code-generated"
    PIPELINE_STATUS = "pipeline-status"
    SWEEP_STATUS = "sweep-status"
    TUNING_STATUS = "tuning-status"
    QUICK_TEST_ENDED = "quick-test-ended"
    RUN_ENDED = "run-ended"


class Event(BaseModel):
    """Something happened to a document.

    Attributes:
        document_id: the document; for `pipeline-status`, the quick test whose job has news; for
            `sweep-status` and `tuning-status`, the sweep or tuning that may begin, or one of whose
            tests has news.
        revision: the revision that it happened to; an event for an older one is dropped.
            0 where it does not apply (`pipeline-status`, `sweep-status`, `tuning-status`,
            `quick-test-ended`, `run-ended`).
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    kind: Topic
    collection: Collection
    document_id: str
    revision: int
    occurred_at: datetime
    event_id: str = Field(default_factory=lambda: uuid.uuid4().hex)
    schema_version: int = SCHEMA_VERSION
