"""What all models of the API have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, PrivateAttr


class Model(BaseModel):
    """Fields that this client does not know yet are kept, and sent back as they came.

    What was not set is not sent, so that the server's defaults hold, whatever its version.
    """

    model_config = ConfigDict(extra="allow", defer_build=True, validate_assignment=False)

    _etag: str | None = PrivateAttr(default=None)  # of the answer that this was read from

    def _repr_html_(self) -> str | None:
        """How a notebook shows it; None: as any other object."""
        from recsmith_client.representations import html_of

        return html_of(self)
