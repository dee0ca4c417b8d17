"""Every endpoint that the API describes, by every kind of caller."""

from __future__ import annotations

import base64
import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from operator import methodcaller
from typing import Any
from unittest.mock import patch

from cryptography.hazmat.primitives import hashes, hmac, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from starlette.testclient import TestClient

from tests.torture.trial import Tally, trial

AUDIENCE = "/projects/1/global/backendServices/2"
HEADER = "X-Goog-IAP-JWT-Assertion"
ROLES = ("viewer", "editor", "admin")

# The least role of each operation, by its id, so that a new endpoint has to be thought about:
# what reads takes a viewer and what deletes an admin by its method, and must not be listed.
ASKS = {
    *("compareQuickTests", "compareQuickTestSegments", "exportQuickTestComparison"),
    *("getQuickTestHeatmap", "exportQuickTestHeatmap", "predict"),
    *("estimateQuickTest", "validateFeatureConfig", "validateModelConfig", "validateSweep"),
    *(
        "validateTuning",
        "validateRuleSet",
        "validateSchedule",
        "validateLearningCurve",
        "generateTrainerCode",
        "inspectSource",
        "recommendCross",
        "getSampleSize",
        "describeFeatures",
        "planFiles",
        "renderFile",
        "getQuickTestSettings",
    ),
}
CHANGES = {
    *("createDataset", "updateDataset", "profileDataset", "createDatasetFeatureConfig"),
    *("createFeatureConfig", "updateFeatureConfig", "cloneFeatureConfig"),
    *("archiveFeatureConfig", "unarchiveFeatureConfig"),
    *("createModelConfig", "updateModelConfig", "cloneModelConfig"),
    *("createQuickTest", "cancelQuickTest", "startFullTraining", "createSweep", "cancelSweep"),
    *("createRuleSet", "updateRuleSet", "cloneRuleSet"),
    *("createTuning", "stopTuning", "cancelTuning", "startLearningCurve"),
    *("promoteModel", "rollBackModel"),
    *("markQuickTest", "markSweep", "markTuning"),
    *("startExperiment", "endExperiment", "measureExperiment"),
    "applyFiles",
    *("createSchedule", "updateSchedule", "runSchedule", "pauseSchedule", "resumeSchedule"),
}
# What deletes by POST, and what plans it.
DELETES = {"planErasure", "eraseCustomer"}


def _part(value: Any) -> bytes:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


class Issuer:
    """Signs tokens; `public` is what anybody may know of its key."""

    def __init__(self) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())
        self.public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )

    def certificates(self, _: str) -> bytes:
        return json.dumps({"key-1": self.public.decode()}).encode()

    def token(self, email: str, **claims: Any) -> str:
        return self.signed({"alg": "ES256"}, self._signature, email, **claims)

    def with_its_public_key(self, email: str) -> str:
        """HS256 over a secret that is none: a verifier must not take a public key for one."""

        def sign(message: bytes) -> bytes:
            made = hmac.HMAC(self.public, hashes.SHA256())
            made.update(message)
            return made.finalize()

        return self.signed({"alg": "HS256"}, sign, email)

    def signed(
        self, header: dict[str, str], sign: Callable[[bytes], bytes], email: str, **claims: Any
    ) -> str:
        now = int(time.time())
        payload = {
            "iss": "https://cloud.google.com/iap",
            "aud": AUDIENCE,
            "iat": now - 1000,
            "exp": now + 600,
            "email": email,
            **claims,
        }
        message = _part({"typ": "JWT", "kid": "key-1", **header}) + b"." + _part(payload)
        return (message + b"." + _part(sign(message))).decode()

    def _signature(self, message: bytes) -> bytes:
        r, s = decode_dss_signature(self._key.sign(message, ec.ECDSA(hashes.SHA256())))
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def strangers(issuer: Issuer) -> dict[str, dict[str, str]]:
    """Headers of those who must not come in, each as the admin that they are not."""
    who, now = "admin@shop.example", int(time.time())
    other = Issuer()
    good = issuer.token(who)
    tokens = {
        "expired": issuer.token(who, exp=now - 60),
        "not yet valid": issuer.token(who, iat=now + 600, exp=now + 1200),
        "for another audience": issuer.token(who, aud="/projects/1/global/backendServices/3"),
        "for no audience": issuer.token(who, aud=None),
        "of another issuer": issuer.token(who, iss="https://accounts.google.com"),
        "signed by another issuer": other.token(who),
        "alg none": issuer.signed({"alg": "none"}, lambda _: b"", who),
        "alg none, by another key id": issuer.signed(
            {"alg": "none", "kid": "key-2"}, lambda _: b"", who
        ),
        "HS256 by the public key": issuer.with_its_public_key(who),
        "changed": f"{good.split('.')[0]}.{other.token(who, x=1).split('.')[1]}."
        f"{good.split('.')[2]}",
        "unsigned": good.rpartition(".")[0] + ".",
        "no token": "nonsense",
        "of nobody": issuer.token(""),
    }
    headers = {what: {HEADER: token} for what, token in tokens.items()}
    headers["anonymous"] = {}
    headers["in another header"] = {"Authorization": f"Bearer {good}"}
    headers["that only says who"] = {
        "X-Goog-Authenticated-User-Email": f"accounts.google.com:{who}"
    }
    return headers


