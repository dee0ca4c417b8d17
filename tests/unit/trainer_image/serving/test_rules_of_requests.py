"""Rules in requests: read, refused by their fields, and told of in answers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from shared.examples import MISSING_TIMESTAMP, RawFeature, RawType
from shared.jobs import REQUEST_FILE, JobRequest
from shared.predictions import Prediction, PredictionRequest
from shared.problems import InvalidError
from shared.rules_of_lists import Rules, check_rules
from shared.rules_of_lists.stored import WITHDRAWN, StoredRuleSet, key_of
from tests.unit.trainer_image.serving.small_job import ROWS, Looking, Model, make_folder
from trainer_image.examples.tables import write_parquet
from trainer_image.job.locations import Locations
from trainer_image.serving import rule_reader
from trainer_image.serving.predictor import Predictor
from trainer_image.serving.rule_sets import FRESH_SECONDS, WITHDRAWN_SECONDS, RuleSets


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Of a job in a store, which knows the category of its products besides their price."""
    folder = tmp_path / "jobs" / "job"
    folder.mkdir(parents=True)
    make_folder(folder)
    request = JobRequest.model_validate_json((folder / REQUEST_FILE).read_bytes())
    feature = RawFeature(key="sorted_into", column="sorted into", type=RawType.TEXT)
    request.examples.rule_features = [feature]
    (folder / REQUEST_FILE).write_text(request.model_dump_json())
    places = Locations(str(folder))
    products = pq.read_table(places.candidates)
    sorts = pa.array([{"sorted_into": one} for one in ("fruit", "fruit", "")])
    pq.write_table(products.append_column("columns", sorts), places.candidates)
    return folder


@pytest.fixture
def predictor(folder: Path) -> Predictor:
    return Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]


def ask(predictor: Predictor, k: int = 3, **request: Any) -> Prediction:
    return predictor.predict(PredictionRequest(customer_id="c1", k=k, **request))


def names(answer: Prediction) -> list[str]:
    return [one.product_id for one in answer.recommendations]


def problems(predictor: Predictor, k: int = 3, **request: Any) -> dict[str, str]:
    with pytest.raises(InvalidError) as refused:
        ask(predictor, k, **request)
    return {problem.path: problem.message for problem in refused.value.problems}


def in_range(**bounds: float) -> dict[str, Any]:
    return {"type": "range", "column": "price", **bounds}


def save(folder: Path, name: str, rule_set_id: str = "rs-1", **rules: Any) -> None:
    stored = StoredRuleSet(id=rule_set_id, name=name, revision=1, rules=Rules.model_validate(rules))
    path = folder.parents[1] / key_of(rule_set_id)
    path.parent.mkdir(exist_ok=True)
    path.write_text(stored.model_dump_json())


def test_without_rules_nothing_is_said_of_any(predictor: Predictor) -> None:
    answer = ask(predictor)
    assert names(answer) == ["c", "b", "a"]
    assert answer.applied is None
    assert ask(predictor, rules={}).applied is None


def test_an_answer_says_what_the_rules_did(predictor: Predictor) -> None:
    rules = {
        "filters": [in_range(max=5)],
        "caps": [{"column": "sorted into", "at_most": 1}],
        "pins": [{"product_id": "a", "place": 2}, {"product_id": "c", "place": 1}],
    }
    answer = ask(predictor, rules=rules)
    assert [(one.product_id, one.pinned) for one in answer.recommendations] == [("a", True)]
    applied = answer.applied
    assert applied is not None
    assert applied.rules == ["price up to 5"]
    assert (applied.products, applied.fitting) == (3, 2)
    (left_out,) = applied.pins_left_out
    assert left_out.reason == "A filter leaves it out: price up to 5."
    assert [(one.column, one.value) for one in applied.caps_reached] == [("sorted into", "fruit")]
    assert applied.notes == ["Fewer products fit than the list has places."]
    ratings = {one.product_id: one.rating for one in ask(predictor).recommendations}
    assert answer.recommendations[0].rating == ratings["a"]


def test_filters_that_leave_nothing_are_an_empty_list_that_says_so(predictor: Predictor) -> None:
    answer = ask(predictor, rules={"filters": [in_range(min=100)]})
    assert names(answer) == []
    assert answer.applied is not None
    assert answer.applied.fitting == 0
    assert answer.applied.notes == ["No product fits: the filters leave none of the list."]


def test_a_filter_reads_what_the_customer_bought(predictor: Predictor) -> None:
    # Bought a 201 seconds before the end of the training data, and b a second before.
    day = 86_400
    for days, kept in ((100 / day, ["c", "a"]), (300 / day, ["c"])):
        rules = {"filters": [{"type": "not_bought_within", "days": days}]}
        assert names(ask(predictor, rules=rules)) == kept


