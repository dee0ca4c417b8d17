"""`gcloud`, `terraform` and `make` as far as an upgrade uses them, over a folder of state.

They refuse what the real ones refuse: unknown flags, objects that are not there, an export to where
something is, a plan before `init`, variables with a saved plan. Every call is noted in `calls`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any, NoReturn

STATE = Path(os.environ["FAKE_CLOUD"])


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def refuse(message: str) -> NoReturn:
    sys.exit(f"ERROR: {message}")


def read() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((STATE / "state.json").read_text())
    return found


def write(state: dict[str, Any]) -> None:
    (STATE / "state.json").write_text(json.dumps(state))


def parsed(arguments: list[str], flags: set[str], switches: set[str]) -> tuple[list[str], dict]:
    positional, given, rest = [], {}, list(arguments)
    while rest:
        one = rest.pop(0)
        if one in switches:
            given[one] = True
        elif one in flags:
            given[one] = rest.pop(0)
        elif one.startswith("--"):
            refuse(f"unrecognized arguments: {one}")
        else:
            positional.append(one)
    return positional, given


def gcloud(arguments: list[str]) -> None:
    state = read()
    objects: dict[str, str] = state["objects"]
    flags = {"--project", "--region", "--database", "--format"}
    words, given = parsed(arguments, flags, {"--gen2"})
    if given.get("--project") != "shop-recsmith":
        refuse("(gcloud) The project does not exist.")
    match words:
        case ["functions", "describe", "recsmith-launch-quick-test"]:
            if not given.get("--gen2") or given.get("--region") != "europe-west1":
                refuse("(gcloud.functions.describe) ResponseError: status=[404]")
            say(json.dumps(state["function"]))
        case ["firestore", "export", uri]:
            if any(name.startswith(uri) for name in objects):
                refuse("(gcloud.firestore.export) INVALID_ARGUMENT: Path already exists")
            assert given["--database"] == "(default)"
            objects[f"{uri}/documents.overall_export_metadata"] = json.dumps(state["documents"])
        case ["firestore", "import", uri]:
            kept = objects.get(f"{uri}/documents.overall_export_metadata")
            if kept is None:
                refuse("(gcloud.firestore.import) NOT_FOUND")
            state["documents"] = json.loads(kept)
        case ["storage", "cat", uri]:
            if uri not in objects:
                refuse("(gcloud.storage.cat) The following URLs matched no objects or files")
            say(objects[uri])
        case ["storage", "ls", pattern]:
            before, _, after = pattern.partition("*")
            found = [n for n in objects if n.startswith(before) and n.endswith(after)]
            if not found or ("*" not in pattern and pattern not in objects):
                refuse("(gcloud.storage.ls) One or more URLs matched no objects.")
            say("\n".join(found))
        case ["storage", "cp", "-", uri]:
            objects[uri] = sys.stdin.read()
        case ["storage", "cp", uri, target]:
            if uri not in objects:
                refuse("(gcloud.storage.cp) The following URLs matched no objects or files")
            Path(target).write_text(objects[uri])
        case _:
            refuse(f"(gcloud) Invalid choice: {words}")
    write(state)


def terraform(arguments: list[str]) -> None:
    state = read()
    where = Path(arguments[0].removeprefix("-chdir="))
    command, options = arguments[1], arguments[2:]
    variables = dict(
        one.removeprefix("-var=").split("=", 1) for one in options if one.startswith("-var=")
    )
    initialised = where / ".terraform" / "terraform.tfstate"
    match command:
        case "init":
            config = dict(
                one.removeprefix("-backend-config=").split("=", 1)
                for one in options
                if one.startswith("-backend-config=")
            )
            if config.get("bucket") != "shop-recsmith-terraform":
                refuse("Failed to get existing workspaces: bucket doesn't exist")
            initialised.parent.mkdir(exist_ok=True)
            initialised.write_text(json.dumps({"backend": {"config": config}}))
        case "plan":
            if not initialised.exists():
                refuse('Backend initialization required, please run "terraform init"')
            (out,) = (one.removeprefix("-out=") for one in options if one.startswith("-out="))
            bundle = where / "../../build/functions.zip"
            if not bundle.exists():
                refuse("Invalid value for variable functions_bundle: There is no such file.")
            plan = {"release": variables["release"], "bundle": bundle.read_text()}
            Path(out).write_text(json.dumps(plan))
        case "show":
            plan = json.loads(Path(options[-1]).read_text())
            now = state["function"]
            same = plan["bundle"] == state["bundle"] and now["serviceConfig"][
                "environmentVariables"
            ]["RECSMITH_TEMPLATE_URI"].endswith(f"/{plan['release']}")
            changes = [] if same else [{"actions": ["update"]}]
            kind = "google_cloudfunctions2_function"
            found = [{"type": kind, "address": f"{kind}.api", "change": one} for one in changes]
            found += state.get("further_changes", [])
            say(json.dumps({"resource_changes": found}))
        case "apply":
            if variables:
                refuse("Can't set variables when applying a saved plan")
            plan = json.loads(Path(options[-1]).read_text())
            if state.get("apply_fails"):
                refuse("Error creating function: build failed")
            state["bundle"] = plan["bundle"]
            name = f"functions/{plan['bundle']}.zip"
            state["objects"][f"gs://shop-recsmith-recsmith/{name}"] = plan["bundle"]
            state["function"] = function(plan["release"], name)
        case _:
            refuse(f'Terraform has no command named "{command}".')
    write(state)


def function(release: str, bundle: str) -> dict[str, Any]:
    """What `gcloud functions describe` says of the one that launches."""
    uri = f"gs://shop-recsmith-recsmith/templates/{release}"
    return {
        "serviceConfig": {"environmentVariables": {"RECSMITH_TEMPLATE_URI": uri}},
        "buildConfig": {"source": {"storageSource": {"object": bundle}}},
    }


def make(arguments: list[str]) -> None:
    """The bundle is what the source says."""
    assert arguments == ["bundle"]
    target = Path("build/functions.zip")
    target.parent.mkdir(exist_ok=True)
    target.write_text(Path("source").read_text().strip())


if __name__ == "__main__":
    program, given = Path(sys.argv[1]).name, sys.argv[2:]
    with (STATE / "calls").open("a") as log:
        log.write(json.dumps([program, *given]) + "\n")
    {"gcloud": gcloud, "terraform": terraform, "make": make}[program](given)