def operations(described: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """Id, method and path of each, with an id of nothing in its path."""
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield operation["operationId"], method.upper(), re.sub(r"{\w+}", "none", path)


def wanted_role(name: str, method: str) -> str | None:
    """None for an operation that nobody has thought about."""
    if method in ("GET", "DELETE"):
        return {"GET": "viewer", "DELETE": "admin"}[method]
    if name in DELETES:
        return "admin"
    return "viewer" if name in ASKS else "editor" if name in CHANGES else None


@trial("abuse", "every endpoint by every kind of caller", seconds=120)
def authorisation(tally: Tally) -> None:
    from functions.api import create_app
    from functions.api.guard import guard
    from functions.settings import Settings
    from local.tracking import SETTING
    from local.wiring import embedded

    logging.getLogger("httpx").setLevel(logging.WARNING)
    issuer = Issuer()
    console = tally.folder / "console"
    console.mkdir()
    (console / "index.html").write_text("<title>Console</title>")
    settings = Settings.model_validate(
        {
            **{"project": "shop-prod", "location": "europe-west4", "bucket": "shop-recsmith"},
            **{"auth": "iap", "auth_audience": AUDIENCE, "console": str(console)},
            "default_role": None,
        }
    )
    with patch.dict("os.environ", {SETTING: "off"}):
        system = embedded(tally.folder / "home")
    for role in ROLES:
        system.ports.documents.transact(
            methodcaller("set", f"people/{role}@shop.example", {"role": role})
        )
    with patch("functions.api.identity._fetch", issuer.certificates):
        # As deployed: there is no stream of changes, which has no end.
        ports = replace(system.ports, changes=None)
        app = guard(create_app(ports), settings, system.ports.documents)
        client = TestClient(app, raise_server_exceptions=False)
        admin = {HEADER: issuer.token("admin@shop.example")}
        described = client.get("/api/openapi.json", headers=admin).json()
        endpoints = list(operations(described))
        _roles(tally, client, issuer, endpoints)
        paths = [(f"{method} {path}", method, path) for _, method, path in endpoints]
        paths += [
            (f"GET {path}", "GET", path)
            for path in ("/", "/index.html", "/sweeps/sw-1", "/api/docs", "/api/openapi.json")
        ]
        for what, headers in strangers(issuer).items():
            for named, method, path in paths:
                for form in {path, path.rstrip("/") or "/"}:
                    answer = client.request(method, form, headers=headers)
                    tally.tried()
                    if answer.status_code != 401:
                        tally.lets_in(f"{named}, {what}: {answer.status_code}")
    tally.figure(f"{len(endpoints)} operations, {len(strangers(issuer))} kinds of strangers")


def _roles(
    tally: Tally, client: TestClient, issuer: Issuer, endpoints: list[tuple[str, str, str]]
) -> None:
    callers = {role: {HEADER: issuer.token(f"{role}@shop.example")} for role in ROLES}
    callers["without a role"] = {HEADER: issuer.token("somebody@shop.example")}
    for name, method, path in endpoints:
        least = wanted_role(name, method)
        if least is None:
            tally.lets_in(f"{name} is among neither ASKS, CHANGES nor DELETES")
            continue
        for role, headers in callers.items():
            body = {"odd": 1} if method in ("POST", "PUT") else None
            answer = client.request(method, path, headers=headers, json=body)
            tally.tried()
            allowed = role in ROLES and ROLES.index(role) >= ROLES.index(least)
            if allowed and answer.status_code in (401, 403):
                tally.loses(f"{role} may not {name}: {answer.status_code}")
            if not allowed and answer.status_code != 403:
                tally.lets_in(f"{role} may {name}: {answer.status_code}")
            if answer.status_code >= 500:
                tally.loses(f"{name} as {role}: {answer.status_code}")
