"""What is told of a dataset's rows before anything is trained."""

from __future__ import annotations

from dataclasses import replace

from api_client import Client, error
from scenario import URI, Shop, profile

from shared.documents.insight import Insight

MEASURED = {
    "purchases_per_product": {
        **{"total": 3, "rows": 12, "median": 2, "p90": 8, "most": 8, "few": 0.666667},
        "bars": [{"rows": "2", "count": 2}, {"rows": "5 to 9", "count": 1}],
    },
    "repeats": {"repeat": 0.25, "latest": 0.5},
}


def test_findings_have_words_bars_and_a_next_step_and_come_by_weight() -> None:
    shop = Shop()
    shop.data.profiles[URI] = replace(
        profile(), insight=Insight(measured=MEASURED, examined_rows=12)
    )
    client = Client(shop)
    dataset = shop.dataset()
    shop.settle()
    report = client("GET", f"/api/datasets/{dataset}/report/").json()
    assert (report["dataset_name"], report["reason"], report["notes"]) == ("Shop", None, [])
    products, repeats = report["findings"]
    assert (products["kind"], products["level"]) == ("purchases_per_product", "warning")
    assert products["message"].startswith("3 products: half of them have 2 purchases or fewer")
    assert products["bars"] == [
        {"label": "2", "value": "2", "share": 1.0},
        {"label": "5 to 9", "value": "1", "share": 0.5},
    ]
    assert (repeats["level"], repeats["remedy"]) == ("note", "model")
    assert "50.0% are of products that the customer had bought before" in repeats["message"]
    assert "'recommended'" in repeats["next_step"]


def test_where_nothing_can_be_told_a_reason_says_why() -> None:
    shop = Shop()
    client = Client(shop)
    error(client("GET", "/api/datasets/ds-none/report/"), 404, "not_found")
    dataset = shop.dataset()
    report = client("GET", f"/api/datasets/{dataset}/report/").json()
    assert (report["findings"], report["rows"]) == ([], None)
    assert report["reason"] == "The dataset has not been profiled yet."
    shop.settle()  # by a profile without
    report = client("GET", f"/api/datasets/{dataset}/report/").json()
    assert "Profile it again." in report["reason"]
