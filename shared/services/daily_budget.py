"""A stop on spending: what a deployment's tests of one day may cost."""

from __future__ import annotations

from shared.documents.base import Collection, read_status
from shared.documents.estimate import Estimate
from shared.documents.quick_test import QuickTestStatus
from shared.ports import Filter, Ports
from shared.problems import Problem

_CHECKED_AT = "status.validation.checked_at"
_READ = ("status.state", "status.job", "status.cost_usd", "status.estimate", _CHECKED_AT)


def over_budget(expected: Estimate | None, ports: Ports, but: str | None = None) -> list[Problem]:
    """An error where a run would have the day's tests and trainings cost more than the deployment
    lets them. Those that are validated at the same moment do not see each other.

    Args:
        but: id of the test itself.
    """
    if ports.daily_usd is None:
        return []
    cost = expected.cost_usd.likely if expected is not None and expected.cost_usd else 0.0
    spent = _today(ports, but)
    if spent + cost <= ports.daily_usd:
        return []
    return [
        Problem(
            path="spec.data_sample_percent",
            code="over_daily_budget",
            message=f"It is expected to cost {cost:.2f} USD, and today's tests (UTC) {spent:.2f} "
            f"USD so far; all of a day may cost {ports.daily_usd:.2f} USD (daily_budget). Take a "
            "smaller sample, wait for tomorrow, or have the budget raised.",
            received=round(spent + cost, 2),
        )
    ]


def _today(ports: Ports, but: str | None) -> float:
    """What the tests that were found valid today have cost, or are expected to."""
    since = Filter(_CHECKED_AT, ">=", ports.clock.now().date().isoformat())
    total = 0.0
    for snapshot in ports.documents.query(Collection.QUICK_TESTS, [since], fields=_READ):
        status = read_status(QuickTestStatus, snapshot.data)
        if snapshot.id == but or (status.state.ended and status.job is None):
            continue
        likely = status.estimate.cost_usd if status.estimate is not None else None
        if status.cost_usd is not None:
            total += status.cost_usd
        elif likely is not None:
            total += likely.likely
    return total
