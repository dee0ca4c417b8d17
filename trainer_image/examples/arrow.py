"""Imported for what it does, by whatever reads Parquet: Arrow that runs no code out of a file.

The version that TFX holds back does so before 14.0.1 (CVE-2023-47248), unless its fix is imported.
"""

from __future__ import annotations

import pyarrow as pa

if int(pa.__version__.split(".")[0]) < 15:
    import pyarrow_hotfix  # noqa: F401
