"""The two kinds of pydantic models that documents are made of."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class SpecModel(BaseModel):
    """A part of a document that users write: unknown fields and NaN are errors."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False)


class StatusModel(BaseModel):
    """A part of a document that the system writes: unknown fields come from newer versions."""

    model_config = ConfigDict(extra="ignore")
