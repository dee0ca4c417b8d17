"""Which model a command means: a registered one, or a completed quick test's."""

from __future__ import annotations

from pathlib import Path

from local.cli.client import UserError
from local.cli.system import connected, find
from local.state.artifacts import FileArtifactStore
from shared.batches import BatchModel
from shared.jobs import REQUEST_FILE
from shared.ports import ArtifactStore
from shared.registry import Alias, Pointer, pointer_key
from shared.services.served_models import find_pointer


def told_of(home: Path, model: str, alias: Alias) -> tuple[list[str], str]:
    """How a process of the trainer's environment is told of a model, and what it is called.

    Args:
        model: id or name.
        alias: which version of a registered model.

    Raises:
        UserError: there is no such model, or it has been deleted.
    """
    artifacts = FileArtifactStore(home / "artifacts")
    pointer = find_pointer(model, artifacts)
    if pointer is None:
        return _of_quick_test(home, model)
    _check(artifacts, pointer, alias)
    what = ["--model", pointer.model_id, "--alias", alias.value]
    return what, f"Model {pointer.name}, {alias.value}"


def is_meant(home: Path, model: str, alias: Alias, made: BatchModel) -> bool:
    """Whether an id or name still means the model that a run was made by.

    Raises UserError as `told_of` does.
    """
    artifacts = FileArtifactStore(home / "artifacts")
    pointer = find_pointer(model, artifacts)
    if pointer is None:
        told, _ = _of_quick_test(home, model)
        return told == ["--artifacts", made.artifacts_uri]
    _check(artifacts, pointer, alias)
    return (pointer.model_id, pointer.aliases[alias].version) == (made.model_id, made.version)


def _check(artifacts: ArtifactStore, pointer: Pointer, alias: Alias) -> None:
    """Raises UserError where the alias means no version, or one that has been deleted."""
    served = pointer.aliases.get(alias)
    if served is None:
        if alias is Alias.PREVIOUS and pointer.aliases:
            raise UserError(
                f"Model {pointer.name!r} has no previous version: one alone has been in production."
            )
        raise UserError(
            f"Model {pointer.name!r} has no {alias.value} version yet: "
            f"`recsmith models promote {pointer.model_id} VERSION` brings one into production."
        )
    if artifacts.exists(f"{served.artifacts_uri}/{REQUEST_FILE}"):
        return
    key = pointer_key(pointer.model_id)
    if not served.artifacts_uri.startswith(artifacts.uri(key).removesuffix(key)):
        raise UserError(
            f"The pointer of model {pointer.name!r} names a folder outside of this home, as those "
            "of before a move do. `recsmith up` puts it right within a minute."
        )
    raise UserError(
        f"Version {served.version} of model {pointer.name!r} has been deleted. Promote another "
        f"one: `recsmith models show {pointer.model_id}` lists them."
    )


def _of_quick_test(home: Path, wanted: str) -> tuple[list[str], str]:
    with connected(home) as api:
        try:
            found = find(api, "/api/quick-tests/", "quick test", wanted)
        except UserError as error:
            raise UserError(
                f"{error} Nor is a registered model of that id or name in production: `recsmith "
                "models list` shows them, `recsmith models promote MODEL VERSION` promotes one."
            ) from None
    state = found["status"]["state"]
    if state != "completed":
        raise UserError(f"Quick test {found['name']!r} has left no model: it is {state}.")
    return ["--artifacts", found["status"]["artifacts_uri"]], f"Quick test {found['name']}"
