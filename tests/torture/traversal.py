"""Paths that lead out: keys and addresses of artifacts, ids, the console's files, modules."""

from __future__ import annotations

import hashlib
import http.client
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import uvicorn

from functions.api import create_app
from functions.api.console import WithConsole
from functions.api.guard import guard
from functions.settings import Settings
from local.data.browse import browse
from local.state.artifacts import FileArtifactStore
from shared.documents.base import CodeArtifact
from shared.errors import AlreadyExistsError, NotFoundError
from tests.torture.hostile import PATHS, SQL
from tests.torture.trial import Tally, trial
from trainer_image.job.modules import artifact_of, fetch_module
from trainer_image.job.status import JobFailedError

_SECRET = "hush, this is secret"


@trial("abuse", "path traversal: artifacts, and modules that were changed", seconds=60)
def artifacts(tally: Tally) -> None:
    root = tally.folder / "a" / "b" / "store"
    store = FileArtifactStore(root)
    (secret := tally.folder / "secret.py").write_text(_SECRET)
    (root / "out.py").symlink_to(secret)
    (root / "folder").symlink_to(tally.folder)
    outside = files_in(tally.folder, root)
    keys = [*PATHS, *(f"code/{path}" for path in PATHS), "out.py", "folder/secret.py", "folder/new"]
    for key in keys:
        tally.tried()
        try:
            store.create(key, b"written")
        except (ValueError, AlreadyExistsError, OSError):
            continue
    there = root.resolve().as_uri()
    uris = [
        *(f"{there}/{quote(path, safe='/%')}" for path in keys),
        *(f"{there}/{quote(path, safe='')}" for path in keys),
        *(f"{there}/{path}" for path in keys if "\0" not in path),
        *(f"{there}/{up}secret.py" for up in ("../../../", "%2e%2e/%2e%2e/%2e%2e/", "..%2f" * 3)),
        *(secret.as_uri(), f"file:{secret}", str(secret), f"file://localhost{secret}", "file:///"),
        *(f"gs://store{secret}", f"http://127.0.0.1{secret}", f"{there}?/../../../secret.py", ""),
        *("file:///proc/self/environ", "file:///dev/zero", "file:////etc/passwd", "file://h/etc/x"),
    ]
    for uri in uris:
        tally.tried()
        try:
            if store.exists(uri) and not uri.startswith("file:"):
                tally.lets_in(f"{uri!r} is there")
            content = store.read(uri)
        except NotFoundError:
            continue
        if content != b"written":
            tally.lets_in(f"{uri!r} reads {content[:40]!r}")
    if files_in(tally.folder, root) != outside:
        tally.lets_in(f"written outside: {files_in(tally.folder, root) - outside}")
    _modules(tally, tally.folder / "modules")


def _modules(tally: Tally, folder: Path) -> None:
    """The trainer imports the very bytes that were generated, or nothing."""
    folder.mkdir()
    source = b"def run_fn(fn_args): pass\n"
    digest = hashlib.sha256(source).hexdigest()
    module = folder / f"{digest}.py"
    for changed in (source[:-1], source + b"#", b"", source.replace(b"pass", b"evil"), source):
        tally.tried()
        module.write_bytes(changed)
        copies = folder / "copies"
        try:
            copy = fetch_module(artifact_of(module.as_uri()), copies, "trainer")
            if changed != source or copy.read_bytes() != source:
                tally.lets_in(f"a changed module is taken: {changed!r}")
        except JobFailedError:
            if changed == source:
                tally.loses("the module as it was generated is refused")
    for text in (f"{folder}/trainer.py", f"{module}#sha256={'0' * 64}", "/"):
        tally.tried()
        try:
            fetch_module(artifact_of(text), folder / "copies", "trainer")
        except JobFailedError:
            continue
        tally.lets_in(f"{text} is taken without its hash")
    tally.tried()
    try:
        fetch_module(CodeArtifact(uri="file:///dev/null", sha256=digest), folder, "../trainer")
        tally.lets_in("a device is taken for a module")
    except JobFailedError:
        pass


