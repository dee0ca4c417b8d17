"""What says that two tests measured over the same rows and products, and which attributes vary."""

from __future__ import annotations

import random

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from purchases import SPEC, Purchase, examples, purchases

from shared.columns.source_rows import SourceRows
from shared.examples import MISSING_TIMESTAMP, ExamplesSpec, RawFeature, RawType
from shared.jobs import EvaluationProtocol
from trainer_image.evaluation.attributes import varying_attributes
from trainer_image.evaluation.held_out import numbered
from trainer_image.evaluation.protocol import fingerprint, protocol_of
from trainer_image.examples.read import Examples

TRAIN: list[Purchase] = [("ann", "p1", 0), ("bob", "p2", 5), ("bob", "p2", 5)]
HELD_OUT: list[Purchase] = [("ann", "p1", 9), ("ann", "p3", 9), ("bob", "p2", 10), ("ann", "p1", 9)]


def protocol(
    train: list[Purchase], held_out: list[Purchase], spec: ExamplesSpec = SPEC
) -> EvaluationProtocol:
    found = examples(train, held_out)
    return protocol_of(spec, found, numbered(spec, found))


def test_the_protocol_counts_rows_customers_and_repeats() -> None:
    found = protocol(TRAIN, HELD_OUT)
    assert (found.train_rows, found.holdout_rows, found.holdout_customers) == (3, 4, 2)
    assert (found.candidates, found.repeat_rows, found.rating_column) == (3, 3, None)


def test_the_share_held_out_is_what_it_came_to() -> None:
    found = protocol(TRAIN, HELD_OUT)
    assert (found.holdout_fraction, found.holdout_share) == (0.1, pytest.approx(4 / 7))
    assert found.model_dump()["holdout_share"] == found.holdout_share
    assert EvaluationProtocol.model_validate_json(found.model_dump_json()) == found
    lying = {**found.model_dump(), "holdout_share": 0.1}
    assert EvaluationProtocol.model_validate(lying).holdout_share == pytest.approx(4 / 7)


def test_rows_without_a_time_are_counted_where_there_are_times() -> None:
    rows = [*TRAIN, ("ann", "p2", MISSING_TIMESTAMP)]
    timed = SPEC.model_copy(update={"timestamp_column": "when"})
    assert protocol(rows, HELD_OUT, timed).rows_without_time == 1
    assert protocol(rows, HELD_OUT).rows_without_time is None


def test_ties_matter_to_a_temporal_split_only() -> None:
    cut = {"ties": "hash", "timestamp_column": "when"}
    assert protocol(TRAIN, HELD_OUT, SPEC.model_copy(update=cut)).ties == "hash"
    random_split = SPEC.model_copy(update={**cut, "split": "random"})
    assert protocol(TRAIN, HELD_OUT, random_split).ties == "whole"


def test_the_rating_is_named_by_its_column() -> None:
    stars = RawFeature(key="label_key", column="Sterne €", type=RawType.NUMBER)
    spec = SPEC.model_copy(update={"features": [*SPEC.features, stars], "label_key": "label_key"})
    assert protocol(TRAIN, HELD_OUT, spec).rating_column == "Sterne €"


@settings(deadline=None)
@given(st.lists(purchases, min_size=1, max_size=20), st.randoms(use_true_random=False))
def test_fingerprints_do_not_depend_on_the_order(rows: list[Purchase], shuffle) -> None:
    shuffled = rows.copy()
    shuffle.shuffle(shuffled)
    one, other = protocol(TRAIN, rows), protocol(TRAIN[::-1], shuffled)
    assert one.holdout_fingerprint == other.holdout_fingerprint
    assert one.candidates_fingerprint == other.candidates_fingerprint


@pytest.mark.parametrize(
    "changed",
    [
        HELD_OUT[1:],
        [*HELD_OUT, HELD_OUT[0]],
        [*HELD_OUT[:2], *HELD_OUT[2:3] * 2],
        [("ann", "p1", 8), *HELD_OUT[1:]],
        [("an", "np1", 9), *HELD_OUT[1:]],
        [("ann\x00p1", "", 9), *HELD_OUT[1:]],
    ],
)
def test_a_fingerprint_tells_other_rows(changed: list[Purchase]) -> None:
    assert (
        protocol(TRAIN, changed).holdout_fingerprint
        != protocol(TRAIN, HELD_OUT).holdout_fingerprint
    )


def test_candidates_are_told_apart_from_rows() -> None:
    more = protocol([*TRAIN, ("ann", "p9", 1)], HELD_OUT)
    plain = protocol(TRAIN, HELD_OUT)
    assert more.holdout_fingerprint == plain.holdout_fingerprint
    assert more.candidates_fingerprint != plain.candidates_fingerprint


def test_a_fingerprint_goes_over_all_blocks() -> None:
    ids = [f"id {number}" for number in range(200_000)]
    whole = fingerprint([pa.chunked_array([ids])])
    mixed = random.Random(1).sample(ids, len(ids))
    assert fingerprint([pa.chunked_array([mixed[:70_000], mixed[70_000:]])]) == whole
    assert fingerprint([pa.chunked_array([[*ids[:-1], "id -1"]])]) != whole


def test_an_attribute_varies_where_a_product_has_two_known_values() -> None:
    nan = float("nan")
    spec = ExamplesSpec.model_validate(
        {
            **SPEC.model_dump(),
            "features": [
                *SPEC.model_dump()["features"],
                {"key": "price", "column": "Price", "type": "number"},
                {"key": "price_text", "column": "Price", "type": "text"},
                {"key": "brand", "column": "Brand", "type": "text"},
                {"key": "since", "column": "Since", "type": "timestamp"},
            ],
            "candidate_keys": ["what", "price", "price_text", "brand", "since"],
        }
    )
    table = pa.table(
        {
            "who": ["ann"] * 7,
            "what": ["p1", "p1", "p2", "p2", "p3", "p4", "p4"],
            "price": pa.array([1.5, 2.5, 1.5, 1.5, nan, nan, 2.0], pa.float32()),
            "price_text": ["1.5", "2.5", "1.5", "1.50", "", "", "2"],
            "brand": ["a", "a", "", "b", "", "c", "c"],
            "since": pa.array([1, 1, 2, MISSING_TIMESTAMP, 5, 6, 7], pa.int64()),
        }
    )
    times = pa.array([0] * 7)
    found = varying_attributes(
        spec,
        Examples(
            table.slice(0, 1),
            table.slice(1),
            table,
            pa.array([]),
            times[:1],
            times[1:],
            SourceRows(read=7),
        ),
    )
    assert found == {"Price": 0.5, "Brand": 0.0, "Since": 0.25}
