import pytest

from shared.layers import BatchNorm, Dense, Dropout, LayerNorm, layers_in_words


@pytest.mark.parametrize(
    ("layers", "text"),
    [
        ([Dense(units=128), Dense(units=64), Dense(units=32, activation=None)], "128→64→32"),
        ([Dense(units=32, activation="linear")], "32"),
        ([Dense(units=32)], "32 (relu)"),
        (
            [
                Dense(units=64, activation="gelu", l2_reg=0.01),
                BatchNorm(),
                Dropout(rate=0.25),
                LayerNorm(),
                Dense(units=8, activation=None),
            ],
            "64 (gelu, L2 0.01)→batch norm→dropout 0.25→layer norm→8",
        ),
        ([], "none"),
    ],
)
def test_layers_in_a_line(layers, text):
    assert layers_in_words(layers) == text


@pytest.mark.parametrize(
    ("layer", "linear"),
    [
        (Dense(units=4, activation=None), True),
        (Dense(units=4, activation="linear"), True),
        (Dense(units=4), False),
        (Dense(units=4, activation="tanh"), False),
        (Dropout(), True),
        (BatchNorm(), True),
        (LayerNorm(), False),
    ],
)
def test_what_is_a_weighted_sum_when_it_serves(layer, linear):
    assert layer.linear == linear
