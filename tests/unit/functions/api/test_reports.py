"""A completed test as a page: well-formed, escaped, and complete in itself."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree

import pytest
from api_client import Client, error
from lab import Lab, ranking, replicates, retrieval
from scenario import metrics, vocabulary

VOID = {"meta", "br", "link", "img", "hr", "input"}
EVIL = "<script>alert(1)</script> \"quoted\" 'single' & <b>"


class Page(HTMLParser):
    """Fails on a tag that is not closed as it was opened; keeps what is in the page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)
        self.attributes += attributes

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if self.open[-1:] != ["style"]:
            self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


@pytest.fixture
def lab():
    return Lab()


@pytest.fixture
def client(lab):
    return Client(lab)


def page(client, test_id) -> str:
    response = client("GET", f"/api/quick-tests/{test_id}/report/")
    assert response.status_code == 200, response.text
    assert response.headers["content-type"].startswith("text/html")
    assert "default-src 'none'" in response.headers["content-security-policy"]
    return response.text


def test_a_report_says_everything_about_a_test(lab, client):
    features, model = lab.features(), lab.model()
    lab.completed("Before", 0.2, features, model)
    test_id = lab.launched("Now", features, model, epochs=3)
    cut = vocabulary(column="product", tower="product", oov_rate=0.3, cut_rate=0.3, truncated=True)
    lab.leave_results(
        test_id, retrieval(0.25), replicates(0.25, seed=2), vocabularies=[vocabulary(), cut]
    )
    lab.job_news(test_id)
    text = Page(page(client, test_id)).text
    code = lab.test(test_id).code
    for words in (
        "Now",
        "Dataset Shop",
        "Took 1 min 40 s",
        "among its best 100 in 25.0% of the held-out purchases (95% interval: 23.0% to 26.8%)",
        "clearly better than recommending what is popular (17.5%)",
        "not clearly different from recommending what the customer bought before (23.8%)",
        "This is an improvement: it is clearly better than the best comparable test before it, "
        "Before (Recall@100 20.0%): +4.",
        "Recall@100, new to the customer",
        "Best before: Before",
        "no clear difference",
        "Raise max_size.",
        "status.vocabulary[1]",
        "Data Shop, revision 1",
        "its fingerprint v1",
        "the latest 10% of the rows",
        "4,800",
        "Buyer: customer",
        "embedding 32",
        "Train the towers",
        "validation",
        code.trainer.sha256,
        "launched as",
        test_id,
    ):
        assert words in text, words


def test_the_share_held_out_and_lost_rows_are_on_the_page(lab, client):
    test_id = lab.running_test()
    rows = {"read": 1200, "without_product": 400}
    lab.succeed(test_id, report=metrics(0.3, train_rows=500, holdout_rows=700) | {"rows": rows})
    text = Page(client("GET", f"/api/quick-tests/{test_id}/report/").text).text
    assert "the latest 58.3% (asked: 10%) of the rows" in text
    assert "Of 1,200 rows read, 400 (33.3%) are dropped: 400 without a product." in text
    found = client("GET", f"/api/quick-tests/{test_id}/report.json").json()
    assert found["rows"]["without_product"] == 400
    assert found["protocol"]["holdout_share"] == pytest.approx(700 / 1200)
    assert {"other_holdout_share", "rows_dropped"} <= {item["code"] for item in found["warnings"]}


def test_the_data_says_the_same(lab, client):
    test_id = lab.completed("Now", 0.25, lab.features(), lab.model(), beats=False)
    found = client("GET", f"/api/quick-tests/{test_id}/report.json").json()
    assert found["verdict"].startswith(
        "The model has the product that a customer bought among its best 100"
    )
    assert (found["main_metric"], found["comparison"], found["improvement"]) == (
        "recall_at_100",
        None,
        None,
    )
    assert (found["dataset"], found["dataset_revision"]) == ("Shop", 1)
    assert found["dataset_fingerprint"] == "v1"
    recall = next(line for line in found["metrics"] if line["name"] == "recall_at_100")
    verdicts = {line["name"]: line["verdict"] for line in recall["baselines"]}
    assert verdicts == {
        "popularity": "better",
        "own_history": "no_clear_difference",
        "random": None,
    }
    assert [section["title"] for section in found["configuration"]] == ["Features", "Model", "Test"]
    assert found["stages"][0] == {
        "name": "examples",
        "label": "Sample and split the rows",
        "seconds": 100.0,
    }


