import type { BestComparison, Interval, MetricsReport, QuickTest } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";
import { mainMetric, mainMetrics, metricOf, said, saidDifference } from "./metrics";

export type Verdict = "better" | "worse" | "no_clear_difference";

/** What each baseline does instead of a model. */
const BASELINES: Record<string, { doing: string; label: string; term: string }> = {
  popularity: {
    doing: "recommending everybody what is popular",
    label: "What is popular",
    term: "popularity",
  },
  own_history: {
    doing: "recommending what the customer bought before",
    label: "What they bought before",
    term: "own history",
  },
  random: { doing: "recommending at random", label: "At random", term: "random" },
  global_mean: {
    doing: "predicting the mean for everything",
    label: "The mean for everything",
    term: "global mean",
  },
  customer_product_means: {
    doing: "predicting from each customer's and each product's mean",
    label: "Their own means",
    term: "customer and product means",
  },
};

/** Those that a model has to beat to be worth having. */
const JUDGED_BY = ["popularity", "own_history", "global_mean", "customer_product_means"];

export function baselineOf(name: string): { doing: string; label: string; term: string } {
  return BASELINES[name] ?? { doing: name.replace(/_/g, " "), label: name, term: name };
}

/** What an interval of differences says; an error is better when it is lower. */
export function verdictOf(metric: string, difference: Interval): Verdict {
  if (difference.low <= 0 && difference.high >= 0) return "no_clear_difference";
  return difference.high < 0 === metricOf(metric).lowerIsBetter ? "better" : "worse";
}

/** The model against a baseline; null where there is no interval to judge by. */
export function againstBaseline(
  results: MetricsReport,
  baseline: string,
  metric: string,
): Verdict | null {
  const difference = results.differences?.[baseline]?.[metric];
  return difference ? verdictOf(metric, difference) : null;
}

/** The baselines that a test is judged by, each with its verdict. */
function judged(
  results: MetricsReport,
  metric: string,
): { name: string; verdict: Verdict | null }[] {
  return JUDGED_BY.filter((name) => results.baselines[name]?.[metric] !== undefined).map(
    (name) => ({
      name,
      verdict: againstBaseline(results, name, metric),
    }),
  );
}

const AGAINST: Record<Verdict, string> = {
  better: "clearly better than",
  worse: "clearly worse than",
  no_clear_difference: "not clearly different from",
};

/** How good the model is at each of its tasks, in sentences for people who know no metric. */
export function verdictSentence(results: MetricsReport, ratingColumn?: string | null): string {
  const metrics = mainMetrics(results.metrics);
  if (metrics.length === 0) return "There is no metric that says how good this model is.";
  return metrics.map((metric) => sentence(results, metric, ratingColumn)).join(" ");
}

function sentence(results: MetricsReport, metric: string, ratingColumn?: string | null): string {
  const value = results.metrics[metric] as number;
  const first = metricOf(metric).rating
    ? `The model is typically off by ${said(metric, value)} when it predicts ${ratingColumn ?? "the rating"}`
    : `For ${said(metric, value)} of the purchases held back, the product was among the first 100 recommendations`;
  const found = judged(results, metric).map(({ name, verdict }) => {
    const plain = results.baselines[name]?.[metric] as number;
    const better = metricOf(metric).lowerIsBetter ? value < plain : value > plain;
    const word = verdict ? AGAINST[verdict] : better ? "better than" : "no better than";
    return `${word} ${baselineOf(name).doing} (${said(metric, plain)})`;
  });
  return found.length ? `${first}: ${listed(found)}.` : `${first}.`;
}

/** A test's results in two or three words, for lists. */
export function shortVerdict(results: MetricsReport): { tone: Tone; label: string } | null {
  const found = mainMetrics(results.metrics).flatMap((metric) => judged(results, metric));
  if (found.length === 0) return null;
  const name = (verdict: Verdict): string | undefined =>
    found.find((item) => item.verdict === verdict)?.name;
  const worse = name("worse");
  if (worse) return { tone: "bad", label: `Worse than ${baselineOf(worse).term}` };
  const close = name("no_clear_difference");
  if (close) return { tone: "warning", label: `No clear gain over ${baselineOf(close).term}` };
  if (found.some(({ verdict }) => verdict === null))
    return { tone: "quiet", label: "No intervals" };
  return {
    tone: "good",
    label:
      found.length > 1 ? "Beats all baselines" : `Beats ${baselineOf(found[0]?.name ?? "").term}`,
  };
}

const COMPARED: Record<Verdict, string> = {
  better: "An improvement: clearly better than the best test before it",
  worse: "Clearly worse than the best test before it",
  no_clear_difference: "No clear difference from the best test before it",
};

/** How a test stands against the best comparable one before it. */
export function comparisonSentence(comparison: BestComparison): string {
  const { metric, previous, difference, reason, verdict } = comparison;
  const { term } = metricOf(metric);
  const words = `${COMPARED[verdict]}, “${comparison.name}” (${term} ${said(metric, previous)})`;
  if (difference) return `${words}: ${saidDifference(metric, difference)}, at 95 %.`;
  return reason ? `${words}. ${reason}` : `${words}.`;
}

export const VERDICT_TONE: Record<Verdict, Tone> = {
  better: "good",
  worse: "bad",
  no_clear_difference: "quiet",
};

export const VERDICT_WORDS: Record<Verdict, string> = {
  better: "Better",
  worse: "Worse",
  no_clear_difference: "No clear difference",
};

/** Main metric, value and interval of a completed test. */
export function headline(
  test: QuickTest,
): { metric: string; value: number; interval: Interval | null } | null {
  const results = test.status.results;
  const metric = results ? mainMetric(results.metrics) : null;
  if (!results || !metric) return null;
  return {
    metric,
    value: results.metrics[metric] as number,
    interval: results.intervals?.[metric] ?? null,
  };
}

/** `a`, `a and b`, `a, b and c` */
export function listed(items: string[]): string {
  const last = items.at(-1) ?? "";
  return items.length < 2 ? last : `${items.slice(0, -1).join(", ")} and ${last}`;
}
