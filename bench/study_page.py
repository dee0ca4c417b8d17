"""Writes docs/defaults.md from what both studies measured. Part of `make study`.

.venv/bin/python -m bench.study_page
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from statistics import mean, stdev
from typing import Any

from bench.models_study import ROOT, SEEDS, Found
from bench.public_data import PUBLIC_DATA
from shared.baselines import baseline as baseline_of
from shared.metrics import metric as metric_of
from shared.wording import plural

_SETTINGS = ROOT / "bench" / "defaults_results.jsonl"
_CONCLUSIONS = ROOT / "bench" / "defaults_conclusions.md"
_PAGE = ROOT / "docs" / "defaults.md"
_INTRODUCTION = """\
# Which defaults learn

Written by `make study`. Two epochs; the latest tenth of the rows is held out; all unique products
are candidates, those included that the customer has already.
"""
_MODELS = """\
## The recommended model beside simple methods

Recall@100. Each kind of data goes the way of a user: smart defaults, a preset, a quick test over
all rows. The *recommended* model is trained {seeds} times; ± is the standard deviation of these
trainings, and the last column says how many of them are clearly better or worse than the strongest
simple method, by the 95% interval of the difference, paired by customer. The groceries are those of
the demo, all households. Public data, which is not part of Recsmith:

{public}
"""
_RATINGS = """\
## Ratings

The *recommended* towers and a rating head; RMSE, lower is better.
"""
_SETTINGS_INTRODUCTION = """\
## One setting changed

The *standard* towers and two epochs, seed 42. Each row changes the named setting only. One run a
cell: differences below 0.005 mean nothing. A dash: not run.
"""

Measured = Mapping[str, Any]


def models_tables(found: Found) -> list[str]:
    """The sections on the proposed models."""
    data = list(dict.fromkeys(name for name, _, _ in found.all))
    columns = ["data", "held out", "strongest simple method", "standard", "wide", "recommended"]
    return [
        *_table(
            [*columns, "against the strongest"],
            [row for name in data if (row := _recommended(found, name))],
        ),
        *_table(
            ["data", "", "recall@10", "recall@50", "recall@100"],
            [row for name in data for row in _lengths(found, name)],
        ),
        _RATINGS,
        *_table(
            ["data", "global mean", "regularised biases", "this model", "against the biases"],
            [row for name in data if (row := _rated(found, name))],
        ),
    ]


def _of(found: Found, data: str, model: str) -> list[Measured]:
    return [found.all[data, model, seed] for seed in SEEDS if (data, model, seed) in found.all]


def _recommended(found: Found, data: str, metric: str = "recall_at_100") -> list[str]:
    runs = _of(found, data, "recommended")
    if not runs:
        return []
    strongest = _strongest(runs[0], metric)
    others = [_spread(_of(found, data, model), metric) for model in ("standard", "wide")]
    return [
        data,
        f"{plural(runs[0]['rows'], 'purchase')} of {plural(runs[0]['customers'], 'customer')}, "
        f"{plural(runs[0]['candidates'], 'product')}",
        f"{runs[0][f'baseline {strongest}'][metric]:.3f} ({baseline_of(strongest).label})",
        *others,
        f"**{_spread(runs, metric)}**",
        _verdicts(runs, strongest, metric),
    ]


def _lengths(found: Found, data: str) -> list[list[str]]:
    runs = _of(found, data, "recommended")
    metrics = ("recall_at_10", "recall_at_50", "recall_at_100")
    if not runs:
        return []
    shown = ["own_history", "decayed_history", "tifu_knn", "ease"]
    baselines = [name for name in shown if f"baseline {name}" in runs[0]]
    return [
        [data, "recommended", *(f"**{_spread(runs, metric)}**" for metric in metrics)],
        *(
            [
                "",
                baseline_of(name).label,
                *(f"{runs[0][f'baseline {name}'][metric]:.3f}" for metric in metrics),
            ]
            for name in baselines
        ),
    ]


def _rated(found: Found, data: str) -> list[str]:
    runs = _of(found, data, "ratings")
    if not runs:
        return []
    biases = "regularised_biases"
    return [
        data,
        *(f"{runs[0][f'baseline {name}']['rmse']:.3f}" for name in ("global_mean", biases)),
        f"**{_spread(runs, 'rmse')}**",
        _verdicts(runs, biases, "rmse"),
    ]


def _strongest(run: Measured, metric: str) -> str:
    baselines = {
        key.removeprefix("baseline "): values[metric]
        for key, values in run.items()
        if key.startswith("baseline ") and metric in values
    }
    return max(baselines, key=lambda name: baselines[name])


def _spread(runs: list[Measured], metric: str) -> str:
    values = [run["metrics"][metric] for run in runs]
    if not values:
        return "–"
    return f"{mean(values):.3f}" + (f" ± {stdev(values):.3f}" if len(values) > 1 else "")


def _verdicts(runs: list[Measured], baseline: str, metric: str) -> str:
    better = worse = 0
    for run in runs:
        low, high = run["differences"][baseline][metric]
        if metric_of(metric).lower_is_better:
            low, high = -high, -low
        better += low > 0
        worse += high < 0
    told = [
        f"{count} of {len(runs)} {word}" for count, word in ((better, "better"), (worse, "worse"))
    ]
    return ", ".join(one for one in told if not one.startswith("0 ")) or "no clear difference"


def settings_tables() -> list[str]:
    """The sections on single settings, from `bench/defaults_study.py`."""
    found = {
        (name, data): values
        for name, data, values in map(
            json.loads, _SETTINGS.read_text(encoding="utf-8").splitlines()
        )
    }
    lines = []
    for title, metric, baseline in (
        ("Retrieval: recall@100", "recall_at_100", "popularity"),
        ("Ranking: RMSE (lower is better)", "rmse", "global mean"),
    ):
        of_task = {key: values for key, values in found.items() if _of_task(values, metric, key[0])}
        data = list(dict.fromkeys(name for _, name in of_task))
        against = [
            next(
                f"*{values[f'baseline {metric}']:.3f}*"
                for (_, one), values in of_task.items()
                if one == name and values
            )
            for name in data
        ]
        rows = [[f"*{baseline}*", *against]]
        for setting in dict.fromkeys(name for name, _ in of_task):
            cells = [of_task.get((setting, name)) for name in data]
            rows.append(
                [
                    setting,
                    *(
                        "–" if one is None else f"{one[metric]:.3f}" if one else "diverged"
                        for one in cells
                    ),
                ]
            )
        lines += [f"### {title}\n", *_table(["setting", *data], rows)]
    return lines


def _of_task(values: Measured, metric: str, setting: str) -> bool:
    """Whether a run belongs to the task that the metric judges; one that diverged has no metrics,
    and says by its setting's name what it was."""
    return metric in values if values else setting.endswith(" ranking") == (metric == "rmse")


def _table(columns: list[str], rows: list[list[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *rows]
    return [*(f"| {' | '.join(line)} |" for line in lines), ""]


def main() -> None:
    public = "\n".join(f"- *{one.name}*: {one.told}." for one in PUBLIC_DATA)
    lines = [
        _INTRODUCTION,
        _MODELS.format(seeds=len(SEEDS), public=public),
        *models_tables(Found()),
        _SETTINGS_INTRODUCTION,
        *settings_tables(),
        _CONCLUSIONS.read_text(encoding="utf-8").rstrip(),
    ]
    _PAGE.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
