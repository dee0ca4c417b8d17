"""Each deployed function has the rights that its code needs, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from reach import deployed

from shared.events import Topic

TERRAFORM = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[2] / "infra" / "terraform").glob("*.tf"))
)
REACH = deployed()


def functions_that(*uses: str) -> set[str]:
    """Those that come to do one of these."""
    return {function for function, reached in REACH.items() if reached & set(uses)}


def names(text: str) -> set[str]:
    return set(re.findall(r'"([a-z-]+)"', text))


def given(pattern: str) -> set[str]:
    """The names that Terraform lists behind a pattern."""
    (found,) = re.findall(pattern, TERRAFORM, re.S)
    return names(found)


def test_each_function_may_publish_what_its_code_publishes() -> None:
    (listed,) = re.findall(r"function, topics in \{(.*?)\n      \} :", TERRAFORM, re.S)
    granted = {
        function: names(topics)
        for function, topics in re.findall(r"([a-z-]+) += \[(.*?)\]", listed)
    }
    assert granted == {
        function: published
        for function, reached in REACH.items()
        if (published := {topic.value for topic in Topic if f"Topic.{topic.name}" in reached})
    }


def test_each_function_may_read_and_create_the_files_that_it_reads_and_creates() -> None:
    """Whoever asks Vertex AI reads what the job told; whoever creates looks at what is there."""
    creators = functions_that("artifacts.create", "pipelines.launch")
    readers = functions_that("artifacts.read", "artifacts.exists", "pipelines.get")
    readers |= functions_that("pipelines.cancel") | creators
    buckets = r'"google_storage_bucket_iam_member" "{}" \{{\n  for_each = toset\(\[(.*?)\]'
    assert given(buckets.format("readers")) == readers
    assert given(buckets.format("creators")) == creators


def test_each_function_may_ask_of_vertex_ai_and_of_the_data_what_it_asks() -> None:
    (jobs,) = re.findall(r'"google_project_iam_member" "jobs" \{(.*?)\n  \}', TERRAFORM, re.S)
    granted = dict(re.findall(r"([a-z-]+) += google_project_iam_custom_role\.(\w+)\.", jobs))
    launchers = functions_that("pipelines.launch")
    assert {name for name, role in granted.items() if role == "launcher"} == launchers
    assert set(granted) == launchers | functions_that("pipelines.get", "pipelines.cancel")
    readers = functions_that("data.inspect", "data.profile", "data.bytes_read")
    assert given(r"data_readers = \[(.*?)\]") == readers | {"pipeline"}
