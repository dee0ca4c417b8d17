"""Google Chat's incoming webhooks: https://developers.google.com/workspace/chat/format-messages"""

from __future__ import annotations

from typing import Any

from shared.channels.base import Form, Message


class GoogleChat(Form):
    key = "google_chat"
    label = "Google Chat"
    help = "An incoming webhook of a space in Google Chat."
    position = 3

    def body(self, message: Message) -> dict[str, Any]:
        lines = [f"*{_plain(message.title)}*", _plain(message.summary)]
        if message.url is not None:
            lines.append(message.url)
        return {"text": "\n".join(lines)}


def _plain(text: str) -> str:
    """Chat has no escape: `<users/all>` in a name would call everybody."""
    return text.replace("<", "‹").replace(">", "›")
