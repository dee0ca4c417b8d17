"""Where messages go when runs end; the forms that they take are one file each."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Annotated, Any
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SecretStr,
    TypeAdapter,
    ValidationError,
    field_validator,
)

from shared.channels.base import Form, Message, Outcome, RunKind
from shared.kinds import registry

# By key.
FORMS: dict[str, Form] = {
    key: form() for key, form in registry(__name__, Form, lambda form: form.key).items()
}
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class Channel(BaseModel):
    """A receiver of messages.

    Attributes:
        name: what the log calls it.
        url: where messages are sent; whoever knows it may send too, so that it is a secret.
        token: sent as bearer, for a webhook that asks for one.
        about: kinds of runs; `ends`: how they ended; `people`: who started them, by their
            addresses, where it is not anybody.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")
    form: str
    url: SecretStr
    token: SecretStr | None = None
    about: list[RunKind] = ["quick_test", "full_training", "sweep", "tuning", "schedule"]
    ends: list[Outcome] = ["completed", "failed"]
    people: list[str] = []

    @field_validator("form")
    @classmethod
    def _known(cls, form: str) -> str:
        if form not in FORMS:
            raise ValueError(f"one of {', '.join(FORMS)}")
        return form

    @field_validator("url")
    @classmethod
    def _safe(cls, url: SecretStr) -> SecretStr:
        try:
            parts = urlsplit(url.get_secret_value())
            host, _ = parts.hostname, parts.port
        except ValueError:
            host = None
        if not host or parts.username is not None:
            raise ValueError("an address such as https://chat.example.com/hooks/…")
        if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
            raise ValueError("an address that begins with https://")
        return url

    def wants(self, message: Message) -> bool:
        people = [address.lower() for address in self.people]
        ours = not people or (message.started_by or "").lower() in people
        if message.channels and self.name not in message.channels:
            return False
        return ours and message.kind in self.about and message.outcome in self.ends


Channels = Annotated[tuple[Channel, ...], Field(max_length=10)]
_CHANNELS: TypeAdapter[tuple[Channel, ...]] = TypeAdapter(Channels)


def read_channels(text: str) -> tuple[Channel, ...]:
    """Of a JSON array of channels. Raises ValueError, in words that repeat nothing of it."""
    try:
        found = _CHANNELS.validate_json(text)
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        where = ".".join(map(str, first["loc"]))
        message = first["msg"].removeprefix("Value error, ")
        raise ValueError(f"{where}: {message}" if where else message) from None
    twice = _twice([channel.name for channel in found])
    if twice:
        raise ValueError(f"two channels are called {twice!r}")
    return found


def _twice(names: Sequence[str]) -> Any:
    return next((name for name, times in Counter(names).items() if times > 1), None)


__all__ = ["FORMS", "LOOPBACK", "Channel", "Form", "Message", "Outcome", "RunKind", "read_channels"]
