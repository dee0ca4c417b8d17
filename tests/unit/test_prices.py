"""The price table: an example that reads, and errors that say what is wrong with one's own."""

from __future__ import annotations

import pytest

from shared.prices import EXAMPLE_PRICES, read_prices


def test_the_example_table_prices_both_kinds_of_run():
    prices = read_prices()
    assert prices.usd("quick_test", 0) == prices.usd_per_run
    hour = prices.usd("full_training", 3600) - prices.usd_per_run
    assert hour == prices.usd_per_hour[prices.machines["full_training"]]
    assert prices.source.startswith("https://")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (("= 0.219", '= "much"'), "usd_per_hour.n1-standard-4"),
        (('"n1-highmem-8"\n', '"n9-none"\n'), "The machine of full_training is 'n9-none'"),
        (('full_training = "n1-highmem-8"\n', ""), "lacks full_training"),
        (("[machines]", "[machines"), "is no TOML"),
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
