"""Artifacts in a Cloud Storage bucket."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from google.api_core import exceptions
from google.cloud import storage

from shared.paths import check_key
from shared.ports import AlreadyExists, NotFound


class GcsArtifactStore:
    """Keys are names of objects; URIs are `gs://bucket/key`, as they are, without escapes.

    Every upload and download is checked against the object's CRC32C. Jobs write into the same
    bucket themselves.
    """

    def __init__(self, client: storage.Client, bucket: str) -> None:
        self._bucket = client.bucket(bucket)
        self._prefix = f"gs://{bucket}/"

    def uri(self, key: str) -> str:
        check_key(key)
        return f"{self._prefix}{key}"

    def create(self, key: str, content: bytes) -> str:
        """An upload whose answer was lost is tried again and then finds itself: AlreadyExists."""
        uri = self.uri(key)
        try:
            # Generation 0 is "no such object": of concurrent creators, one wins.
            self._bucket.blob(key).upload_from_string(
                content, if_generation_match=0, checksum="crc32c"
            )
        except exceptions.PreconditionFailed:
            raise AlreadyExists(f"There is an artifact {key!r} already.") from None
        except exceptions.Forbidden:
            # It may be refused as a replacement, by whoever may create only, before its condition
            # is looked at.
            if self.exists(uri):
                raise AlreadyExists(f"There is an artifact {key!r} already.") from None
            raise
        return uri

    def read(self, uri: str) -> bytes:
        try:
            content: bytes = self._blob(uri).download_as_bytes(checksum="crc32c")
        except exceptions.NotFound:
            raise NotFound(f"There is no artifact {uri!r}.") from None
        return content

    def exists(self, uri: str) -> bool:
        try:
            return bool(self._blob(uri).exists())
        except NotFound:
            return False

    def signed_url(self, uri: str, lifetime: timedelta, filename: str, **signer: Any) -> str:
        """A link with which a browser downloads one artifact without an account, for a while.

        Args:
            signer: `credentials` that hold a key, or, where there is none (Cloud Functions),
                `service_account_email` and `access_token`: IAM signs then, for which the account
                needs `iam.serviceAccounts.signBlob` on itself.

        Raises:
            NotFound: a URI outside the store.
        """
        quoted = filename.replace("\\", "_").replace('"', "_")
        url: str = self._blob(uri).generate_signed_url(
            version="v4",
            expiration=lifetime,
            method="GET",
            response_disposition=f'attachment; filename="{quoted}"',
            **signer,
        )
        return url

    def _blob(self, uri: str) -> Any:
        key = uri.removeprefix(self._prefix)
        if key == uri or not key:
            raise NotFound(f"There is no artifact {uri!r}.")
        return self._bucket.blob(key)
