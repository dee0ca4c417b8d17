"""Where Apache Beam runs: in the process, or on Dataflow where the rows are many."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

# Names of a function's arguments, and the defaults that they have.
_Arguments = tuple[list[str], list[Any]]

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


@contextmanager
def arguments_read_once() -> Iterator[None]:
    """While a pipeline is built and run, Beam looks up each function's arguments once: it does so
    fifty thousand times for an analysis of six columns, a quarter of the whole."""
    from apache_beam.transforms import core

    read: Callable[[Any], _Arguments] = core.get_function_args_defaults
    known: dict[tuple[Any, bool], _Arguments] = {}

    def get_function_args_defaults(function: Any) -> _Arguments:
        plain = getattr(function, "__func__", function)  # a method is a new object each time
        key = (plain, plain is function)
        try:
            found = known.get(key)
        except TypeError:  # it cannot be hashed
            return read(function)
        if found is None:
            found = known[key] = read(function)
        names, defaults = found
        return [*names], [*defaults]

    core.get_function_args_defaults = get_function_args_defaults
    try:
        yield
    finally:
        core.get_function_args_defaults = read


def in_process_options() -> Any:
    """Options of a pipeline that runs where it is built, as soon as possible.

    Types of its thousand steps are not checked, and what is read of its own memory is not kept a
    second time: measuring what is kept takes longer than reading it. A view of the options is made
    once, where Beam would make a parser of arguments for each look at one.
    """
    from apache_beam.options.pipeline_options import PipelineOptions

    class Options(PipelineOptions):  # type: ignore[misc]
        def view_as(self, kind: Any) -> Any:
            views = self.__dict__.setdefault("_views", {})
            if kind not in views:
                views[kind] = super().view_as(kind)
            return views[kind]

    return Options(pipeline_type_check=False, max_cache_memory_usage_mb=0)