def test_everything_that_people_wrote_is_escaped(lab, client):
    model = lab.model(EVIL)
    features = lab.features(EVIL)
    lab.completed(EVIL, 0.2, features, model)
    test_id = lab.completed(EVIL, 0.25, features, model, seed=2)
    data = lab.documents.data(f"quick_tests/{test_id}")
    data["description"] = EVIL
    data["status"]["vocabulary"][0]["column"] = EVIL
    data["status"]["warnings"] = [
        {"path": EVIL, "code": "odd", "message": EVIL, "level": "warning"}
    ]
    data["status"]["timeline"][0]["what"] = EVIL
    data["status"]["code"]["trainer"]["sha256"] = EVIL
    lab.documents.write(f"quick_tests/{test_id}", data)
    text = page(client, test_id)
    found = Page(text)
    assert not {"script", "iframe", "img", "link", "form"} & set(found.tags)
    assert "<script" not in text
    assert text.count("&lt;script&gt;alert(1)&lt;/script&gt;") >= 8
    assert not [name for name, _ in found.attributes if name.startswith("on")]
    assert found.tags.count("b") == 3  # our own


def test_a_report_needs_nothing_from_elsewhere_and_runs_nothing(lab, client):
    text = page(client, lab.completed("Now", 0.25, lab.features(), lab.model()))
    found = Page(text)
    assert not {"script", "link", "img", "iframe", "object"} & set(found.tags)
    assert not {"src", "href", "xlink:href", "action"} & {name for name, _ in found.attributes}
    assert not re.search(r"https?://|url\(|@import", text)
    assert "prefers-color-scheme: dark" in text
    assert "@media print" in text


def test_its_charts_are_well_formed_and_within_their_frames(lab, client):
    text = page(client, lab.completed("Now", 0.25, lab.features(), lab.model()))
    charts = re.findall(r"<svg.*?</svg>", text, re.S)
    assert len(charts) == 3
    for chart in charts:
        root = ElementTree.fromstring(chart)
        _, _, width, height = map(float, root.attrib["viewBox"].split())
        for mark in root:
            assert 0 <= float(mark.attrib.get("x", 0)) <= width
            assert 0 <= float(mark.attrib.get("y", 0)) <= height
            assert float(mark.attrib.get("width", 0)) >= 0
        assert "nan" not in chart.lower()


@pytest.mark.parametrize("losses", [(1.0,), (), (2.0, 2.0), (-1.0, -3.0, 5.0)])
def test_a_report_of_a_model_that_only_rates(lab, client, losses):
    head = [{"type": "dense", "units": 1, "activation": None}]
    rates = lab.model("Rates", model_type="ranking", rating_head_layers=head)
    test_id = lab.launched("Rates", lab.features(), rates, rating_column="price")
    lab.leave_results(test_id, ranking(0.7), losses=losses)
    lab.job_news(test_id)
    text = Page(page(client, test_id)).text
    assert "The model predicts the price with an error (RMSE) of 0.7000" in text
    assert "clearly better than predicting the mean for everything (1.0000)" in text
    assert "Customer, product means" in text
    assert ("Loss per example" in text) == (len(losses) > 1)


def test_an_older_test_without_intervals_has_a_report(lab, client):
    test_id = lab.running_test()
    lab.succeed(test_id, recall=0.3)
    text = Page(page(client, test_id)).text
    assert "That is better than recommending what is popular (10.0%)." in text


def test_a_test_without_results_has_no_report(lab, client):
    running = lab.running_test()
    for path in ("report", "report.json"):
        error(client("GET", f"/api/quick-tests/none/{path}/"), 404, "not_found")
        found = error(client("GET", f"/api/quick-tests/{running}/{path}/"), 404, "not_found")
        assert found["message"] == (
            f"There is no report of quick test '{running}': It is running; only completed tests "
            "have results."
        )
