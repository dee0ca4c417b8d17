"""A signer of tokens, and an API that believes it."""

from __future__ import annotations

import datetime
import json
import time
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from google.auth import crypt, jwt

from functions.settings import Settings

AUDIENCE = "/projects/1/global/backendServices/2"
_SETTINGS: dict[str, Any] = {
    "project": "shop-prod",
    "location": "europe-west4",
    "bucket": "shop-recsmith",
    "auth": "iap",
    "auth_audience": AUDIENCE,
}


def guard_settings(**changed: Any) -> Settings:
    return Settings.model_validate({**_SETTINGS, **changed})


class Signer:
    """An issuer's key; `fetched` counts how often its certificates were asked for."""

    def __init__(self, kind: str = "ec") -> None:
        self.fetched = 0
        self._kind = kind
        self._key: Any = (
            ec.generate_private_key(ec.SECP256R1())
            if kind == "ec"
            else rsa.generate_private_key(65537, 2048)
        )

    def fetch(self, _: str) -> bytes:
        self.fetched += 1
        public = self._key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        return json.dumps({"key-1": public.decode()}).encode()

    def certificate(self) -> bytes:
        name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "recsmith.example")])
        now = datetime.datetime.now(datetime.UTC)
        made = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self._key.public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + datetime.timedelta(days=1))
            .sign(self._key, hashes.SHA256())
        )
        return made.public_bytes(serialization.Encoding.PEM)

    def private(self) -> bytes:
        pem: bytes = self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8
            if self._kind == "ec"
            else serialization.PrivateFormat.TraditionalOpenSSL,
            serialization.NoEncryption(),
        )
        return pem

    def token(self, key_id: str = "key-1", **claims: Any) -> str:
        signer: Any = crypt.EsSigner if self._kind == "ec" else crypt.RSASigner
        now = int(time.time())
        payload = {
            "iss": "https://cloud.google.com/iap",
            "aud": AUDIENCE,
            "iat": now,
            "exp": now + 600,
            "email": "Buyer@shop.example",
            **claims,
        }
        return str(jwt.encode(signer.from_string(self.private(), key_id), payload).decode())
