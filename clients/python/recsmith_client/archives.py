"""Archives that were downloaded."""

from __future__ import annotations

import zipfile
from pathlib import Path

from recsmith_client.errors import RecsmithError


def whole_archive(path: Path) -> None:
    """Compares the checksums of all files in a ZIP file.

    Raises:
        RecsmithError: it is none, or is damaged.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            damaged = archive.testzip()
    except zipfile.BadZipFile as error:
        raise RecsmithError(f"What came is no whole archive: {error}.") from None
    if damaged is not None:
        raise RecsmithError(f"{damaged!r} was damaged on its way. Download it again.")
