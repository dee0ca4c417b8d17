"""Where Apache Beam runs: in the process, or on Dataflow where the rows are many."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

# Not `DirectRunner`, which looks for a Prism binary on the network first.
BEAM_RUNNER = "apache_beam.runners.portability.fn_api_runner.FnApiRunner"


def in_process(*options: str) -> list[str]:
    """Beam's arguments for a pipeline that runs where it is started."""
    return [f"--runner={BEAM_RUNNER}", *options]


def on_dataflow_above(rows: int, *options: str) -> list[str]:
    """Arguments that `beam_arguments` settles once the number of rows is known.

    Args:
        options: Dataflow's own, such as `--project=…`.
    """
    return [f"--dataflow_above_rows={rows}", *in_process(*options)]


def beam_arguments(arguments: Sequence[str], rows: int) -> list[str]:
    """Beam's arguments for so many rows."""
    parser = argparse.ArgumentParser(allow_abbrev=False)
    parser.add_argument("--dataflow_above_rows", type=int)
    own, others = parser.parse_known_args(list(arguments))
    if own.dataflow_above_rows is None or rows <= own.dataflow_above_rows:
        return others
    return [option for option in others if not option.startswith("--runner=")] + [
        "--runner=DataflowRunner"
    ]
