"""Messages sent over HTTPS to addresses that people have configured.

An address may lead anywhere, so that it is looked at where it leads: to the servers of this
network, the metadata server among them, nothing is sent. The address that was looked at is the one
that is connected to, whatever the name says a moment later. Redirections are not followed.
"""

from __future__ import annotations

import http.client
import ipaddress
import socket
import ssl
import threading
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit

from shared.channels import LOOPBACK
from shared.errors import RefusedError, UnavailableError

_SECONDS = 10.0
_TRY_LATER = frozenset({408, 425, 429})


class HttpsMessenger:
    """
    Args:
        own_machine: whether messages may go to this machine, and without TLS there.
        context: of TLS; by default, what this machine trusts.
        seconds: the longest that a whole exchange may take.
    """

    def __init__(
        self,
        *,
        own_machine: bool = False,
        context: ssl.SSLContext | None = None,
        seconds: float = _SECONDS,
    ) -> None:
        self._own_machine = own_machine
        self._context = context
        self._seconds = seconds

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """
        Raises:
            UnavailableError: it may be taken later.
            RefusedError: it never will be. Neither says more of the address than its host, for the
                rest is a secret.
        """
        parts = urlsplit(url)
        host = parts.hostname or ""
        plain = parts.scheme == "http"
        if plain and not (self._own_machine and host in LOOPBACK):
            raise RefusedError(f"{host}: only https:// addresses are sent to")
        address = self._address(host, parts.port or (80 if plain else 443))
        path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        deadline: threading.Timer | None = None
        try:
            connection = self._connection(host, parts.port, address, plain=plain)
            raw = connection.sock
            deadline = threading.Timer(self._seconds, _cut, [raw])
            deadline.daemon = True
            deadline.start()
            connection.request("POST", path, body, dict(headers))
            status = connection.getresponse().status
            connection.close()
        except (OSError, http.client.HTTPException) as fault:
            raise UnavailableError(f"{host} did not answer: {type(fault).__name__}") from None
        finally:
            if deadline is not None:
                deadline.cancel()
        if status in _TRY_LATER or status >= 500:
            raise UnavailableError(f"{host} answered {status}")
        if not 200 <= status < 300:
            raise RefusedError(f"{host} answered {status}")

    def _connection(
        self, host: str, port: int | None, address: tuple[str, int], *, plain: bool
    ) -> http.client.HTTPConnection:
        """To this very address, under the host's name."""
        connection = http.client.HTTPConnection(host, port, timeout=self._seconds)
        opened = socket.create_connection(address, timeout=self._seconds)
        if plain:
            connection.sock = opened
            return connection
        context = self._context or ssl.create_default_context()
        try:
            connection.sock = context.wrap_socket(opened, server_hostname=host)
        except OSError:
            opened.close()
            raise
        return connection

    def _address(self, host: str, port: int) -> tuple[str, int]:
        """Raises UnavailableError, RefusedError where it leads to an address of this network."""
        try:
            found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError):
            raise UnavailableError(f"{host} is not known") from None
        addresses = [str(entry[4][0]) for entry in found]
        for address in addresses:
            if not self._may_be_sent_to(address):
                raise RefusedError(f"{host} leads to an address of this network")
        return addresses[0], port

    def _may_be_sent_to(self, address: str) -> bool:
        read = ipaddress.ip_address(address.partition("%")[0])
        if isinstance(read, ipaddress.IPv6Address) and read.ipv4_mapped is not None:
            read = read.ipv4_mapped
        if read.is_loopback:
            return self._own_machine
        return read.is_global and not read.is_multicast


def _cut(opened: socket.socket) -> None:
    with suppress(OSError):
        opened.shutdown(socket.SHUT_RDWR)
