import pytest

from shared.problems import InvalidError, Problem
from shared.wording import field, first_of, percent, percentage, plural, sentence


def test_percentages_have_no_space_that_a_line_could_break_at():
    assert percent(0.18512) == "18.5%"
    assert percent(1, 0) == "100%"
    assert percentage(10.0) == "10%"
    assert percentage(0.05) == "0.05%"


def test_one_is_not_several():
    assert plural(1, "row") == "1 row"
    assert plural(0, "row") == "0 rows"
    assert plural(1200, "leaf", "leaves") == "1,200 leaves"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("it is gone", "It is gone."),
        ("There is no job 'x'..", "There is no job 'x'."),
        ("did you mean this?", "Did you mean this?"),
        ("metrics.json is malformed", "metrics.json is malformed."),
        ("", "."),
    ],
)
def test_a_sentence_ends_once(text, said):
    assert sentence(text) == said


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("spec.source.uri", "the source's address"),
        ("spec.buyer_tower_layers[2].units", "the buyer tower's layers, number 3, units"),
        ("spec.source_test_id", "the test to train in full"),
        ("spec.batch_size_override", "batch size override"),
        ("spec.column_mapping.unit_price", "the columns' roles, unit price"),
        ("name", "name"),
    ],
)
def test_fields_have_names_for_people(path, said):
    assert field(path) == said


def test_problems_in_a_sentence_show_no_paths():
    invalid = InvalidError(
        [
            Problem(path="spec.source.uri", code="not_found", message="There is no such file."),
            Problem(path="spec.epochs", code="less", message="Take at least one"),
        ]
    )
    assert str(invalid) == "The source's address: There is no such file. Epochs: Take at least one."


def test_of_many_names_the_first_are_shown():
    assert first_of(["a", "b", "c"], 3) == "a, b, c"
    assert first_of(["a", "b", "c", "d", "e"], 3) == "a, b, c and 2 more"
    assert first_of([], 3) == ""
