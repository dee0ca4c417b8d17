"""`recsmith feature-config` and `recsmith model-config`."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from local.cli.as_code import file_errors, read_documents
from local.cli.client import Api, UserError
from local.cli.documents import Called, add_commands, created, one_of_kind
from local.cli.output import done
from local.cli.system import DEFAULT_HOME, Home, connected, find
from shared.as_code.kinds import KINDS, FileKind

feature_configs = typer.Typer(
    no_args_is_help=True, help="Which columns go into which tower, and what becomes of them."
)
model_configs = typer.Typer(no_args_is_help=True, help="Towers, and how they are trained.")
_FILE = typer.Argument(metavar="FILE", help="YAML or JSON; - for standard input.")


@feature_configs.command("create")
def create_features(
    file: Annotated[str | None, _FILE] = None,
    defaults: Annotated[
        str | None,
        typer.Option("--defaults", metavar="DATASET", help="In place of a file: smart defaults."),
    ] = None,
    name: Called = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Create a feature config from a file, or from smart defaults for a dataset.

    [bold]Examples[/bold]

      recsmith feature-config create --defaults Groceries --name Basic

      recsmith feature-config create basic.yaml
    """
    kind = KINDS["feature_config"]
    with file_errors(), connected(home) as api:
        if defaults is None:
            _from_file(api, kind, file, name, "--defaults DATASET")
            return
        dataset = find(api, "/api/datasets/", "dataset", defaults)
        spec = api.get(f"/api/datasets/{dataset['id']}/smart-defaults/")
        _from_spec(api, kind, file, name or f"{dataset['name']}, smart defaults", spec)


@model_configs.command("create")
def create_model(
    file: Annotated[str | None, _FILE] = None,
    preset: Annotated[
        str | None,
        typer.Option("--preset", metavar="PRESET", help="In place of a file: a preset's key."),
    ] = None,
    name: Called = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Create a model config from a file or a preset.

    [bold]Examples[/bold]

      recsmith model-config create --preset recommended

      recsmith model-config create small.yaml --name Small
    """
    kind = KINDS["model_config"]
    with file_errors(), connected(home) as api:
        if preset is None:
            _from_file(api, kind, file, name, "--preset PRESET")
            return
        presets = {one["key"]: one for one in api.get("/api/model-configs/presets/")["items"]}
        if preset not in presets:
            raise UserError(f"There is no preset {preset!r}. Presets are {', '.join(presets)}.")
        found = presets[preset]
        _from_spec(api, kind, file, name or found["name"], found["spec"])


def _from_file(
    api: Api, kind: FileKind, file: str | None, name: str | None, otherwise: str
) -> None:
    """Raises UserError, FilesError."""
    if file is None:
        raise UserError(f"Give a FILE, or {otherwise}.")
    made = created(api, one_of_kind(read_documents([file]), kind, name))
    done(f"Created {made['name']} ({made['id']}).")


def _from_spec(api: Api, kind: FileKind, file: str | None, name: str, spec: Any) -> None:
    """Raises UserError."""
    if file is not None:
        raise UserError("Give a FILE, or what to start from, not both.")
    if any(one["name"] == name for one in api.items(kind.path)):
        raise UserError(f"There is a {kind.noun} {name!r} already. Give another --name.")
    made = api.post(kind.path, {"name": name, "spec": spec})
    done(f"Created {made['name']} ({made['id']}).")


add_commands(feature_configs, KINDS["feature_config"], also=("list", "show"))
add_commands(model_configs, KINDS["model_config"], also=("list", "show"))
