"""A tuning on the terminal: what is searched, the best so far, the trials and the verdict."""

from __future__ import annotations

import json

import pytest

from local.cli.client import UserError
from local.cli.follow_tuning import follow_tuning
from local.cli.output import err, out
from local.cli.tuning_tables import show_space, show_tuning, tunings_table
from local.cli.tunings import _searched, _space
from shared.documents.tuning import Tuning

SPACE = [
    {"setting": "temperature", "low": 0.03, "high": 0.3},
    {"setting": "output_width", "values": [32, 64]},
    {"setting": "included", "tower": "buyer", "column": "city"},
]
TRIALS = [
    {"number": 1, "quick_test_id": "qt-1", "label": "the default", "state": "completed"},
    {"number": 2, "quick_test_id": "qt-2", "label": "temperature 0.05", "state": "completed"},
    {"number": 3, "quick_test_id": "qt-3", "label": "temperature 0.2", "state": "cancelled"},
]
TRIALS[0] |= {"value": 0.2}
TRIALS[1] |= {"value": 0.25}
TRIALS[2] |= {"pruned": True, "losses": [8.0]}


def tuning(**status) -> dict:
    whole = {"state": "running", "space": SPACE, "metric": "recall_at_100", "trials": TRIALS}
    return {
        "id": "tu-1",
        "name": "Better",
        "spec": {"feature_config_id": "fc", "model_config_id": "mc"},
        "status": {**whole, "best": 2, **status},
    }


VERDICT = {"verdict": "better", "metric": "recall_at_100", "sentence": "Trial 2 is better."}


def said(show, *arguments, where=out) -> str:
    with where.capture() as capture:
        show(*arguments)
    return "\n".join(" ".join(line.split()) for line in capture.get().splitlines())


def test_trials_are_told_as_they_end_with_each_new_best():
    begun = tuning(trials=TRIALS[:1], best=1)
    told = said(follow_tuning, [begun, tuning(), tuning(state="completed")], where=err)
    assert told.splitlines() == [
        "✓ 1 the default Recall@100 0.2000",
        "Best so far: trial 1, Recall@100 0.2000: the default",
        "✓ 2 temperature 0.05 Recall@100 0.2500",
        "– 3 temperature 0.2 given up after 1 epoch",
        "Best so far: trial 2, Recall@100 0.2500 (default 0.2000): temperature 0.05",
    ]


def test_in_the_end_there_are_the_trials_best_first_what_matters_and_the_verdict():
    whole = tuning(
        state="completed",
        importance={"temperature": 0.9, "buyer.city": 0.1},
        verdict=VERDICT,
        why_no_more="all trials were made",
        refused=2,
        refusals=[{"label": "x", "reason": "Towers are 8 and 16 wide."}],
    )
    told = said(show_tuning, Tuning.model_validate(whole))
    rows = [line.split()[0] for line in told.splitlines() if "qt-" in line][:3]
    assert rows == ["2", "1", "3"]
    assert "temperature 90.0%" in told
    assert "buyer city 10.0%" in told
    assert "Trial 2 is better." in told
    assert "`recsmith train qt-2` trains it on all rows." in told
    assert "refused 2 draws that could not be trained, at no cost; the first: Towers" in told
    listed = said(lambda: out.print(tunings_table([whole])))
    assert "Better tu-1 completed 3/20 better" in listed


def test_the_space_is_said_before_it_starts():
    told = said(show_space, Tuning.model_validate(tuning()).status.space)
    assert "temperature 0.03 to 0.3" in told
    assert "output width 32, 64" in told
    assert "buyer city in or out" in told


def test_what_to_search_is_written_in_a_few_letters_or_read_from_a_file(tmp_path):
    assert [
        _searched(text) for text in ("temperature=0.03:0.3", "output_width=32,64", "buyer.city")
    ] == SPACE
    file = tmp_path / "space.json"
    file.write_text(json.dumps(SPACE))
    assert _space(None, file) == SPACE
    assert _space(None, None) is None
    for odd in ("temperature", "temperature=warm", "temperature=1:2:3", "shop.city"):
        with pytest.raises(UserError, match="says no range"):
            _searched(odd)
    with pytest.raises(UserError, match="cannot be read"):
        _space(None, tmp_path / "none.json")
