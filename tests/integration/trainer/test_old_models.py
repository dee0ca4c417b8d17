"""Models that earlier versions have saved keep answering."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.integration.trainer.support import TrainerProcess


@pytest.mark.trainer
def test_an_older_model_says_by_a_signature_how_it_searches(tmp_path: Path) -> None:
    ended = TrainerProcess(tmp_path, "tests.integration.trainer.old_model", str(tmp_path)).wait()
    assert ended.returncode == 0, ended.stderr[-3000:]
    assert json.loads((tmp_path / "read.json").read_text()) == {
        "index": {
            "algorithm": "scann",
            "wanted": "scann",
            "num_leaves": 40,
            "leaves_to_search": 7,
        },
        "tensor": [[3.0], [5.0]],
        "signatures": ["query_embedding", "serving_default"],
        "looks_back": False,
        "answer": [["0.000000"]],
    }
