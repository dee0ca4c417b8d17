"""Slack's incoming webhooks: https://docs.slack.dev/messaging/formatting-message-text"""

from __future__ import annotations

from typing import Any

from shared.channels.base import Form, Message


class Slack(Form):
    key = "slack"
    label = "Slack"
    help = "An incoming webhook of Slack."
    position = 2

    def body(self, message: Message) -> dict[str, Any]:
        lines = [f"*{_plain(message.title)}*", _plain(message.summary)]
        if message.url is not None:
            lines.append(_plain(message.url))
        return {"text": "\n".join(lines)}


def _plain(text: str) -> str:
    """With the three characters escaped that would make it more than text, such as a mention."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