def test_a_purchase_of_unknown_time_counts_as_one_of_today(folder: Path) -> None:
    """Of a model that looks back as well, which leaves it out of the past."""
    predictor = Predictor(folder.as_uri(), Looking)  # type: ignore[arg-type]
    rules = {"filters": [{"type": "not_bought_within", "days": 1}]}
    request = PredictionRequest(customer_id="c2", k=3, rules=rules)
    assert names(predictor.predict(request)) == ["c", "a"]
    # b was bought five minutes before the end, and once more.
    at = pa.array([1, 300, MISSING_TIMESTAMP, 2, 5], pa.int64())
    write_parquet(pa.table({"time": at}), Locations(str(folder)).times("train"))
    predictor = Predictor(folder.as_uri(), Looking)  # type: ignore[arg-type]
    rules = {"filters": [{"type": "not_bought_within", "days": 60 / 86_400}]}
    assert names(ask(predictor, rules=rules)) == ["c", "a"]


def test_a_given_purchase_counts_though_nobody_else_has_the_product(folder: Path) -> None:
    write_parquet(ROWS.slice(0, 4), Locations(str(folder)).examples("train"))
    predictor = Predictor(folder.as_uri(), Looking)  # type: ignore[arg-type]
    past = [{"product_id": "c", "days_ago": 2}]
    rules = {"filters": [{"type": "not_bought_within", "days": 30}]}
    answer = ask(predictor, history=past, rules=rules)
    assert answer.unknown_products == ["c"], "to the model"
    assert names(answer) == ["a", "b"]


class Short(Looking):
    """Orders two products of three."""

    lists = {**Looking.lists, "serving_default": [b"c", b"a", b""]}

    def types(self, signature: str) -> dict[str, str]:
        return {"price": "float32"} if signature == "candidate_embedding" else super().types("")

    def call(
        self, signature: str, rows: dict[str, list[Any]], pasts: Any = None, of: Any = None
    ) -> dict[str, Any]:
        if signature in self.lists:
            return super().call(signature, rows, pasts, of)
        width = [[-1.0]] * len(rows["price"])
        return {"embedding": np.array(width if signature == "query_embedding" else [[1.0]] * 3)}


def test_what_the_re_ranker_did_not_order_is_not_explained(folder: Path) -> None:
    predictor = Predictor(folder.as_uri(), Short)  # type: ignore[arg-type]
    asked: list[str] = []

    def explain(_: Any, __: Any, ___: Any, products: list[str], *, known: bool) -> list[Any]:
        asked.extend(products)
        return [None] * len(products)

    predictor._explainer = mock.Mock(explain=explain)
    predictor._reader._explains = True
    answer = ask(predictor, explain=True, rules={"pins": [{"product_id": "b", "place": 1}]})
    assert names(answer) == ["b", "c", "a"]
    assert asked == ["c", "a"]
    assert answer.applied is not None
    assert "Products that the re-ranker did not order are not explained." in answer.applied.notes


@pytest.mark.parametrize(
    ("rules", "path", "said"),
    [
        (
            {"filters": [{"type": "in", "column": "brand", "values": ["x"]}]},
            "rules.filters[0].column",
            "Those that they have are 'price', 'sorted into'.",
        ),
        (
            {"filters": [{"type": "range", "column": "sorted into", "min": 1}]},
            "rules.filters[0].column",
            "holds texts",
        ),
        (
            {"pins": [{"product_id": "z", "place": 1}]},
            "rules.pins[0].product_id",
            "no such product",
        ),
        (
            {"pins": [{"product_id": "a", "place": 4}]},
            "rules.pins[0].place",
            "The list has 3 places",
        ),
    ],
)
def test_what_is_wrong_is_named_by_its_field(
    predictor: Predictor, rules: Any, path: str, said: str
) -> None:
    found = problems(predictor, rules=rules)
    assert list(found) == [path]
    assert said in found[path]


def test_a_job_of_before_there_were_rules_has_what_its_model_knows(folder: Path) -> None:
    places = Locations(str(folder))
    pq.write_table(pq.read_table(places.candidates).drop(["columns"]), places.candidates)
    predictor = Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]
    assert names(ask(predictor, rules={"filters": [in_range(max=2)]})) == ["a"]
    found = problems(predictor, rules={"caps": [{"column": "sorted into", "at_most": 1}]})
    assert "Those that they have are 'price'." in found["rules.caps[0].column"]


