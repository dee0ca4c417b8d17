"""Heatmaps over the API."""

from __future__ import annotations

import pytest
from api_client import Client, error
from compared import HEATMAP, ids, lines
from lab import Lab, ranking, replicates

from shared.rules.presets import preset


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


class TestHeatmap:
    @pytest.fixture
    def grid(self, lab):
        """Two widths of the customer's embedding × two learning rates, one combination twice."""
        model = lab.model()
        made = {}
        for dim in (32, 128):
            buyer = [{"column": "customer", "type": "string_embedding", "embedding_dim": dim}]
            features = lab.features(f"Wide {dim}", buyer_model_features=buyer)
            for rate in (0.002, 0.01):
                recall = 0.2 + dim / 2000 + rate
                made[dim, rate] = lab.completed(
                    f"{dim} {rate}", recall, features, model, learning_rate_override=rate
                )
        made["again"] = lab.completed(
            "again", 0.3, features, model, learning_rate_override=0.01, training_seed=7
        )
        made["other"] = lab.completed("other", 0.9, features, model, data_sample_percent=50.0)
        return made

    def test_pivots_one_group_and_says_what_it_leaves_out(self, lab, client, grid):
        body = {
            "dataset_id": lab.dataset_id,
            "rows": "learning_rate",
            "columns": "customer_embedding",
        }
        found = client("POST", HEATMAP, body).json()
        assert found["rows"]["values"] == ["0.002", "0.01"]
        assert found["columns"]["values"] == ["32", "128"]
        cells = {(cell["row"], cell["column"]): cell for cell in found["cells"]}
        assert set(cells) == {(0, 0), (0, 1), (1, 0), (1, 1)}
        assert cells[0, 0]["value"] == pytest.approx(0.218)
        assert cells[0, 0]["interval"]["low"] == pytest.approx(0.218 * 0.92)
        several = cells[1, 1]
        assert (several["count"], several["interval"]) == (2, None)
        assert several["value"] == pytest.approx((0.274 + 0.3) / 2)
        assert (several["low"], several["high"]) == pytest.approx((0.274, 0.3))
        assert several["quick_test_ids"] == [grid["again"], grid[128, 0.01]]
        assert [place for place, cell in cells.items() if cell["best"]] == [(1, 1)]
        assert found["note"] == (
            "5 tests, all measured alike. A cell with several tests shows their mean. "
            "1 test was measured otherwise and cannot be ranked here."
        )
        assert [(group["tests"], group["shown"]) for group in found["groups"]] == [
            (5, True),
            (1, False),
        ]
        assert found["groups"][1]["reasons"] == ["other sample: 10% against 50%"]

    def test_chooses_axes_that_differ_and_another_group_where_asked(self, client, grid):
        found = client("POST", HEATMAP, ids(*grid.values())).json()
        assert found["columns"]["key"] == "customer_embedding"
        assert found["rows"]["key"] == "feature_config"
        several = {item["key"] for item in found["dimensions"] if item["values"] > 1}
        assert several == {
            *("customer_embedding", "feature_config", "learning_rate", "training_seed"),
        }
        body = {**ids(*grid.values()), "group_of": grid["other"]}
        (cell,) = client("POST", HEATMAP, body).json()["cells"]
        assert (cell["quick_test_id"], cell["best"]) == (grid["other"], False)

    def test_takes_the_latest_of_too_many(self, lab, client, grid, monkeypatch):
        monkeypatch.setattr("shared.comparing.heatmap.MAX_TESTS", 2)
        found = client("POST", HEATMAP, {"dataset_id": lab.dataset_id, "metric": "mrr"}).json()
        told = "The latest 2 tests; there are older ones. 1 test, all measured alike."
        assert found["note"].startswith(told)
        shown = {group["quick_test_id"] for group in found["groups"]}
        assert shown == {grid["again"], grid["other"]}

    def test_of_errors_marks_the_lowest(self, lab, client):
        head = [{"type": "dense", "units": 1, "activation": None}]
        rates = lab.model("Rates", model_type="ranking", rating_head_layers=head)
        features = lab.features()
        for epochs, rmse in ((1, 0.9), (2, 0.7), (3, 0.8)):
            test = lab.launched(f"{epochs}", features, rates, rating_column="price", epochs=epochs)
            drawn = replicates(rmse, name="rmse", seed=epochs)
            lab.leave_results(test, ranking(rmse), drawn)
            lab.job_news(test)
        body = {"dataset_id": lab.dataset_id, "columns": "epochs"}
        found = client("POST", HEATMAP, body).json()
        assert (found["metric"], found["columns"]["values"]) == ("rmse", ["1", "2", "3"])
        assert found["metrics"] == ["mae", "rmse"]
        assert [cell["best"] for cell in found["cells"]] == [False, True, False]

    def test_says_which_preset_the_towers_are(self, lab, client):
        layers = {
            f"{tower}_tower_layers": [
                layer.model_dump() for layer in preset("standard").spec.layers(tower)
            ]
            for tower in ("buyer", "product")
        }
        features = lab.features()
        lab.completed("a", 0.2, features, lab.model("S", **layers))
        lab.completed("b", 0.2, features, lab.model("T"))
        body = {"dataset_id": lab.dataset_id, "rows": "towers", "columns": "crosses"}
        found = client("POST", HEATMAP, body).json()
        assert found["rows"]["values"] == ["32", "Standard (128→64→32)"]
        assert found["columns"]["values"] == ["none"]

    @pytest.mark.parametrize(
        ("wrong", "path"),
        [
            ({"rows": "luck"}, "rows"),
            ({"columns": "luck"}, "columns"),
            ({"rows": "epochs", "columns": "epochs"}, "columns"),
            ({"group_of": "qt-none"}, "group_of"),
            ({"metric": "luck"}, "metric"),
            ({"quick_test_ids": ["qt-none"], "dataset_id": None}, "quick_test_ids[0]"),
            ({"quick_test_ids": ["x"]}, ""),
            ({"dataset_id": None}, ""),
            ({"odd": 1}, "odd"),
        ],
    )
    def test_refuses_what_it_does_not_know(self, lab, client, wrong, path):
        lab.completed("a", 0.2, lab.features(), lab.model())
        body = {"dataset_id": lab.dataset_id, **wrong}
        found = error(client("POST", HEATMAP, body), 422, "invalid")
        assert [field["path"] for field in found["fields"]] == [path]

    def test_is_a_file_with_a_line_for_each_cell(self, lab, client, grid):
        body = {"dataset_id": lab.dataset_id, "rows": "feature_config", "columns": "epochs"}
        rows = lines(client("POST", "/api/quick-tests/heatmap.csv/", body))
        assert [row["Feature config"] for row in rows] == [
            "Wide 128, revision 1",
            "Wide 32, revision 1",
        ]
        assert [row["tests"] for row in rows] == ["3", "2"]
        assert [row["best"] for row in rows] == ["best", ""]
        assert set(rows[0]["quick_test_ids"].split()) > {grid["again"]}
