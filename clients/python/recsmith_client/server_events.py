"""Server-sent events, line by line (https://html.spec.whatwg.org/multipage/server-sent-events.html)."""

from __future__ import annotations


class Reader:
    """Puts the lines of a stream together."""

    def __init__(self) -> None:
        self._id, self._data = "", list[str]()

    def take(self, line: str) -> tuple[str, str] | None:
        """Id and data of the event that the line ends; None where it ends none."""
        if not line:
            data, self._data = self._data, []
            return (self._id, "\n".join(data)) if data else None
        name, _, value = line.partition(":")
        value = value.removeprefix(" ")
        if name == "id":
            self._id = value
        elif name == "data":
            self._data.append(value)
        return None
