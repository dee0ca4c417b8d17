"""A pipeline whose worker is a process of its own, started by the command that is given."""

import sys

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions
from apache_beam.runners.portability.fn_api_runner import FnApiRunner
from apache_beam.transforms.environments import SubprocessSDKEnvironment


class WhereItRuns(beam.DoFn):
    """The interpreter's environment, and whether what a transform needs is in it."""

    def process(self, element: str):
        import importlib

        importlib.import_module(element)
        yield f"{element} in {sys.prefix}"


if __name__ == "__main__":
    command, out, *modules = sys.argv[1:]
    runner = FnApiRunner(SubprocessSDKEnvironment.from_command_string(command))
    with beam.Pipeline(runner, options=PipelineOptions(["--save_main_session"])) as pipeline:
        found = pipeline | beam.Create(modules, reshuffle=False) | beam.ParDo(WhereItRuns())
        found | beam.io.WriteToText(out, shard_name_template="")
