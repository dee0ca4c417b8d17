"""Columns that a test's results are split by, from its spec to its job."""

from __future__ import annotations

import pytest
from api_client import Client
from lab import Lab


@pytest.fixture
def lab():
    return Lab()


def request_of(lab, test_id):
    return lab.pipelines.requests[lab.job_id(test_id)]


def test_they_are_read_and_change_no_code(lab):
    features, model = lab.features(), lab.model()
    plain = lab.launched("Plain", features, model)
    split = lab.launched("Split", features, model, segment_columns=["organic", "department"])
    one, other = (request_of(lab, test_id) for test_id in (plain, split))
    assert one.examples.segment_keys == []
    assert other.examples.segment_keys == ["organic", "department"]
    added = [raw for raw in other.examples.features if raw not in one.examples.features]
    assert [(f.column, f.type.value) for f in added] == [
        ("organic", "text"),
        ("department", "text"),
    ]
    assert other.examples.query_keys == one.examples.query_keys
    assert other.examples.candidate_keys == one.examples.candidate_keys
    assert (other.preprocessing.sha256, other.trainer.sha256) == (
        one.preprocessing.sha256,
        one.trainer.sha256,
    )


def test_one_that_cannot_be_is_told_before_anything_runs(lab):
    client = Client(lab)
    configs = {"feature_config_id": lab.features(), "model_config_id": lab.model()}
    body = {"spec": {**configs, "segment_columns": ["organic", "product", "nothing"]}}
    found = client("POST", "/api/quick-tests/estimate/", body).json()
    assert found["segment_columns"] == ["department", "organic"]
    assert not found["valid"]
    assert [
        (one["path"], one["code"]) for one in found["problems"] if "segment" in one["path"]
    ] == [
        ("spec.segment_columns[1]", "segment_column_values"),
        ("spec.segment_columns[2]", "segment_column_unknown"),
    ]
    six = {"spec": {**configs, "segment_columns": list("abcdef")}}
    assert not client("POST", "/api/quick-tests/estimate/", six).json()["valid"]
