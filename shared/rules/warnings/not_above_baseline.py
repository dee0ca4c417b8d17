"""Not above a baseline."""

from __future__ import annotations

from collections.abc import Iterator

from shared.baselines import baselines
from shared.jobs import MetricsReport
from shared.metrics import metric as metric_of
from shared.problems import Problem
from shared.rules.differences import against_baseline
from shared.rules.fixes import Fix, Tried, add_history, sample_more, train_longer
from shared.rules.metrics import RATED_BY, telling_recall
from shared.rules.warnings.base import Code, Finished, ResultWarning


class NotAboveBaseline(ResultWarning):
    """Worse than, or not clearly better than, what needs no model: in what is recommended, and in
    how it is rated. A code for each baseline, which knows what that means; told are the strongest
    of them, and the weakest, which says most of what is wrong."""

    name = "not_above"
    label = "Not above a baseline"
    help = "The model is worse than, or not clearly better than, the simple baselines."
    position = 30

    def codes(self) -> Iterator[Code]:
        for baseline in baselines().values():
            yield Code(
                f"{self.name}_{baseline.name}",
                f"Not above {baseline.term}",
                f"The model is worse than, or not clearly better than, {baseline.in_full}.",
                baseline.remedy,
            )

    def check(self, finished: Finished) -> Iterator[Problem]:
        results = finished.results
        for name in (telling_recall(results), RATED_BY):
            if name not in results.metrics:
                continue
            lost: list[tuple[float, Problem]] = []
            for baseline in baselines().values():
                plain = results.baselines.get(baseline.name, {}).get(name)
                if plain is None or baseline.rating != metric_of(name).rating:
                    continue
                words = _against(name, results.metrics[name], plain, baseline.name, results)
                if words is not None:
                    problem = self.problem(
                        f"status.results.metrics.{name}",
                        f"{words} {baseline.in_full} ({metric_of(name).said(plain)}). "
                        f"{baseline.means} {baseline.helps}",
                        results.metrics[name],
                        code=f"{self.name}_{baseline.name}",
                    )
                    lost.append((plain, problem))
            values = [plain for plain, _ in lost]
            yield from (one for plain, one in lost if plain in (min(values), max(values)))

    def fixes(self, problem: Problem, tried: Tried) -> Iterator[Fix]:
        baseline = baselines().get(problem.code.removeprefix(f"{self.name}_"))
        if baseline is not None and not baseline.rating:
            yield from add_history(tried)
        yield from train_longer(tried)
        yield from sample_more(tried)


def _against(
    name: str, value: float, plain: float, baseline: str, results: MetricsReport
) -> str | None:
    """How a metric fares against a baseline; None where it is clearly better, or where all we
    have is a better number."""
    metric = metric_of(name)
    said = f"{metric.label} of {metric.said(value)}"
    match against_baseline(name, baseline, results):
        case "better":
            return None
        case "worse":
            return f"{said} is worse than"
        case "no_clear_difference":
            return f"{said} shows no clear difference from"
        case None:
            return None if metric.better(value, plain) else f"{said} does not beat"
