"""What the rules cost that a test's lists were measured under."""

from __future__ import annotations

from collections.abc import Iterator

from shared.documents.quick_test import RuledMetric, RulesVerdict
from shared.jobs import MeasuredRules, MetricsReport, RuledList
from shared.metrics import brief_metrics
from shared.metrics import metric as metric_of
from shared.metrics.base import ROW_KINDS
from shared.rules.differences import Verdict, difference_words, verdict
from shared.rules.lists import SERVED_LISTS
from shared.rules.metrics import FIRST_PLACES, telling_recall
from shared.wording import percent, plural

# Of few products every one is among as many places.


def judge_rules(results: MetricsReport) -> RulesVerdict | None:
    """None where the test named no rule set."""
    found = results.rules
    if found is None:
        return None
    main = _main(results, found)
    told = dict.fromkeys(one.name for one in brief_metrics() if _is_measured(one.name, found))
    told |= dict.fromkeys(name for name in found.metrics if _of_all_rows(name, found))
    if main is not None:
        told.setdefault(main)
    lists = ["", *(served.label for served in SERVED_LISTS)]
    metrics = [_metric(name, found) for name in told]
    metrics.sort(key=lambda one: lists.index(one.list))
    return RulesVerdict(
        rule_set_id=found.rule_set_id,
        name=found.name,
        revision=found.revision,
        told=found.told,
        standing=_verdict(main, found) if main is not None else None,
        sentences=list(_sentences(results, found, main)),
        metrics=metrics,
    )


def _main(results: MetricsReport, found: MeasuredRules) -> str | None:
    wanted = (telling_recall(results), FIRST_PLACES, *found.metrics)
    return next((one for one in wanted if _is_measured(one, found)), None)


def _is_measured(name: str, found: MeasuredRules) -> bool:
    return name in found.metrics and name in found.without


def _of_all_rows(name: str, found: MeasuredRules) -> bool:
    return _is_measured(name, found) and not name.endswith(tuple(f"_{one}" for one in ROW_KINDS))


def _metric(name: str, found: MeasuredRules) -> RuledMetric:
    metric = metric_of(name)
    return RuledMetric(
        metric=name,
        label=metric.label,
        list=metric.of_list,
        without=found.without[name],
        under=found.metrics[name],
        difference=found.differences.get(name),
        verdict=_verdict(name, found),
    )


def _verdict(name: str, found: MeasuredRules) -> Verdict | None:
    difference = found.differences.get(name)
    return None if difference is None else verdict(name, difference)


def _sentences(results: MetricsReport, found: MeasuredRules, main: str | None) -> Iterator[str]:
    if found.skipped or main is None:
        why = found.skipped or "The job left no numbers."
        yield f"Not measured under {_named(found)}. {why}"
        return
    lists = {one.name: one for one in found.lists}
    yield _cost(f"Under {_named(found)}", main, found)
    if (whole := lists.get("all")) is not None:
        yield from _reach(whole, main)
    for served in SERVED_LISTS:
        wanted = (served.metric(results), f"{FIRST_PLACES}_{served.name}")
        name = next((one for one in wanted if one and _is_measured(one, found)), None)
        if name is None or served.name not in lists:
            continue
        yield _cost(f"{served.label}: under the rules", name, found)
        yield from _reach(lists[served.name], name)
    if found.rows < results.protocol.holdout_rows:
        of = plural(results.protocol.holdout_rows, "held-out purchase")
        yield f"Measured over {found.rows:,} of {of}, chosen by hash."


def _named(found: MeasuredRules) -> str:
    return f"the rule set {found.name!r} (revision {found.revision})"


def _cost(begins: str, name: str, found: MeasuredRules) -> str:
    metric, under, without = metric_of(name), found.metrics[name], found.without[name]
    told = f"{begins}, {metric.label} is {metric.said(under)} instead of {metric.said(without)}"
    difference = found.differences.get(name)
    if difference is None:
        return f"{told}. How sure that is cannot be said of so few customers."
    words = {
        "worse": "which is a clear loss",
        "better": "which is a clear gain",
        "no_clear_difference": "which is no clear difference",
    }[verdict(name, difference)]
    return f"{told}, {words} ({difference_words(name, difference)})."


def _reach(of: RuledList, name: str) -> Iterator[str]:
    """What no order of products can find, and where lists came short.

    Args:
        name: of the metric that tells which lists are looked at.
    """
    if not of.rows:
        return
    if of.left_out:
        share = of.left_out / of.rows
        yield (
            f"The filters leave out the product of {percent(share)} of the held-out purchases: at "
            f"most {percent(1 - share)} can be found."
        )
    else:
        yield "The filters leave out none of the products that were bought."
    k = next((int(part) for part in name.split("_") if part.isdecimal()), 0)
    short = next((one.rows for one in of.short if one.k == k), 0)
    if short:
        yield (
            f"For {percent(short / of.rows)} of them the rules leave fewer than "
            f"{plural(k, 'product')} to list."
        )
