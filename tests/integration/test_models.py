"""From a quick test to a model in production, by the `recsmith` command and what it sets off. Only
training is stood in for."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest

from shared.documents.registered_model import registered_model_id
from shared.registry import Alias, Pointer, pointer_key
from tests.integration.laptop import Laptop, configs, in_process


@pytest.fixture
def laptop(tmp_path: Path) -> Laptop:
    return Laptop(tmp_path)


def pointer(laptop: Laptop, name: str) -> Pointer:
    file = laptop.home / "artifacts" / pointer_key(registered_model_id(name))
    return Pointer.model_validate_json(file.read_bytes())


def experiment(laptop: Laptop, run: Callable[..., str]) -> None:
    """Version 2, which is in production, beside version 1: begun, measured and ended."""
    assert "No experiment of Weekly" in run("experiments", "show", "Weekly")
    said = run("experiments", "start", "Weekly", "2=50", "1=40", status=1)
    assert "The shares have to sum to 100%" in said
    said = run("experiments", "start", "Weekly", "2=50%", "1=50%")
    assert "of Weekly runs." in said
    told = pointer(laptop, "Weekly").experiment
    assert told is not None
    assert [one.version for one in told.versions] == [2, 1]
    assert "runs already" in run("experiments", "start", "Weekly", "2=9", "1=91", status=1)
    exposures = [
        {
            "experiment_id": told.id,
            "version": 1 + customer % 2,
            "assigned_by": "customer",
            "customer_id": str(customer),
            "time": "2026-03-02T10:00:00Z",
        }
        for customer in range(200)
    ]
    (laptop.folder / "log.jsonl").write_text("\n".join(map(json.dumps, exposures)))
    orders = [f"{customer},tea,2026-03-03" for customer in range(0, 200, 2)]
    lines = ["customer_id,product_id,time", *orders, "0,tea,2026-04-01"]
    (laptop.folder / "orders.csv").write_text("\n".join(lines))
    tables = ("--exposures", "log.jsonl", "--outcomes", "orders.csv")
    said = " ".join(run("experiments", "measure", "Weekly", *tables).split())
    assert "clearly higher with version 1 than with version 2: 100.0% against 0.0%" in said
    wrong = ("--column", "outcomes.time=when")
    said = run("experiments", "measure", "Weekly", *tables, *wrong, status=1)
    assert "no column 'when'" in said
    assert "7,682 customers" in run("experiments", "size", "--rate", "10%", "--change", "20")
    assert "version 2 answers everybody" in run("experiments", "end", "Weekly")
    assert pointer(laptop, "Weekly").experiment is None
    assert told.id in run("experiments", "show", "Weekly")


def test_a_model_is_trained_registered_promoted_shown_and_rolled_back(laptop: Laptop) -> None:
    laptop.run("dataset", "add", "purchases.csv")
    with laptop.up() as url, in_process(laptop) as run:
        assert "`recsmith train`" in run("models", "list")
        configs(url)
        run("quick-test", "run", "Features", "Model")
        (tried,) = httpx.get(f"{url}/api/quick-tests/").json()["items"]
        said = run("train", tried["id"], "--epochs", "2", "--model-name", "Weekly")
        assert "Registered as version 1 of Weekly." in said
        assert f"recsmith models promote {registered_model_id('Weekly')} 1" in " ".join(
            said.split()
        )
        assert "Registered as version 2 of Weekly." in run("train", tried["id"])
        said = run("models", "promote", "weekly", "1")
        assert "Version 1 of Weekly is in production." in said
        assert pointer(laptop, "Weekly").aliases.keys() == {Alias.PRODUCTION}
        said = run("models", "promote", "Weekly", "2")
        assert "no clear difference from version 1" in said
        assert "Version 2 of Weekly is in production; before it: version 1." in said
        assert pointer(laptop, "Weekly").aliases[Alias.PRODUCTION].version == 2

        said = run("models", "show", "Weekly")
        assert "Use this model" in said
        assert f"recsmith serve {registered_model_id('Weekly')}" in said
        assert "1 → 2" in said
        assert "version 2" in run("models", "list")

        experiment(laptop, run)
        said = run("models", "promote", "Weekly", "7", status=1)
        assert "Give one of 1 to 2" in said
        assert "no registered model" in run("models", "show", "Monthly", status=1)
        served = pointer(laptop, "Weekly").aliases[Alias.PRODUCTION]
        said = run("quick-test", "delete", served.quick_test_id, "--yes", status=1)
        assert "is used by registered model 'Weekly'" in said

        said = run("models", "rollback", "Weekly", "--reason", "empty lists")
        assert "Version 1 of Weekly is in production; before it: version 2." in said
        told = pointer(laptop, "Weekly")
        assert (told.aliases[Alias.PRODUCTION].version, told.revision) == (1, 5)
        assert "empty lists" in run("models", "show", "Weekly")
        said = run("models", "rollback", "Weekly", status=1)
        assert "was rolled back to, from version 2" in " ".join(said.split())

        run("models", "card", "Weekly", "--version", "2", "--out", "card.md")
        assert (laptop.folder / "card.md").read_text().startswith("# Weekly, version 2\n")
        assert "# Weekly, version 1" in run("models", "card", "Weekly")
