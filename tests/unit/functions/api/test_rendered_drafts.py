"""Drafts as the files that would keep them."""

from __future__ import annotations

from typing import Any

import pytest
import yaml
from api_client import Client, error
from lab import Lab

PATH = "/api/as-code/"


@pytest.fixture
def lab() -> Lab:
    return Lab()


@pytest.fixture
def client(lab: Lab) -> Client:
    return Client(lab)


def rendered(client: Client, kind: str, draft: dict[str, Any]) -> str:
    body = {"kind": kind, **{key: draft[key] for key in ("name", "description", "spec")}}
    answer = client("POST", f"{PATH}render/", body)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["text"])


def planned(client: Client, text: str) -> list[dict[str, Any]]:
    files = [{"path": "it.yaml", "text": text}]
    plan = client("POST", f"{PATH}plan/", {"files": files, "judge": False}).json()
    assert plan["valid"], plan["findings"]
    steps: list[dict[str, Any]] = plan["steps"]
    return steps


def test_a_stored_document_is_the_file_that_changes_nothing(lab: Lab, client: Client) -> None:
    features, model = lab.feature_config(lab.dataset_id), lab.model_config()
    made = {
        "dataset": lab.dataset_id,
        "feature_config": features,
        "model_config": model,
        "rule_set": lab.rule_set(lab.dataset_id),
        "sweep": lab.sweep([features], [model]),
    }
    for kind, document_id in made.items():
        stored = client("GET", f"/api/{kind.replace('_', '-')}s/{document_id}/").json()
        text = rendered(client, kind, stored)
        assert document_id not in text
        assert [step["action"] for step in planned(client, text)] == ["unchanged"], kind


def test_a_changed_draft_is_the_file_that_makes_the_change(lab: Lab, client: Client) -> None:
    path = f"/api/feature-configs/{lab.feature_config(lab.dataset_id)}/"
    draft = client("GET", path).json()
    draft["description"] = "Wider: with\ntwo lines"
    draft["spec"]["buyer_model_features"][0]["embedding_dim"] = 48
    text = rendered(client, "feature-config", draft)
    assert (
        yaml.safe_load(text)["spec"]["dataset"]
        == client("GET", f"/api/datasets/{lab.dataset_id}/").json()["name"]
    )
    (step,) = planned(client, text)
    assert {(one["path"], one["now"]) for one in step["changes"]} == {
        ("description", "Wider: with\ntwo lines"),
        ("spec.buyer_model_features.0.embedding_dim", 48),
    }
    assert client("GET", path).json()["revision"] == 1


def test_what_is_no_document_is_refused_by_its_field(lab: Lab, client: Client) -> None:
    draft = client("GET", f"/api/feature-configs/{lab.feature_config(lab.dataset_id)}/").json()
    body = {"kind": "feature_config", "name": "Wide", "spec": {**draft["spec"], "colour": "red"}}
    found = error(client("POST", f"{PATH}render/", body), 422, "invalid")
    assert [one["path"] for one in found["fields"]] == ["spec.colour"]
    found = error(client("POST", f"{PATH}render/", {**body, "kind": "quick_test"}), 422, "invalid")
    assert found["fields"][0]["path"] == "kind"
    assert "Files are of the kinds dataset, feature_config" in found["fields"][0]["message"]


def test_an_id_that_nothing_has_stays_as_it_is(lab: Lab, client: Client) -> None:
    draft = client("GET", f"/api/feature-configs/{lab.feature_config(lab.dataset_id)}/").json()
    draft["spec"]["dataset_id"] = "ds-gone"
    assert "dataset: ds-gone" in rendered(client, "feature_config", draft)
