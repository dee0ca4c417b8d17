"""The folder of a job on the laptop."""

from __future__ import annotations

from local.jobs.job_folder import JobFolder
from tests.integration.conftest import EmbeddedCloud

WAITS_FOR_GO = """
    with (JOB / "starts").open("a") as file: file.write("x")
    succeed('examples')
    status('transform', 'running')
    wait_for('go')
    status('transform', 'succeeded')
    succeed('train', 'evaluate')
    finish()
"""


def folder(embedded: EmbeddedCloud, job_id: str = "qt-1") -> JobFolder:
    return JobFolder(embedded.home / "jobs" / job_id)
