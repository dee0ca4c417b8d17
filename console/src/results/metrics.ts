/** What the metrics are called, which way is better, and how a value is written. */

export interface Metric {
  /** As in the results: `recall_at_100`. */
  name: string;
  /** In plain words. */
  words: string;
  /** The field's term: `recall@100`. */
  term: string;
  /** Lies between 0 and 1, and is written in percent. */
  share: boolean;
  lowerIsBetter: boolean;
  /** Of predicted ratings, not of ranked products. */
  rating: boolean;
}

const RANKED = /^(recall|ndcg|mrr)(?:_at_(\d+))?(?:_(repeat|new))?$/;
const ROWS = { repeat: "bought before", new: "new to the customer" } as const;

const KNOWN: Record<string, Partial<Metric> & Pick<Metric, "words" | "term">> = {
  coverage_at_10: {
    words: "Products in anybody's first 10",
    term: "coverage@10",
    share: true,
  },
  identical_top_10: {
    words: "Customers with the most common first 10",
    term: "identical top 10",
    share: true,
    lowerIsBetter: true,
  },
  rmse: {
    words: "Typical error, large ones count more",
    term: "RMSE",
    lowerIsBetter: true,
    rating: true,
  },
  mae: { words: "Average error", term: "MAE", lowerIsBetter: true, rating: true },
  auc: { words: "Higher ratings predicted higher", term: "AUC", rating: true },
  log_loss: {
    words: "Surprise at the true ratings",
    term: "log loss",
    lowerIsBetter: true,
    rating: true,
  },
};

export function metricOf(name: string): Metric {
  const plain = { name, share: false, lowerIsBetter: false, rating: false };
  const ranked = RANKED.exec(name);
  if (ranked) {
    const [, kind, k, rows] = ranked;
    const suffix = rows ? `, ${ROWS[rows as keyof typeof ROWS]}` : "";
    const at = k ? `@${k}` : "";
    if (kind === "mrr") {
      return { ...plain, words: `1 ÷ its place, on average${suffix}`, term: `MRR${suffix}` };
    }
    const words =
      kind === "recall"
        ? `Found among the first ${k} recommendations`
        : `Found, and high up, among the first ${k}`;
    const term = kind === "recall" ? `recall${at}` : `NDCG${at}`;
    return { ...plain, words: `${words}${suffix}`, term: `${term}${suffix}`, share: true };
  }
  const known = KNOWN[name];
  return known ? { ...plain, ...known } : { ...plain, words: name.replace(/_/g, " "), term: name };
}

/** One of each task of the model, what it is ranked by first. */
export function mainMetrics(metrics: Record<string, number>): string[] {
  return ["recall_at_100", "rmse"].filter((name) => name in metrics);
}

/** What a test is ranked by: recall where it recommends, the error where it only rates. */
export function mainMetric(metrics: Record<string, number>): string | null {
  return mainMetrics(metrics)[0] ?? null;
}

/** `24.9 %` or `0.7362` */
export function said(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return metricOf(name).share ? `${(100 * value).toFixed(1)} %` : value.toFixed(4);
}

/** `23.1–26.7 %` */
export function saidRange(
  name: string,
  interval: { low: number; high: number } | null | undefined,
) {
  if (!interval) return "–";
  const { low, high } = interval;
  return metricOf(name).share
    ? `${(100 * low).toFixed(1)}–${(100 * high).toFixed(1)} %`
    : `${low.toFixed(4)}–${high.toFixed(4)}`;
}

/** A difference and its interval: `+0.3 to +2.1 points`; points are hundredths of a share. */
export function saidDifference(name: string, interval: { low: number; high: number }): string {
  const { share } = metricOf(name);
  const written = (value: number): string => {
    const text = share ? (100 * value).toFixed(1) : value.toFixed(4);
    const zero = Number(text) === 0;
    return zero ? text.replace("-", "") : value > 0 ? `+${text}` : text.replace("-", "−");
  };
  return `${written(interval.low)} to ${written(interval.high)}${share ? " points" : ""}`;
}

const ORDER = ["recall", "ndcg", "mrr", "rmse", "mae", "auc", "log_loss", "coverage", "identical"];

/** The main metric first, then by kind, number and rows. */
export function inOrder(names: string[]): string[] {
  const main = mainMetric(Object.fromEntries(names.map((name) => [name, 0])));
  const key = (name: string): [number, number, string] => {
    const kind = ORDER.findIndex((start) => name.startsWith(start));
    const k = Number(/_at_(\d+)/.exec(name)?.[1] ?? 0);
    return [name === main ? -1 : kind < 0 ? ORDER.length : kind, -k, name];
  };
  return [...names].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    return a[0] - b[0] || a[1] - b[1] || a[2].localeCompare(b[2]);
  });
}
