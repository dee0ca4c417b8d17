"""Artifacts in a Cloud Storage bucket."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

from google.api_core import exceptions
from google.cloud import storage
from google.cloud.storage.retry import DEFAULT_RETRY

from shared.errors import AlreadyExistsError, NotFoundError, RefusedError
from shared.paths import check_key

_PIECE_BYTES = 4 << 20  # a request each


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
        """An upload whose answer was lost is tried again and then finds itself:
        AlreadyExistsError."""
        uri = self.uri(key)
        try:
            # Generation 0 is "no such object": of concurrent creators, one wins.
            self._bucket.blob(key).upload_from_string(
                content, if_generation_match=0, checksum="crc32c"
            )
        except exceptions.PreconditionFailed:
            raise AlreadyExistsError("artifact", key) from None
        except exceptions.Forbidden:
            # It may be refused as a replacement, by whoever may create only, before its condition
            # is looked at.
            if self.exists(uri):
                raise AlreadyExistsError("artifact", key) from None
            raise
        return uri

    def replace(self, key: str, content: bytes) -> str:
        uri = self.uri(key)
        try:
            # The same content in the same place: an upload whose answer was lost may be repeated.
            self._bucket.blob(key).upload_from_string(
                content, checksum="crc32c", retry=DEFAULT_RETRY
            )
        except exceptions.Forbidden:
            raise RefusedError(
                f"The account of this deployment may not replace {uri}: give it the role Storage"
                f" Object User on the bucket's folder {key.partition('/')[0]}/."
            ) from None
        return uri

    def read(self, uri: str) -> bytes:
        try:
            content: bytes = self._blob(uri).download_as_bytes(checksum="crc32c")
        except exceptions.NotFound:
            raise NotFoundError("artifact", uri) from None
        return content

    def pieces(self, uri: str) -> Iterator[bytes]:
        try:
            with self._blob(uri).open("rb", chunk_size=_PIECE_BYTES) as file:
                while piece := file.read(_PIECE_BYTES):
                    yield piece
        except exceptions.NotFound:
            raise NotFoundError("artifact", uri) from None

    def contents(self, folder: str) -> list[tuple[str, int]]:
        check_key(folder)
        found = self._bucket.list_blobs(prefix=f"{folder}/")
        # Consoles leave empty objects for folders.
        return sorted((blob.name, blob.size) for blob in found if not blob.name.endswith("/"))

    def exists(self, uri: str) -> bool:
        try:
            return bool(self._blob(uri).exists())
        except NotFoundError:
            return False

    def folders(self, parent: str) -> list[str]:
        check_key(parent)
        found = self._bucket.list_blobs(prefix=f"{parent}/", delimiter="/")
        for _ in found.pages:  # prefixes come with the pages
            pass
        return sorted(prefix.rstrip("/") for prefix in found.prefixes)

    def remove(self, folder: str) -> None:
        check_key(folder)
        try:
            for blob in self._bucket.list_blobs(prefix=f"{folder}/"):
                with suppress(exceptions.NotFound):
                    blob.delete()
        except exceptions.Forbidden:
            raise RefusedError(
                "The account of this deployment may not delete files in its bucket: give it the"
                " role Storage Object User there."
            ) from None

    def signed_url(self, uri: str, lifetime: timedelta, filename: str, **signer: Any) -> str:
        """A link with which a browser downloads one artifact without an account, for a while.

        Args:
            signer: `credentials` that hold a key, or, where there is none (Cloud Functions),
                `service_account_email` and `access_token`: IAM signs then, for which the account
                needs `iam.serviceAccounts.signBlob` on itself.

        Raises:
            NotFoundError: a URI outside the store.
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
            raise NotFoundError("artifact", uri)
        return self._bucket.blob(key)
