"""What a job is asked for, and the templates that it is made from."""

from __future__ import annotations

from pathlib import Path

from shared.jobs import JobRequest

TEMPLATES = Path(__file__).parents[1] / "golden" / "templates"


def request(columns: int = 3) -> JobRequest:
    features = [
        {"key": f"column_{number}", "column": f"column {number}", "type": "text"}
        for number in range(columns)
    ]
    return JobRequest.model_validate(
        {
            "job_id": "quick-test-1",
            "quick_test_id": "1",
            "preprocessing": {"uri": f"gs://b/code/{'a' * 64}.py", "sha256": "a" * 64},
            "trainer": {"uri": f"gs://b/code/{'b' * 64}.py", "sha256": "b" * 64},
            "examples": {
                "source": {"kind": "bigquery", "table": "p.d.t"},
                "features": features,
                "query_keys": ["column_0"],
                "candidate_keys": ["column_1"],
                "customer_key": "column_0",
                "product_key": "column_1",
            },
            "vocabularies": [],
            "epochs": 2,
            "output_uri": "gs://b/jobs/quick-test-1",
        }
    )