def test_a_rule_set_is_found_by_its_id_or_its_name_and_joined_with_the_requests_rules(
    folder: Path, predictor: Predictor
) -> None:
    save(folder, "Front page", filters=[in_range(max=5)])
    for name in ("rs-1", "Front page"):
        answer = ask(predictor, rule_set=name)
        assert names(answer) == ["b", "a"]
        assert answer.applied is not None
        assert answer.applied.rules == ["price up to 5"]
    own = {"filters": [in_range(min=2)]}
    assert names(ask(predictor, rule_set="rs-1", rules=own)) == ["b"]


def test_pins_of_a_rule_set_beyond_the_list_are_left_out_and_told(
    folder: Path, predictor: Predictor
) -> None:
    pins = [{"product_id": "a", "place": 3}, {"product_id": "gone", "place": 1}]
    save(folder, "Pinned", pins=pins)
    answer = ask(predictor, 2, rule_set="Pinned")
    assert names(answer) == ["c", "b"]
    assert answer.applied is not None
    assert [one.reason for one in answer.applied.pins_left_out] == [
        "The list has 2 places.",
        "The model has no such product.",
    ]


def test_where_there_are_no_rule_sets_it_says_so(predictor: Predictor) -> None:
    assert "There are no rule sets" in problems(predictor, rule_set="Front page")["rule_set"]


def test_a_rule_set_that_cannot_be_used_is_refused(folder: Path, predictor: Predictor) -> None:
    save(folder, "Brands", caps=[{"column": "brand", "at_most": 1}])
    save(folder, "Twice", "rs-2")
    save(folder, "Twice", "rs-3")
    said = problems(predictor, rule_set="Brands")["rule_set"]
    assert "no column 'brand'" in said
    assert "'Brands', 'Twice'" in problems(predictor, rule_set="Twice")["rule_set"]
    for name in ("../jobs/job", "rs-9", "Nothing"):
        assert "'Brands'" in problems(predictor, rule_set=name)["rule_set"]


def test_a_product_that_two_pins_write_in_two_ways_is_pinned_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pins are checked as the model's products are written."""
    predictor = Predictor(folder.as_uri(), Model)  # type: ignore[arg-type]
    monkeypatch.setattr(rule_reader, "python_text", lambda text, _: text.removesuffix(".0"))
    pins = [{"product_id": "a", "place": 2}, {"product_id": "a.0", "place": 1}]
    found = problems(predictor, rules={"pins": pins})
    assert found == {
        "rules.pins[1].product_id": "It is product 'a', which place 2 has. Pin it once."
    }
    save(folder, "Pinned", pins=pins)
    assert names(ask(predictor, rule_set="Pinned")) == ["c", "a", "b"]


def test_rules_that_requests_share_are_checked_and_made_ready_once(
    folder: Path, predictor: Predictor
) -> None:
    save(folder, "Front page", filters=[in_range(max=5)])
    shared = Rules.model_validate({"filters": [in_range(min=2)]})
    own = {"filters": [in_range(min=1)]}
    given: list[Any] = [rules for _ in range(20) for rules in (shared, shared, own)]
    requests = [
        PredictionRequest(customer_id="c1", k=3, rules=rules, rule_set="Front page")
        for rules in given
    ]
    with (
        mock.patch.object(rule_reader, "check_rules", side_effect=check_rules) as checked,
        mock.patch.object(Rules, "model_dump_json", autospec=True, return_value="{}") as keyed,
    ):
        predictor.predict_many(requests)
    assert checked.call_count == 1 + 1 + 20
    assert keyed.call_count == 1 + 20


@dataclass
class Clock:
    seconds: float = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def sets(folder: Path, clock: Clock) -> RuleSets:
    return RuleSets(folder.as_uri(), now=clock)


@pytest.fixture
def opened() -> Iterator[list[str]]:
    """Names of the files that are opened."""
    names: list[str] = []

    def watched(path: Path, *arguments: Any, **named: Any) -> Any:
        names.append(path.name)
        return real(path, *arguments, **named)

    real = Path.open
    with mock.patch.object(Path, "open", watched):
        yield names


def words(sets: RuleSets, name: str = "Front page") -> list[str] | None:
    found = sets.find(name)
    return [one.in_words() for one in found.rules.filters] if found else None


def test_a_rule_set_that_changes_is_read_again(folder: Path, sets: RuleSets, clock: Clock) -> None:
    save(folder, "Front page", filters=[in_range(max=5)])
    assert words(sets) == ["price up to 5"]
    save(folder, "Front page", filters=[in_range(max=7)])
    assert words(sets) == ["price up to 5"]
    clock.seconds += FRESH_SECONDS
    assert words(sets) == ["price up to 7"]
    save(folder, "Home page", filters=[in_range(max=7)])
    save(folder, "Front page", "rs-2", filters=[in_range(max=8)])
    clock.seconds += FRESH_SECONDS
    assert words(sets) == ["price up to 8"]
    assert words(sets, "Home page") == words(sets, "rs-1") == ["price up to 7"]
    for job in ("jobs/another", "models/full/"):  # all jobs of a store have the same
        names = RuleSets(f"{folder.parents[1].as_uri()}/{job}").names()
        assert names == ["Front page", "Home page"]


