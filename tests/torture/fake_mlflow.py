"""A stand-in for a server of MLflow: as much of its API as the tracker uses, in several moods."""

from __future__ import annotations

import base64
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit


class FakeMlflow:
    """`mood`: well, broken (500), refusing (401), or gone (hangs up). Remembers what it was sent;
    runs' files are kept under `folder`."""

    def __init__(self, folder: Path) -> None:
        self.mood = "well"
        self.credentials: set[str] = set()
        self.bodies: list[str] = []
        self._folder = folder
        self._runs = 0
        fake = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                fake._answer(self)

            def do_POST(self) -> None:
                fake._answer(self)

            def log_message(self, *_: Any) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.port = self._server.server_address[1]

    def __enter__(self) -> FakeMlflow:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0)).decode()
        self.bodies.append(f"{request.path}\n{body}")
        scheme, _, sent = request.headers.get("Authorization", "").partition(" ")
        if scheme == "Basic":
            self.credentials.add(base64.b64decode(sent).decode())
        if self.mood == "gone":
            request.connection.close()
            return
        status = {"broken": 500, "refusing": 401}.get(self.mood, 200)
        answer = self._found(urlsplit(request.path).path) if status == 200 else {}
        content = json.dumps(answer or {"error_code": "NO", "message": "no"}).encode()
        request.send_response(status)
        request.send_header("Content-Type", "application/json")
        request.send_header("Content-Length", str(len(content)))
        request.end_headers()
        request.wfile.write(content)

    def _found(self, path: str) -> dict[str, Any]:
        experiment = {
            "experiment_id": "1",
            "name": "Shop",
            "artifact_location": self._folder.as_uri(),
            "lifecycle_stage": "active",
        }
        if path.endswith("experiments/search"):
            return {"experiments": [experiment]}
        if path.endswith("experiments/get-by-name"):
            return {"experiment": experiment}
        info = {
            "run_id": f"run-{self._runs}",
            "run_uuid": f"run-{self._runs}",
            "experiment_id": "1",
            "status": "RUNNING",
            "lifecycle_stage": "active",
            "artifact_uri": f"{self._folder.as_uri()}/run-{self._runs}",
        }
        if path.endswith("runs/create"):
            self._runs += 1
        if path.endswith(("runs/create", "runs/get")):
            return {"run": {"info": info, "data": {}}}
        return {"run_info": info} if path.endswith("runs/update") else {"runs": []}