@trial("abuse", "path traversal: addresses of the console, the API and of folders", seconds=90)
def addresses(tally: Tally) -> None:
    built = tally.folder / "console" / "dist"
    (built / "assets").mkdir(parents=True)
    (built / "index.html").write_text("<p>the console</p>")
    (built / ".hidden").write_text(_SECRET)
    (tally.folder / "secret.txt").write_text(_SECRET)
    (tally.folder / "console" / "secret.txt").write_text(_SECRET)
    (built / "assets" / "link.txt").symlink_to(tally.folder / "secret.txt")
    (built / "link").symlink_to(tally.folder)
    sys.path.insert(0, str(Path(__file__).parents[1] / "unit"))
    from scenario import Shop

    shop = Shop()
    settings = Settings(
        project="a-shop",
        location="europe-west4",
        bucket="shop",
        auth="none",
        emulated=True,
        console=str(built),
    )
    apps = {
        "local": WithConsole(create_app(shop.ports, browse), built),
        "deployed": guard(create_app(shop.ports), settings, shop.ports.documents),
    }
    ups = ("../", "..%2f", "%2e%2e/", "%2e%2e%2f", "..%5c", "..\\", ".%2e/")
    escapes = [
        *(f"{up * n}{to}" for up in ups for n in (1, 2, 3) for to in ("secret.txt", "etc/passwd")),
        *("assets/link.txt", "link/secret.txt", ".hidden", "%2ehidden", "assets/..%2f.hidden"),
        *("..%252f..%252fsecret.txt", "%252e%252e/secret.txt", "..;/secret.txt", "..%00/x"),
        *("%00", "a%00b", "..%c0%af..%c0%afsecret.txt", "%ff%fe", "//secret.txt", "/../x"),
        *(f"{tally.folder}/secret.txt", "file:///etc/passwd", "C:%5csecret.txt", "x" * 5000),
        *(quote(path, safe="%") for path in PATHS),
    ]
    resources = ("datasets", "feature-configs", "quick-tests", "sweeps")
    ends = (
        "",
        "/versions",
        "/report",
        "/generated-code",
        "/sample-tensors",
        "/fixes",
        "/events",
        "/estimate",
    )
    paths = [
        f"{start}{path}" for start in ("/", "/assets/", "/api/docs/static/") for path in escapes
    ]
    ids = [quote(path, safe="%") for path in [*PATHS, *SQL]][:: tally.of(1, 4)]
    paths += [f"/api/{what}/{one}{end}" for what in resources for one in ids for end in ends]
    listed = [f"/api/files/?path={quote(path, safe='%')}" for path in [*PATHS, *SQL, "/proc", "/x"]]
    for name, app in apps.items():
        with Served(app) as port:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
            for path in [*paths, *(listed if name == "local" else [])]:
                tally.tried()
                status, body = _get(connection, path)
                if _SECRET in body or "root:x:" in body:
                    tally.lets_in(f"{name}: {path[:80]} is read")
                if status >= 500:
                    tally.loses(f"{name}: {path[:80]} answers {status}: {body[:100]}")


def _get(connection: http.client.HTTPConnection, path: str) -> tuple[int, str]:
    for attempt in (1, 2):
        try:
            connection.putrequest("GET", path.replace(" ", "%20"))
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read().decode(errors="replace")
        except (http.client.HTTPException, OSError):  # it was closed after the answer before
            connection.close()
            if attempt == 2:
                raise
    raise AssertionError


class Served:
    """An application behind a real server, which decodes paths as such a one does."""

    def __init__(self, app: Any, *, logs: bool = False) -> None:
        quiet: Any = {"log_level": "critical", "access_log": False}
        config = uvicorn.Config(app, port=0, **({"log_config": None} if logs else quiet))
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)

    def __enter__(self) -> int:
        self._thread.start()
        while not self._server.started:
            time.sleep(0.02)
        port: int = self._server.servers[0].sockets[0].getsockname()[1]
        return port

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(10)


def files_in(folder: Path, but: Path) -> set[str]:
    """What lies in a folder, a part of it left out."""
    return {
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path != but and not path.is_relative_to(but)
    }
