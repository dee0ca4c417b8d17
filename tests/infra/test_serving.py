"""Models on Cloud Run: private, with a right to read and no other, ready before they are asked."""

from __future__ import annotations

import re
from typing import Any

from tests.infra.configuration import FOLDER, blocks, text, value

RESOURCES = [block for block in blocks("resource") if block.name == "serving"]
SERVING = text(FOLDER / "serving.tf")


def of(kind: str) -> dict[str, Any]:
    (found,) = [block.body for block in RESOURCES if block.kind == kind]
    return found


def test_nothing_is_made_where_no_model_is_named() -> None:
    for block in RESOURCES:
        count, each = value(block.body, "count"), value(block.body, "for_each")
        asked = "${length(local.served) > 0 ? 1 : 0}"
        assert count == asked or each in ("${local.served}", "${local.served_invokers}")


def test_its_account_may_read_the_artifacts_and_nothing_else() -> None:
    rights = {
        (block.kind, value(block.body, "role"))
        for block in blocks("resource")
        if "google_service_account.serving" in str(block.body.get("member"))
    }
    assert rights == {("google_storage_bucket_iam_member", "roles/storage.objectViewer")}
    (template,) = of("google_cloud_run_v2_service")["template"]
    assert value(template, "service_account") == "${google_service_account.serving[0].email}"


def test_whoever_asks_is_named() -> None:
    invoker = of("google_cloud_run_v2_service_iam_member")
    assert value(invoker, "role") == "roles/run.invoker"
    assert value(invoker, "member") == "${each.value.member}"
    assert "invoker_iam_disabled" not in SERVING


def test_the_api_may_ask_each_model_and_is_told_where() -> None:
    (right,) = [block.body for block in blocks("resource") if block.name == "playground"]
    assert value(right, "for_each") == "${local.served}"
    assert value(right, "role") == "roles/run.invoker"
    assert value(right, "member") == '${google_service_account.functions["api"].member}'
    functions = text(FOLDER / "functions.tf")
    (told,) = re.findall(r"SERVING_URLS += (.*)", functions)
    assert "for id in keys(local.served)" in told
    assert "google_cloud_run_v2_service.serving[id].uri" in told
    assert functions.index("api_settings = {") < functions.index(told)
    settings = text(FOLDER.parents[1] / "functions" / "settings.py")
    assert "    serving_urls: " in settings


def test_an_instance_is_asked_once_its_model_has_answered_and_by_fewer_than_may_wait() -> None:
    (template,) = of("google_cloud_run_v2_service")["template"]
    (container,) = template["containers"]
    (startup,), (liveness,) = container["startup_probe"], container["liveness_probe"]
    assert value(startup["http_get"][0], "path") == "/health"
    assert value(liveness["http_get"][0], "path") == "/live"
    # https://cloud.google.com/run/docs/configuring/healthchecks
    waits = value(startup, "period_seconds") * value(startup, "failure_threshold")
    assert waits + value(startup, "initial_delay_seconds") <= 240
    assert value(template, "max_instance_request_concurrency") < 64  # --max-waiting


def test_the_command_is_one_that_the_server_takes() -> None:
    source = text(FOLDER.parents[1] / "trainer_image" / "http_server.py")
    (template,) = of("google_cloud_run_v2_service")["template"]
    (container,) = template["containers"]
    assert value(container, "command") == ["python", "-m", "trainer_image.http_server"]
    for argument in value(container, "args"):
        assert f'"{argument.partition("=")[0]}"' in source
