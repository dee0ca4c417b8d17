"""Do trainings of one config that differ by their seed alone differ by more than customers do?

    PYTHONPATH=. .venv-trainer/bin/python bench/training_seeds.py --percent 10 1 2 3 4

Trains the standard model on the demo data (`make demo`) once for each training seed, and prints for
each pair the difference between their recalls with its interval, paired by customer.
"""

from __future__ import annotations

import argparse
import itertools
import statistics

import numpy as np

from bench.defaults_study import RETRIEVAL, demo_data, train_and_evaluate
from trainer_image.evaluation.resampling import interval

METRICS = ("recall_at_100", "recall_at_10", "mrr")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("seeds", nargs="+", type=int)
    parser.add_argument("--percent", type=float, default=10, help="of the households")
    arguments = parser.parse_args()
    data = demo_data(arguments.percent)
    found = {
        seed: train_and_evaluate(data, RETRIEVAL[0], training_seed=seed) for seed in arguments.seeds
    }
    protocol = found[arguments.seeds[0]].report.protocol
    print(f"{protocol.holdout_rows:,} held-out rows of {protocol.holdout_customers:,} customers")
    for metric in METRICS:
        values = [one.report.metrics[metric] for one in found.values()]
        print(f"{metric}: " + ", ".join(f"{value:.4f}" for value in values))
        if len(values) > 1:
            print(f"  standard deviation of the seeds {statistics.stdev(values):.4f}")
        for one, other in itertools.combinations(found, 2):
            first, second = (
                np.array(found[seed].replicates.metrics[metric]) for seed in (one, other)
            )
            paired = interval(first - second)
            difference = found[one].report.metrics[metric] - found[other].report.metrics[metric]
            verdict = "clear" if paired.excludes_zero() else "not clear"
            print(
                f"  seeds {one} and {other}: {difference:+.4f} "
                f"[{paired.low:+.4f}, {paired.high:+.4f}] {verdict}"
            )


if __name__ == "__main__":
    main()
