"""The zone of the machine and the hours that daylight saving repeats or leaves out, in splits."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from tests.torture.trial import Tally, trial

_ROOT = Path(__file__).resolve().parents[2]
_SHOP = ZoneInfo("Europe/Berlin")
# In 2024: Europe's clocks went back at 01:00 UTC and forth at 01:00 UTC.
_CHANGES = {
    "back": datetime(2024, 10, 27, 1, tzinfo=UTC),
    "forth": datetime(2024, 3, 31, 1, tzinfo=UTC),
}
_ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]
_ROWS = 400
_READ = """
import json, sys
from local.data.source import DuckDBDataSource
from pathlib import Path
from shared.documents.dataset import FileSource
from shared.examples import ExamplesSpec, RawFeature, RawType
from trainer_image.examples.read import read_examples
source = FileSource(kind="csv", uri=sys.argv[1])
names = ("customer", "product")
features = [RawFeature(key=name, column=name, type=RawType.TEXT) for name in names]
found = read_examples(ExamplesSpec(
    source=source, features=features, query_keys=["customer"], candidate_keys=["product"],
    customer_key="customer", product_key="product", timestamp_column="bought_at",
    split="temporal", sample_percent=100.0, seed=1,
))
held_out = zip(found.eval["customer"].to_pylist(), found.eval_times.to_pylist())
profile = DuckDBDataSource(Path(sys.argv[2])).profile(source)
at = next(one.statistics for one in profile.columns if one.name == "bought_at")
print(json.dumps({"held out": sorted(held_out), "trained": len(found.train),
                  "times": sorted(found.train_times.to_pylist()), "min": at.min, "max": at.max}))
"""


@trial("faults", "the machine's zone and daylight saving in splits", seconds=150)
def clock_zones(tally: Tally) -> None:
    """The same rows are held out whatever the zone of the machine, and whether times are written
    with their offset, in UTC or without either; an hour that comes twice is in its order."""
    for change, at in list(_CHANGES.items())[: tally.of(2, 1)]:
        times = [at + timedelta(minutes=n - 0.9 * _ROWS) for n in range(_ROWS)]
        written = {
            "with offsets": [time.astimezone(_SHOP).isoformat() for time in times],
            "in UTC": [time.strftime("%Y-%m-%dT%H:%M:%SZ") for time in times],
            "without a zone": [time.strftime("%Y-%m-%d %H:%M:%S") for time in times],
        }
        latest = [round(time.timestamp()) for time in times[-_ROWS // 10 :]]
        for form, texts in written.items():
            path = tally.folder / f"{change} {form}.csv"
            rows = (f"c{n},p{n % 7},{text}\n" for n, text in enumerate(texts))
            path.write_text("customer,product,bought_at\n" + "".join(rows))
            zones = tally.of(_ZONES, _ZONES[2:4] if form == "with offsets" else _ZONES[2:3])
            first: dict[str, Any] = {}
            for zone in zones:
                tally.tried()
                found = _read(path, tally.folder / "home", zone)
                held_out = [time for _, time in sorted(found["held out"], key=lambda row: row[1])]
                if held_out != latest:
                    tally.loses(f"clocks go {change}, {form}, in {zone}: {held_out} are held out")
                first = first or found
                if found != first:
                    tally.loses(f"clocks go {change}, {form}: {zone} reads other than {zones[0]}")


def _read(path: Path, home: Path, zone: str) -> dict[str, Any]:
    ended = subprocess.run(
        [sys.executable, "-c", _READ, path, home],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": str(_ROOT), "TZ": zone},
    )
    if ended.returncode:
        raise RuntimeError(ended.stderr)
    return dict(json.loads(ended.stdout.splitlines()[-1]))
