"""How much of a vocabulary was met again."""

from __future__ import annotations

from shared.jobs import VocabularyReport
from shared.wording import percent

# Shares of the held-out rows. Beyond the first, results warn.
HIGH_OOV_RATE = 0.2
_SOME = 0.05
_LABELS = {"good": "Good", "some_unknown": "Some unknown", "much_unknown": "Many unknown"}
_CAUSES = (
    ("unseen_rate", "unseen in training"),
    ("rare_rate", "below the minimum frequency"),
    ("cut_rate", "beyond the maximum size"),
    ("missing_rate", "missing"),
)


def judge_vocabulary(report: VocabularyReport) -> None:
    """Fills in what is to be made of a report."""
    if report.oov_rate > HIGH_OOV_RATE:
        report.standing = "much_unknown"
    elif report.oov_rate > _SOME or report.truncated:
        report.standing = "some_unknown"
    else:
        report.standing = "good"
    report.label = _LABELS[report.standing]
    rates = [(getattr(report, rate), why) for rate, why in _CAUSES]
    found = sorted(((rate, why) for rate, why in rates if rate > 0), key=lambda one: -one[0])
    report.causes = ", ".join(f"{percent(rate)} {why}" for rate, why in found)
