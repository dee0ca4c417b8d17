"""Which settings are tried next: by the trials so far, and by nothing else."""

from __future__ import annotations

import json
import math
import subprocess
import sys

import pytest

from shared.documents.tuning import Searched
from shared.rules.search import Point, importance, pruned_at, suggest

SPACE = [
    Searched(setting="output_width", values=[16, 32, 64, 128]),
    Searched(setting="half_life", low=10, high=400),
    Searched(setting="dropout", low=0, high=0.5),
    Searched(setting="included", tower="buyer", column="city"),
]


def found(params):
    """One width and one half-life matter."""
    width, half_life = params["output_width"], params["half_life"]
    return 0.3 - 0.05 * abs(math.log2(width / 64)) - 0.08 * abs(math.log(half_life / 60))


def run(seed, trials=30, value=found):
    known = []
    for number in range(1, trials + 1):
        params = asked(known, seed, number)
        known.append(Point(params, "completed", value(params)))
    return known


def asked(known, seed=1, number=9, draw=0):
    where = {"seed": seed, "number": number, "draw": draw, "trials": 30}
    return suggest(SPACE, known, **where, lower_is_better=False)


@pytest.mark.parametrize("seed", range(4))
def test_a_planted_problem_is_solved_within_thirty_trials(seed):
    best = max(run(seed), key=lambda point: point.value)
    assert best.params["output_width"] == 64
    assert 40 < best.params["half_life"] < 90


def test_what_matters_comes_first_on_average():
    shares = [importance(SPACE, run(seed), lower_is_better=False) for seed in range(4)]
    keys = [one.key for one in SPACE]
    means = {key: sum(share[key] for share in shares) / len(shares) for key in keys}
    assert set(sorted(means, key=means.get)[-2:]) == {"output_width", "half_life"}
    assert all(sum(share.values()) == pytest.approx(1, abs=0.01) for share in shares)


def test_the_answer_depends_on_the_trials_alone_in_whatever_process_it_is_asked():
    known = run(3, trials=12)
    here = asked(known)
    assert here == asked(known)
    assert here != asked(known, draw=1)
    assert here != asked(known, number=10)
    program = (
        "import json, sys; from tests.unit.shared.rules import test_search as own;"
        "print(json.dumps(own.asked(own.run(3, trials=12))))"
    )
    program = program.replace("from tests.unit.shared.rules import test_search as own", _IMPORT)
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert json.loads(told.stdout) == here


_IMPORT = f"import runpy, types; own = types.SimpleNamespace(**runpy.run_path({__file__!r}))"


def test_values_are_within_their_bounds_and_written_as_people_write_them():
    for point in run(5, trials=12):
        assert point.params["output_width"] in (16, 32, 64, 128)
        assert 10 <= point.params["half_life"] <= 400
        assert len(f"{point.params['half_life']:g}".replace(".", "")) <= 3
        assert point.params["dropout"] == round(point.params["dropout"], 2)
        assert point.params["buyer.city"] in (0, 1)


def test_a_trial_is_given_up_where_its_best_loss_is_above_the_median():
    known = [Point({}, "completed", 1.0, [3, 2, 1]) for _ in range(4)]
    assert pruned_at([3.5], known, 3) == 1
    assert pruned_at([2.5], known, 3) is None
    assert pruned_at([2.5, 2.4], known, 3) == 2
    assert pruned_at([2.5, 1.9, 9.0], known, 3) is None, "the last epoch costs nothing more"
    assert pruned_at([9.0], known, 1) is None
    assert pruned_at([9.0], known[:3], 3) is None, "three say too little"
    assert pruned_at([], known, 3) is None


def test_nothing_is_said_of_importance_where_there_is_nothing_to_say():
    few = run(1, trials=3)
    assert importance(SPACE, few, lower_is_better=False) == {}
    alike = [Point(point.params, "completed", 0.2) for point in run(1, trials=8)]
    assert importance(SPACE, alike, lower_is_better=False) == {}


def test_optuna_is_loaded_only_where_something_is_suggested():
    program = (
        "import sys, shared.handlers, shared.editing, shared.services.tunings;"
        "import functions.api.tunings;"
        "print('optuna' in sys.modules)"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, check=True)
    assert told.stdout.decode().strip() == "False"
