"""The Python client against the embedded system, as a notebook uses it; training is a stand-in."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from recsmith_client import (
    ApiError,
    AsyncClient,
    Client,
    NoSystemError,
    RecsmithError,
    RunFailedError,
    baselines_frame,
    frame,
    models,
    operations,
)

from tests.integration.laptop import Laptop, configs

pytestmark = pytest.mark.xdist_group("client")


@pytest.fixture(scope="module")
def laptop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laptop]:
    """With a dataset, two configs and two completed tests."""
    laptop = Laptop(tmp_path_factory.mktemp("client"))
    with laptop.up() as url:
        with Client(url) as client:
            made = client.datasets.create(
                "Purchases",
                {
                    "source": {"kind": "csv", "uri": str(laptop.csv)},
                    "column_mapping": {
                        "CustomerId": "customer_id",
                        "sku": "product_id",
                        "bought_on": "transaction_date",
                    },
                },
            )
            assert client.datasets.judged(made).status.validation.state == "valid"
        configs(url)
        yield laptop


@pytest.fixture(scope="module")
def client(laptop: Laptop) -> Iterator[Client]:
    """Finds the system by its home."""
    with Client(home=laptop.home) as client:
        yield client


@pytest.fixture(scope="module")
def tests(client: Client) -> list[models.QuickTest]:
    """Two completed ones that differ in their epochs."""
    features, model = client.feature_configs.find("Features"), client.model_configs.find("Model")
    return [
        client.quick_tests.run(features, model, epochs=epochs, data_sample_percent=50.0)
        for epochs in (2, 3)
    ]


def test_a_document_is_created_listed_changed_restored_and_deleted(client: Client) -> None:
    """With the guard of the ETag, which a lost update does not get past."""
    preset = client.call(operations.get_model_preset("minimal")).spec
    made = client.model_configs.create("Mine", preset, description="first")
    assert client.model_configs.get(made.id).spec == made.spec
    assert made.id in {one.id for one in client.model_configs.list(limit=1)}

    mine, theirs = client.model_configs.get(made.id), client.model_configs.get(made.id)
    mine.description = "second"
    client.model_configs.update(mine)
    theirs.description = "third"
    with pytest.raises(ApiError) as refused:
        client.model_configs.update(theirs)
    assert (refused.value.status, refused.value.code) == (409, "stale")
    assert refused.value.current is not None
    assert refused.value.current["description"] == "second"

    now = client.model_configs.get(made.id)
    now.spec.learning_rate = 0.5
    changed = client.model_configs.update(now)
    assert (changed.revision, changed.spec.learning_rate) == (2, 0.5)
    back = client.model_configs.restore(changed, 1)
    assert (back.revision, back.spec) == (3, made.spec)
    with pytest.raises(RecsmithError, match="no revision 9"):
        client.model_configs.restore(back, 9)

    assert client.model_configs.usage(back).deletable
    client.model_configs.delete(back)
    with pytest.raises(ApiError, match="There is no") as gone:
        client.model_configs.get(made.id)
    assert gone.value.status == 404
    with pytest.raises(RecsmithError, match="None of these is named 'Mine'"):
        client.model_configs.find("Mine")


def test_what_is_wrong_is_told_field_by_field(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.datasets.create("Wrong", {"source": {"kind": "csv", "uri": 3}, "surce": {}})
    assert (refused.value.status, refused.value.code) == (422, "invalid")
    assert {field.path for field in refused.value.fields} == {"spec.source.uri", "spec.surce"}
    assert "spec.surce: " in str(refused.value)


def test_a_repeated_request_creates_nothing_more(client: Client) -> None:
    preset = client.call(operations.get_model_preset("minimal")).spec
    call = operations.create_model_config(models.ModelConfigWrite(name="Once", spec=preset))
    assert client.call(call) == client.call(call)
    client.model_configs.delete(client.model_configs.find("Once"))


def test_a_test_is_run_waited_for_and_read_as_frames(
    client: Client, tests: list[models.QuickTest]
) -> None:
    told: list[models.QuickTest] = []
    waited = client.quick_tests.wait(tests[0].id, progress=told.append, timeout=60)
    assert waited == told[-1]
    assert waited.status.state == "completed"

    table = frame(waited).set_index("metric")
    results = waited.status.results
    assert results is not None
    assert table["value"].to_dict() == results.metrics
    recall = results.intervals["recall_at_100"]
    assert tuple(table.loc["recall_at_100", ["low", "high"]]) == (recall.low, recall.high)
    baselines = baselines_frame(tests)
    assert set(baselines["baseline"]) == set(results.baselines)
    assert set(baselines["quick_test_id"]) == {test.id for test in tests}

    shown = waited._repr_html_()
    assert shown is not None
    assert "recall_at_100" in shown
    assert waited.name in shown


def test_tests_are_compared_as_frames_and_shown(
    client: Client, tests: list[models.QuickTest]
) -> None:
    comparison = client.quick_tests.compare(tests, base=tests[0])
    table = frame(comparison)
    assert sorted(table["Epochs"]) == ["2", "3"]
    assert set(table["quick_test_id"]) == {test.id for test in tests}
    assert "base" not in table
    assert list(table["base_verdict"].dropna()) == ["no_clear_difference"]
    assert "Epochs" in (comparison._repr_html_() or "")

    heatmap = client.quick_tests.heatmap(tests, rows="epochs")
    cells = frame(heatmap)
    assert sorted(cells["Epochs"]) == ["2", "3"]
    assert "<table>" in (heatmap._repr_html_() or "")
    segments = frame(client.quick_tests.segments(tests[0]))
    assert segments["split"][0] == "all"


def test_a_model_recommends_under_rules_and_is_downloaded(
    client: Client, tests: list[models.QuickTest], tmp_path: Path
) -> None:
    prediction = client.quick_tests.recommend(tests[0], "c001", k=3, explain=True)
    table = frame(prediction)
    assert list(table["rank"]) == [*range(1, len(table) + 1)]
    assert prediction._repr_html_() is not None
    folder = client.quick_tests.download_model(tests[0], tmp_path / "model")
    assert (folder / "saved_model.pb").exists()
    with pytest.raises(FileExistsError):
        client.quick_tests.download_model(tests[0], folder)
    assert client.quick_tests.report(tests[0]).startswith("<!doctype html>")


def test_a_failed_test_is_raised_with_its_document(client: Client, laptop: Laptop) -> None:
    broken = laptop.home / "broken"
    broken.touch()
    features, model = client.feature_configs.find("Features"), client.model_configs.find("Model")
    try:
        with pytest.raises(RunFailedError, match="is failed: ") as failed:
            client.quick_tests.run(features, model, name="Diverges", seed=7)
    finally:
        broken.unlink()
    again = client.quick_tests.wait(failed.value.document, check=False)
    assert again.status.state == "failed"


def test_a_wait_ends_in_time_and_the_run_goes_on(client: Client, laptop: Laptop) -> None:
    slow = laptop.home / "slow"
    slow.touch()
    features, model = client.feature_configs.find("Features"), client.model_configs.find("Model")
    try:
        with pytest.raises(TimeoutError):
            client.quick_tests.run(features, model, name="Slow", seed=8, timeout=0.5)
        (running,) = [one for one in client.quick_tests.list() if one.name == "Slow"]
        assert running.status.state in ("pending", "running")
        client.quick_tests.cancel(running)
        with pytest.raises(RunFailedError, match="is cancelled"):
            client.quick_tests.wait(running)
    finally:
        slow.unlink()


def test_the_same_without_blocking(laptop: Laptop, tests: list[models.QuickTest]) -> None:
    async def use() -> tuple[int, models.QuickTest, models.Comparison]:
        async with AsyncClient(home=laptop.home) as client:
            found, waited, compared = await asyncio.gather(
                client.quick_tests.list(state="completed"),
                client.quick_tests.wait(tests[0]),
                client.quick_tests.compare(tests),
            )
            return len(found), waited, compared

    count, waited, compared = asyncio.run(use())
    assert count >= 2
    assert waited == tests[0]
    assert len(frame(compared)) == 2


def test_what_only_reads_can_be_read_by_this_client(
    client: Client, tests: list[models.QuickTest]
) -> None:
    """Every operation that needs no more than ids of what there is, by its generated function."""
    test = tests[0]
    dataset = client.datasets.find("Purchases")
    given = {
        "dataset_id": dataset.id,
        "feature_config_id": test.spec.feature_config_id,
        "model_config_id": test.spec.model_config_id,
        "quick_test_id": test.id,
    }
    by_noun = {
        "Dataset": dataset.id,
        "FeatureConfig": test.spec.feature_config_id,
        "ModelConfig": test.spec.model_config_id,
        "QuickTest": test.id,
    }
    read = 0
    for name, function in vars(operations).items():
        if not name.startswith(("get_", "list_")):
            continue
        needed = [
            parameter.name
            for parameter in inspect.signature(function).parameters.values()
            if parameter.kind is parameter.POSITIONAL_OR_KEYWORD
        ]
        if "document_id" in needed:
            noun = name.split("_", 1)[1].removesuffix("_usage").removesuffix("_versions")
            of = by_noun.get("".join(part.capitalize() for part in noun.split("_")))
            if of is None:
                continue
            given["document_id"] = of
        if not set(needed) <= given.keys():
            continue
        try:
            client.call(function(*(given[one] for one in needed)))
        except ApiError as error:
            if error.status not in (404, 409):  # what a stand-in's test does not have
                raise
        read += 1
    assert read >= 35


def test_the_example_of_the_docs_runs(
    laptop: Laptop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = (Path(__file__).parents[2] / "docs" / "client.md").read_text(encoding="utf-8")
    example = page.partition("```python\n")[2].partition("```")[0]
    monkeypatch.setenv("RECSMITH_HOME", str(laptop.home))
    monkeypatch.delenv("RECSMITH_URL", raising=False)
    monkeypatch.chdir(tmp_path)
    (tmp_path / "purchases.csv").write_bytes(laptop.csv.read_bytes())
    names: dict[str, Any] = {}
    exec(example, names)
    assert names["second"].spec.epochs == 5
    assert (tmp_path / "model" / "saved_model.pb").exists()
    names["client"].close()


def test_no_system_is_told_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RECSMITH_URL", raising=False)
    with pytest.raises(NoSystemError, match="recsmith up"):
        Client(home=tmp_path)
