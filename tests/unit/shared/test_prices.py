"""The price table: an example that reads, and errors that say what is wrong with one's own."""

from __future__ import annotations

import pytest

from shared.prices import EXAMPLE_PRICES, read_prices


def test_the_example_table_prices_both_kinds_of_run():
    prices = read_prices()
    assert prices.usd("quick_test", 0) == prices.usd_per_run
    hour = prices.usd("full_training", 3600) - prices.usd_per_run
    assert hour == pytest.approx(prices.usd_per_hour[prices.machines["full_training"]])
    assert prices.source.startswith("https://")
    read = prices.usd("quick_test", 0, 2**39) - prices.usd_per_run
    assert read == pytest.approx(prices.usd_per_tib_read / 2)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("= 0.219", '= "much"'), "usd_per_hour.n1-standard-4"),
        (('"e2-standard-16"\n', '"n9-none"\n'), "The machine of full_training is 'n9-none'"),
        (('full_training = "e2-standard-16"\n', ""), "lacks full_training"),
        (("[machines]", "[machines"), "is not valid TOML"),
        (("usd_per_run = 0.03", "usd_per_run = -1"), "usd_per_run"),
        (("as_of", "as_off"), "as_off"),
    ],
)
def test_a_table_of_ones_own_is_checked(tmp_path, change, message):
    path = tmp_path / "prices.toml"
    path.write_text(EXAMPLE_PRICES.read_text().replace(*change))
    with pytest.raises(ValueError, match=r"prices\.toml") as refused:
        read_prices(path)
    assert message in str(refused.value)
    with pytest.raises(ValueError, match="cannot be read"):
        read_prices(tmp_path / "none.toml")
