"""Small pipelines by Beam's own runner and by the one in memory, in the trainer's environment.

python -m tests.integration.trainer.pipelines REPORT.json
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import apache_beam as beam
from apache_beam.runners.portability.fn_api_runner import FnApiRunner

from trainer_image.training.in_memory import InMemoryRunner

ENDED = Path(sys.argv[1]).with_name("ended")


class Counted(beam.DoFn):  # type: ignore[misc]
    """Gives elements on, threes to another output besides; tells where it ended what it began."""

    def __init__(self, ended: str) -> None:
        self.ended, self.seen = ended, 0

    def setup(self) -> None:
        assert self.seen == 0

    def process(self, element: Any) -> Iterator[Any]:
        self.seen += 1
        yield element
        if element == 3:
            yield beam.pvalue.TaggedOutput("threes", element)

    def teardown(self) -> None:
        with Path(self.ended).open("a") as file:
            file.write(f"{self.seen}\n")


def numbers(pipeline: Any) -> Any:
    return pipeline | beam.Create([3, 1, 2, 3], reshuffle=False)


def mapped(pipeline: Any) -> Any:
    return numbers(pipeline) | beam.Map(lambda x: x * 10) | beam.FlatMap(lambda x: [x, x + 1])


def grouped(pipeline: Any) -> Any:
    pairs = pipeline | beam.Create([("a", 1), ("b", 2), ("a", 3), (None, 4), ((1, "c"), 5)])
    return pairs | beam.GroupByKey() | beam.MapTuple(lambda key, of: (key, sorted(of)))


def of_several_types(pipeline: Any) -> Any:
    told = pipeline | beam.Create([1, True, 1.0, "1", b"1"]) | beam.combiners.Count.PerElement()
    return told | beam.MapTuple(lambda value, count: (type(value).__name__, count))


def combined(pipeline: Any) -> Any:
    pairs = numbers(pipeline) | beam.Map(lambda x: (x % 2, float(x)))
    mean = pairs | "mean" >> beam.CombinePerKey(beam.combiners.MeanCombineFn())
    return (mean, pairs | beam.CombinePerKey(sum)) | beam.Flatten()


def combined_of_nothing(pipeline: Any) -> Any:
    nothing = numbers(pipeline) | beam.Filter(lambda x: x > 9)
    return nothing | beam.CombineGlobally(sum)


def with_side_inputs(pipeline: Any) -> Any:
    """Of what the same stage makes, of a whole that a later one makes, and of tables."""
    rows = numbers(pipeline)
    total = rows | "total" >> beam.CombineGlobally(sum)
    names = rows | beam.Map(lambda x: (x, f"n{x}")) | beam.Distinct()
    return rows | "read" >> beam.Map(
        lambda x, every, whole, named, missing: (x, sorted(every), whole, named[x], missing),
        beam.pvalue.AsList(rows | beam.Map(lambda x: -x)),
        whole=beam.pvalue.AsSingleton(total),
        named=beam.pvalue.AsDict(names),
        missing=beam.pvalue.AsSingleton(rows | beam.Filter(lambda x: x > 9), default_value="none"),
    )


def reshuffled(pipeline: Any) -> Any:
    return numbers(pipeline) | beam.Reshuffle() | beam.Map(str)


def of_two_outputs(pipeline: Any) -> Any:
    found = numbers(pipeline) | beam.ParDo(Counted(str(ENDED))).with_outputs("threes", main="all")
    threes = found.threes | beam.Map(lambda x: f"three {x}")
    return (found["all"] | beam.Map(str), threes) | beam.Flatten()


def read_again(pipeline: Any) -> Any:
    """A step that reads an early collection late, beside what was made of it."""
    rows = numbers(pipeline)
    counts = rows | beam.combiners.Count.PerElement()
    late = rows | beam.Map(lambda x, of: (x, of[x]), beam.pvalue.AsDict(counts))
    return (late, counts) | beam.Flatten()


def windows_are_one(pipeline: Any) -> Any:
    return numbers(pipeline) | beam.Map(lambda x, w=beam.DoFn.WindowParam: (x, type(w).__name__))


def windowed(pipeline: Any) -> Any:
    """Which the runner in memory has no use for, and refuses."""
    of_days = numbers(pipeline) | beam.Map(lambda x: beam.window.TimestampedValue(x, x * 86_400))
    return of_days | beam.WindowInto(beam.window.FixedWindows(86_400)) | beam.Map(str)


def fails(pipeline: Any) -> Any:
    return numbers(pipeline) | beam.Map(lambda x: 1 // (x - 2))


PIPELINES: list[Callable[[Any], Any]] = [
    mapped,
    grouped,
    of_several_types,
    combined,
    combined_of_nothing,
    with_side_inputs,
    reshuffled,
    of_two_outputs,
    read_again,
    windows_are_one,
    fails,
]


def outcome(runner: Any, made: Callable[[Any], Any], folder: Path) -> list[str]:
    """Lines of what a pipeline gives, in their order; or the kind of its fault."""
    try:
        with beam.Pipeline(runner=runner) as pipeline:
            lines = made(pipeline) | "shown" >> beam.Map(repr)
            lines | beam.io.WriteToText(str(folder), shard_name_template="", num_shards=1)
    except Exception as error:
        return [type(error).__name__, str(error).split(" [while", maxsplit=1)[0]]
    return sorted(folder.read_text().splitlines())


if __name__ == "__main__":
    report = Path(sys.argv[1])
    found = {
        made.__name__: [
            outcome(runner(), made, report.with_name(f"{made.__name__}-{runner.__name__}"))
            for runner in (FnApiRunner, InMemoryRunner)
        ]
        for made in PIPELINES
    }
    refused = outcome(InMemoryRunner(), windowed, report.with_name("windowed"))
    told = {"outcomes": found, "refused": refused, "ended": ENDED.read_text().split()}
    report.write_text(json.dumps(told))