def test_an_unchanged_rule_set_is_the_same_object(
    folder: Path, sets: RuleSets, clock: Clock
) -> None:
    """By which what was made of it is known."""
    save(folder, "Front page", filters=[in_range(max=5)])
    found = sets.find("Front page")
    clock.seconds += FRESH_SECONDS
    assert sets.find("rs-1") is found is not None


def test_files_are_read_once_however_often_any_name_is_asked_for(
    folder: Path, sets: RuleSets, clock: Clock, opened: list[str]
) -> None:
    for number in range(5):
        save(folder, f"Page {number}", f"rs-{number}")
    opened.clear()
    for time in range(1, 4):
        for number in range(20):
            assert sets.find(f"Unknown {number}") is None
            assert sets.find(f"unknown-{number}") is None
            assert sets.find(f"Page {number % 5}") is not None
            assert len(sets.names()) == 5
        assert sorted(opened) == sorted([f"rs-{number}.json" for number in range(5)] * time)
        clock.seconds += FRESH_SECONDS
    opened.clear()
    assert words(RuleSets(folder.as_uri()), "rs-3") == []
    assert opened == ["rs-3.json"], "by its id it is read alone"


def test_deleted_rule_sets_are_known_no_more_and_hardly_read(
    folder: Path, sets: RuleSets, clock: Clock, opened: list[str]
) -> None:
    save(folder, "Front page", filters=[in_range(max=5)])
    save(folder, "Home page", "rs-2")
    assert words(sets) == ["price up to 5"]
    (folder.parents[1] / key_of("rs-1")).write_bytes(WITHDRAWN)
    clock.seconds += FRESH_SECONDS
    assert sets.names() == ["Home page"]
    opened.clear()
    for _ in range(10):
        clock.seconds += FRESH_SECONDS
        assert sets.find("Front page") is sets.find("rs-1") is None
    assert "rs-1.json" not in opened
    save(folder, "Front page", filters=[in_range(max=5)])  # from a backup
    clock.seconds += WITHDRAWN_SECONDS
    assert words(sets) == ["price up to 5"]


def test_what_cannot_be_read_leaves_the_last_good_rule_set_and_is_told_once(
    folder: Path, sets: RuleSets, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    path = folder.parents[1] / key_of("rs-1")
    save(folder, "Front page", filters=[in_range(max=5)])
    assert words(sets) == ["price up to 5"]
    whole = path.read_text()
    for half in (whole[:-9], '{"id": "rs-1"}', " " * (1 << 23)):
        path.write_text(half)
        caplog.clear()
        for _ in range(3):
            clock.seconds += FRESH_SECONDS
            assert words(sets) == ["price up to 5"]
        (line,) = caplog.messages
        assert line.startswith("Rule set rs-1 cannot be read; revision 1 stays: ")
        assert words(RuleSets(folder.as_uri())) is None
    with mock.patch.object(Path, "glob", side_effect=OSError("gone")):
        clock.seconds += FRESH_SECONDS
        assert words(sets) == ["price up to 5"]
    save(folder, "Front page", filters=[in_range(max=7)])
    clock.seconds += FRESH_SECONDS
    assert words(sets) == ["price up to 7"]


def test_a_file_that_has_grown_is_read_to_its_end(
    folder: Path, sets: RuleSets, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """TensorFlow reads as much of a remote file as it had when it was last looked at, where no
    length is given."""
    held: dict[str, int] = {}

    class Held(BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            most = held.setdefault("size", len(self.getvalue()))
            return super().read(most if size in (None, -1) else size)

    def opened(path: Path, *_: Any) -> BytesIO:
        with open(path, "rb") as file:  # noqa: PTH123
            return Held(file.read())

    save(folder, "Front page", filters=[in_range(max=5)])
    held["size"] = (folder.parents[1] / key_of("rs-1")).stat().st_size
    monkeypatch.setattr(Path, "open", opened)
    assert words(sets) == ["price up to 5"]
    grown = Rules.model_validate({"filters": [in_range(max=5), in_range(min=1)]})
    stored = StoredRuleSet(id="rs-1", name="Front page", revision=2, rules=grown)
    with open(folder.parents[1] / key_of("rs-1"), "w") as file:  # noqa: PTH123
        file.write(stored.model_dump_json())
    clock.seconds += FRESH_SECONDS
    assert words(sets) == ["price up to 5", "price from 1"]
