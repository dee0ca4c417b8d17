"""What a job leaves of segments: new customers, for whom a test may be worse, and all others."""

from __future__ import annotations

import random
from typing import Any

from lab import DRAWS, Lab, replicates, retrieval

from shared.segment_reports import SEGMENT_REPLICATES_FILE, SEGMENTS_FILE

METRIC = "recall_at_100"
_SIZES = {"new": (2_000, 120), "heavy": (10_000, 80)}


def segments(**recall: float) -> dict[str, Any]:
    """A segments.json; popularity finds 20 % for everybody.

    Args:
        recall: by segment.
    """
    return {
        "holdout_fingerprint": "rows",
        "splits": [
            {
                "name": "customers",
                "label": "Customers",
                "help": "By their training purchases.",
                "segments": [_segment(key, value) for key, value in recall.items()],
            }
        ],
    }


def _segment(key: str, recall: float) -> dict[str, Any]:
    rows, customers = _SIZES[key]
    gain = recall - 0.2
    return {
        "key": key,
        "label": key.capitalize(),
        "phrase": f"{key} customers",
        "rule": "1 to 4 training purchases" if key == "new" else "38 or more training purchases",
        "rows": rows,
        "customers": customers,
        "fingerprint": key,
        "metrics": {METRIC: recall, "mrr": recall / 5},
        "intervals": {METRIC: {"low": recall - 0.02, "high": recall + 0.02}},
        "baselines": {"popularity": {METRIC: 0.2, "mrr": 0.04}, "random": {METRIC: 0.001}},
        "differences": {
            "popularity": {
                METRIC: {"low": gain - 0.02, "high": gain + 0.02, "standard_error": 0.01}
            }
        },
    }


def drawn(seed: int, **recall: float) -> dict[str, Any]:
    """A segment_bootstrap.json."""
    chance = random.Random(seed)
    return {
        "holdout_fingerprint": "rows",
        "segments": {
            f"customers/{key}": {METRIC: [value + chance.gauss(0, 0.003) for _ in range(DRAWS)]}
            for key, value in recall.items()
        },
    }


def completed(lab: Lab, name: str, recall: float, seed: int, **by_segment: float) -> str:
    """A completed test that is better than its baselines over all rows."""
    test_id = lab.launched(name, *_configs(lab))
    if by_segment:
        lab.leave(test_id, SEGMENTS_FILE, segments(**by_segment))
        lab.leave(test_id, SEGMENT_REPLICATES_FILE, drawn(seed, **by_segment))
    lab.leave_results(test_id, retrieval(recall, beats=True), replicates(recall, seed=seed))
    lab.job_news(test_id)
    assert lab.test(test_id).state == "completed"
    return test_id


def _configs(lab: Lab) -> tuple[str, str]:
    known = getattr(lab, "own_configs", None)
    if known is None:
        known = lab.own_configs = lab.features(), lab.model()
    return known
