"""Each deployed function has the rights that its code needs, and no others."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from api_client import Client
from declared import within
from granted import granted
from reach import deployed
from scenario import Shop

from shared.events import Topic
from shared.handlers import STEPS, reconcile
from shared.jobs import Stage, State
from shared.ports import DataSource

TERRAFORM = "\n".join(
    path.read_text(encoding="utf-8")
    for path in sorted((Path(__file__).parents[4] / "infra" / "terraform").glob("*.tf"))
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


def test_the_steps_publish_what_they_declare_and_the_api_publishes_nothing() -> None:
    declared = {step.name.replace("_", "-"): step.publishes for step in STEPS}
    assert {**declared, "api": frozenset()} == {
        function: {topic for topic in Topic if f"Topic.{topic.name}" in reached}
        for function, reached in REACH.items()
    }


def test_each_function_hears_the_topic_that_it_declares() -> None:
    (listed,) = re.findall(r"listeners = \{(.*?)\n  \}", TERRAFORM, re.S)
    assert dict(re.findall(r"([a-z-]+) += \"([a-z-]+)\"", listed)) == {
        step.name.replace("_", "-"): step.trigger.value
        for step in STEPS
        if isinstance(step.trigger, Topic)
    }


def test_each_function_may_read_and_create_the_files_that_it_reads_and_creates() -> None:
    """Whoever asks Vertex AI reads what the job told; whoever creates looks at what is there."""
    creators = functions_that("artifacts.create", "pipelines.launch")
    readers = functions_that("artifacts.read", "artifacts.exists", "pipelines.get")
    readers |= functions_that("pipelines.cancel") | creators
    buckets = r'"google_storage_bucket_iam_member" "{}" \{{\n  for_each = toset\(\[(.*?)\]'
    assert given(buckets.format("readers")) == readers
    assert given(buckets.format("creators")) == creators
    assert given(buckets.format("pointers")) == functions_that("artifacts.replace")


def test_each_function_may_ask_of_vertex_ai_and_of_the_data_what_it_asks() -> None:
    (jobs,) = re.findall(r'"google_project_iam_member" "jobs" \{(.*?)\n  \}', TERRAFORM, re.S)
    granted = dict(re.findall(r"([a-z-]+) += google_project_iam_custom_role\.(\w+)\.", jobs))
    launchers = functions_that("pipelines.launch")
    assert {name for name, role in granted.items() if role == "launcher"} == launchers
    assert set(granted) == launchers | functions_that("pipelines.get", "pipelines.cancel")
    readers = functions_that(
        *(f"data.{name}" for name in vars(DataSource) if not name.startswith("_"))
    )
    assert given(r"data_readers = \[(.*?)\]") == readers | {"pipeline"}


def test_each_function_that_comes_to_talk_to_mlflow_may() -> None:
    """It has the token and the right to call, and nobody else has: the API deletes runs, and
    `reconcile` catches up with those that were missed."""
    assert given(r"trackers = \[(.*?)\]") == functions_that("tracker")
    assert "for function in local.trackers : function => { MLFLOW_TRACKING_TOKEN" in TERRAFORM
    (invokers,) = re.findall(r'iam_member" "mlflow" \{\n  for_each = (.*)', TERRAFORM)
    assert invokers == "local.with_mlflow ? toset(local.trackers) : toset([])"


def test_a_step_that_goes_beyond_what_it_declares_is_found() -> None:
    ports = within("launch_quick_test", Shop().ports)
    with pytest.raises(AssertionError, match="launch_quick_test reads sweeps"):
        ports.documents.query("sweeps")
    with pytest.raises(AssertionError, match="launch_quick_test writes datasets/1"):
        ports.documents.transact(lambda transaction: transaction.set("datasets/1", {}))


def test_a_call_without_the_right_to_it_is_found() -> None:
    shop = Shop()
    with pytest.raises(AssertionError, match=r"publish-change has no right to artifacts\.read"):
        granted("publish-change", shop.ports).artifacts.read("memory://a")
    with pytest.raises(AssertionError, match=r"track-quick-test has no right to pipelines\.launch"):
        within("track_quick_test", shop.ports).pipelines.launch(None)  # type: ignore[arg-type]


def test_the_clock_and_the_api_have_the_rights_that_they_come_to_use() -> None:
    """The steps are held to theirs in every test that runs them."""
    shop = Shop()
    test_id = shop.running_test()
    shop.pipelines.advance(shop.job_id(test_id), Stage.TRAIN, State.RUNNING)
    shop.documents.changes.clear()
    shop.clock.advance(3600)
    reconcile(within("reconcile", shop.ports))
    shop.settle()
    shop.ports = granted("api", shop.ports)
    client = Client(shop)
    dataset = next(iter(shop.documents.query("datasets"))).id
    for path in (
        f"datasets/{dataset}/",
        f"datasets/{dataset}/smart-defaults/",
        f"quick-tests/{test_id}/",
    ):
        assert client("GET", f"/api/{path}").status_code == 200
    assert client("POST", f"/api/quick-tests/{test_id}/cancel/").status_code == 200
    assert shop.pipelines.cancelled
    assert client("DELETE", f"/api/quick-tests/{test_id}/").status_code == 204
