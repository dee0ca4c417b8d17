"""Messages over HTTPS: to whom they go, and what comes of what is answered."""

from __future__ import annotations

import datetime
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from shared.errors import RefusedError, UnavailableError
from shared.outbound import HttpsMessenger

HEADERS = {"Content-Type": "application/json", "Idempotency-Key": "1"}


class Receiver:
    """Answers with `status`, remembering what it got."""

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        self.status = 200
        self.got: list[tuple[str, str | None, bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.got.append((self.path, self.headers["Idempotency-Key"], body))
                self.send_response(receiver.status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context is not None:
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_address[1]

    def __enter__(self) -> Receiver:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as receiver:
        yield receiver


def test_a_laptop_may_tell_itself(receiver: Receiver) -> None:
    url = f"http://127.0.0.1:{receiver.port}/hooks/1?key=a"
    HttpsMessenger(own_machine=True).post(url, HEADERS, b"{}")
    assert receiver.got == [("/hooks/1?key=a", "1", b"{}")]


@pytest.mark.parametrize(
    ("status", "fault"),
    [
        (204, None),
        (302, RefusedError),
        (400, RefusedError),
        (404, RefusedError),
        (429, UnavailableError),
        (500, UnavailableError),
        (503, UnavailableError),
    ],
)
def test_what_is_answered_says_whether_to_try_again(
    receiver: Receiver, status: int, fault: type[Exception] | None
) -> None:
    receiver.status = status
    url = f"http://localhost:{receiver.port}/hooks/secret"
    messenger = HttpsMessenger(own_machine=True)
    if fault is None:
        messenger.post(url, HEADERS, b"{}")
    else:
        with pytest.raises(fault) as wrong:
            messenger.post(url, HEADERS, b"{}")
        assert "secret" not in str(wrong.value)
    assert len(receiver.got) == 1  # no redirection is followed


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "172.16.3.4", "192.168.1.1", "169.254.169.254", "0.0.0.0"),
        *("100.64.0.1", "224.0.0.1", "::1", "fd00::1", "fe80::1", "::ffff:10.0.0.1", "::"),
    ],
)
def test_nothing_is_sent_into_this_network_whatever_a_name_says(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def leads(host: str, port: int, **_: Any) -> list[Any]:
        assert host == "chat.example.com"
        public = (socket.AF_INET, socket.SOCK_STREAM, 6, "", ("8.8.8.8", port))
        return [public, (socket.AF_INET, socket.SOCK_STREAM, 6, "", (address, port))]

    monkeypatch.setattr(socket, "getaddrinfo", leads)
    monkeypatch.setattr(socket, "create_connection", _never)
    with pytest.raises(RefusedError, match="an address of this network"):
        HttpsMessenger().post("https://chat.example.com/a", HEADERS, b"{}")


def test_a_deployment_sends_nothing_to_itself_nor_in_the_open(receiver: Receiver) -> None:
    for url in (f"http://127.0.0.1:{receiver.port}/", "http://chat.example.com/"):
        with pytest.raises(RefusedError, match="only https"):
            HttpsMessenger().post(url, HEADERS, b"{}")
    with pytest.raises(RefusedError, match="this network"):
        HttpsMessenger().post(f"https://127.0.0.1:{receiver.port}/", HEADERS, b"{}")
    with pytest.raises(RefusedError, match="only https"):
        HttpsMessenger(own_machine=True).post("http://chat.example.com/", HEADERS, b"{}")
    assert not receiver.got


def _never(*_: Any, **__: Any) -> Any:
    raise AssertionError("a connection was opened")


def test_the_server_shows_a_certificate_of_the_host(tmp_path: Path) -> None:
    own, pem = _certified(tmp_path)
    trusting = ssl.create_default_context(cafile=str(pem))
    with Receiver(own) as receiver:
        url = f"https://localhost:{receiver.port}/hooks/1"
        HttpsMessenger(own_machine=True, context=trusting).post(url, HEADERS, b"{}")
        assert len(receiver.got) == 1
        another = url.replace("localhost", "127.0.0.1")
        for where, context in ((url, None), (another, trusting)):
            with pytest.raises(UnavailableError, match="SSLCertVerificationError"):
                HttpsMessenger(own_machine=True, context=context).post(where, HEADERS, b"{}")
        assert len(receiver.got) == 1


def test_a_receiver_that_hangs_or_drips_is_left_after_its_time() -> None:
    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1")
        while not ended.wait(0.05):
            connection.sendall(b" ")

    def hang(_: socket.socket) -> None:
        ended.wait()

    for how in (drip, hang):
        ended = threading.Event()
        messenger = HttpsMessenger(own_machine=True, seconds=0.5)
        with _listening(how) as port, pytest.raises(UnavailableError, match="did not answer"):
            messenger.post(f"http://127.0.0.1:{port}/", HEADERS, b"{}")
        ended.set()


def test_a_host_that_is_not_there_may_be_there_later() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    for url in (f"http://127.0.0.1:{port}/", "https://no-such-host.invalid/"):
        with pytest.raises(UnavailableError):
            HttpsMessenger(own_machine=True).post(url, HEADERS, b"{}")


@contextmanager
def _listening(serve: Callable[[socket.socket], None]) -> Iterator[int]:
    listener = socket.create_server(("127.0.0.1", 0))

    def accept() -> None:
        connection, _ = listener.accept()
        with connection:
            try:
                serve(connection)
            except OSError:
                return

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def _certified(folder: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's context with a certificate for `localhost`, and its file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
        .sign(key, hashes.SHA256())
    )
    pem, private = folder / "cert.pem", folder / "key.pem"
    pem.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem, private)
    return context, pem
