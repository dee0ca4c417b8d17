"""How the pipeline's components read what they are given as text."""

from __future__ import annotations

import argparse

import pytest

from shared.documents.base import CodeArtifact
from trainer_image.compile import Machine
from trainer_image.job.modules import artifact_of
from trainer_image.job.status import JobFailedError
from trainer_image.training.beam import BEAM_RUNNER, beam_arguments, in_process, on_dataflow_above

HASH = "0123456789abcdef" * 4
OTHER = "f" * 64


@pytest.mark.parametrize(
    ("text", "uri", "sha256"),
    [
        (f"gs://bucket/code/{HASH}.py", f"gs://bucket/code/{HASH}.py", HASH),
        (f"file:///a%20b/trainer.py#sha256={HASH}", "file:///a%20b/trainer.py", HASH),
        (f"gs://bucket/{OTHER}.py#sha256={HASH}", f"gs://bucket/{OTHER}.py", HASH),
    ],
)
def test_a_module_is_named_with_its_hash(text: str, uri: str, sha256: str) -> None:
    assert artifact_of(text) == CodeArtifact(uri=uri, sha256=sha256)


@pytest.mark.parametrize(
    "text", ["gs://bucket/code/trainer.py", f"gs://b/{HASH[1:]}.py", f"t.py#sha256={HASH.upper()}"]
)
def test_a_module_without_a_hash_is_refused(text: str) -> None:
    with pytest.raises(JobFailedError, match="cannot be verified: expected its SHA-256"):
        artifact_of(text)


def test_beam_runs_in_the_process_up_to_so_many_rows_and_on_dataflow_above() -> None:
    given = on_dataflow_above(1000, "--sdk_container_image=i", "--project=p")
    here = beam_arguments(given, 1000)
    assert here == [f"--runner={BEAM_RUNNER}", "--sdk_container_image=i", "--project=p"]
    there = beam_arguments(given, 1001)
    assert there == ["--sdk_container_image=i", "--project=p", "--runner=DataflowRunner"]


def test_beam_stays_in_the_process_where_nothing_else_is_said() -> None:
    assert beam_arguments(in_process("--x=1"), 10**12) == [f"--runner={BEAM_RUNNER}", "--x=1"]


def test_a_machine_is_cpus_and_memory() -> None:
    assert Machine.parse("8x32") == Machine(cpus=8, memory_gb=32)


@pytest.mark.parametrize("text", ["8", "x32", "8x", "0x32", "8x0", "8x32x1", "-8x32", "8 x 32"])
def test_what_is_no_machine_is_refused(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="such as 8x32"):
        Machine.parse(text)
