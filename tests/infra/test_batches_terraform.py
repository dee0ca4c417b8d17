"""Batches as jobs: who may start them, and that the command reads what Terraform leaves for it."""

from __future__ import annotations

import ast
import re

from tests.infra.configuration import FOLDER as TERRAFORM
from tests.infra.configuration import blocks, text, value

BATCHES = text(TERRAFORM / "batches.tf")
# Without Google's libraries, which the command has.
PROGRAM = ast.parse(text(TERRAFORM.parents[1] / "shared" / "gcp" / "vertex_batches.py"))


def constant(name: str) -> str:
    (found,) = [
        ast.literal_eval(one.value)
        for one in PROGRAM.body
        if isinstance(one, ast.Assign) and ast.unparse(one.targets[0]) == name
    ]
    return str(found)


def test_the_place_of_jobs_has_the_fields_that_the_command_reads() -> None:
    (content,) = re.findall(r"jsonencode\(\{(.*?)\}\)", BATCHES, re.S)
    assert set(re.findall(r"^ +(\w+) +=", content, re.M)) == {
        one.target.id
        for place in PROGRAM.body
        if isinstance(place, ast.ClassDef) and place.name == "Place"
        for one in place.body
        if isinstance(one, ast.AnnAssign) and isinstance(one.target, ast.Name)
    }
    assert f'name   = "{constant("PLACE_FILE")}"' in BATCHES


def test_whoever_starts_batches_may_do_that_alone_and_nobody_may_by_default() -> None:
    mine = [block for block in blocks("resource") if "batch_users" in str(block.body)]
    assert {value(block.body, "role") for block in mine if "role" in block.body} == {
        "${google_project_iam_custom_role.batches[0].id}",
        "roles/iam.serviceAccountUser",
        "roles/storage.objectViewer",
        "roles/storage.objectUser",
    }
    (role,) = [one for one in mine if one.kind == "google_project_iam_custom_role"]
    assert {one.split(".")[1] for one in value(role.body, "permissions")} == {"customJobs"}
    assert f"/objects/{constant('FOLDER')}/" in BATCHES
    users = text(TERRAFORM / "variables.tf").partition('variable "batch_users" {')[2]
    assert re.search(r"default +=(.*)", users)[1].strip() == "[]"  # type: ignore[index]
