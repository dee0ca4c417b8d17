"""Which tests a learning curve is made of: shares of the customers, and numbers of epochs.

All of its tests are judged by the same held-out rows, those of the customers of its smallest share,
and choose among the same products, so that they differ in what was trained on and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from shared.documents.sweep import Overrides, SweepSpec
from shared.problems import Problem

WHOLE = 100.0
SHARES = (5.0, 10.0, 25.0, 50.0, WHOLE)
# As many customers, at least, are to be judged by: intervals of fewer tell little apart.
_FEWEST_CUSTOMERS = 100
_MOST_EPOCHS = 100


def usual_shares(customers: int | None) -> list[float]:
    """Shares of a sample's customers in per cent, without those that are too few to judge by.

    Args:
        customers: of the sample; None where nobody has counted them.
    """
    if customers is None:
        return list(SHARES)
    enough = [share for share in SHARES if customers * share / 100 >= _FEWEST_CUSTOMERS]
    return enough if len(enough) > 1 else [*SHARES[-2:]]


def usual_epochs(epochs: int) -> list[int]:
    """Half as many as usual, twice and four times as many."""
    return with_usual((max(1, epochs // 2), 2 * epochs, 4 * epochs), epochs)


def with_usual(wanted: Iterable[int], epochs: int) -> list[int]:
    return sorted({min(one, _MOST_EPOCHS) for one in (*wanted, epochs)})


def points(base: Overrides, shares: Sequence[float], epochs: Sequence[int]) -> list[Overrides]:
    """A test for each share with the usual epochs, then one for each other number of epochs.

    Args:
        base: what all tests set; its epochs are the usual ones.
    """
    by_share = [
        base.model_copy(update={"trained_percent": share}) for share in sorted({*shares, WHOLE})
    ]
    by_epochs = [
        base.model_copy(update={"trained_percent": WHOLE, "epochs": number})
        for number in epochs
        if number != base.epochs
    ]
    return [*by_share, *by_epochs]


def trained_percent(overrides: Overrides) -> float:
    return WHOLE if overrides.trained_percent is None else overrides.trained_percent


def epochs(overrides: Overrides, spec: SweepSpec) -> int:
    return spec.epochs if overrides.epochs is None else overrides.epochs


def by_share(overrides: Overrides, spec: SweepSpec) -> bool:
    """Whether a point is of the curve by customers."""
    return epochs(overrides, spec) == spec.epochs


def by_epochs(overrides: Overrides, spec: SweepSpec) -> bool:
    """Whether a point is of the curve by epochs; one may be of both."""
    return trained_percent(overrides) == WHOLE


def check_curve(spec: SweepSpec) -> Iterator[Problem]:
    if spec.ablation:
        yield _problem(
            "learning_curve",
            "curve_of_columns",
            "An ablation is no learning curve. Set one of ablation and learning_curve to false.",
            True,
        )
        return
    for field, noun in (("feature_config_ids", "feature config"), ("model_config_ids", "model")):
        if len(ids := getattr(spec, field)) > 1:
            yield _problem(
                field,
                "curve_of_several",
                f"A learning curve is of one {noun}. Name one of them, and make a curve of each.",
                ids,
            )
    if len(spec.overrides) < 2:
        yield _problem(
            "overrides",
            "curve_of_one_point",
            "A learning curve has at least two "
            "points. Give overrides with unlike trained_percent or epochs.",
            len(spec.overrides),
        )
    seen: list[tuple[float, int]] = []
    for number, one in enumerate(spec.overrides):
        place = f"overrides[{number}]"
        if _rest(one) != _rest(spec.overrides[0]):
            yield _problem(
                place,
                "curve_of_settings",
                "Points of a learning curve differ in "
                "trained_percent and epochs only. Give all of them the same other "
                "settings.",
                one.model_dump(mode="json", exclude_defaults=True),
            )
        at = trained_percent(one), epochs(one, spec)
        if not (by_share(one, spec) or by_epochs(one, spec)):
            yield _problem(
                place,
                "off_the_curve",
                "A point has the epochs of the sweep, "
                f"{spec.epochs}, or all customers (trained_percent 100).",
                list(at),
            )
        if at in seen and one not in spec.overrides[:number]:
            yield _problem(
                place,
                "duplicate_point",
                "The same share of the customers with the "
                "same epochs is there already. List each once.",
                list(at),
            )
        seen.append(at)


def _rest(overrides: Overrides) -> Overrides:
    return overrides.model_copy(update={"trained_percent": None, "epochs": None})


def _problem(field: str, code: str, message: str, received: object) -> Problem:
    return Problem(path=f"spec.{field}", code=code, message=message, received=received)
