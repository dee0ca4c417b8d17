"""What is asked of Vertex AI."""

from __future__ import annotations

from typing import Any

from tests.integration.conftest import job_request
from tests.integration.google_cloud import GoogleCloud

SUCCEEDS = "succeed('examples', 'transform', 'train', 'evaluate'); finish()"


def request(google: GoogleCloud, **fields: Any) -> Any:
    output = google.artifacts.uri("jobs/qt-1")
    return job_request("qt-1", "test").model_copy(update={"output_uri": output, **fields})
