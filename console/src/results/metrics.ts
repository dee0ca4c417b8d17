import { catalogue } from "@/api/catalogue";
import { percent } from "@/ui/format";

/** How a metric and its values are written, by what the server says of it. */

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
  /** The name of the list that it is measured in: "Buy again"; "" for that of all products. */
  list: string;
}

/** What follows the names of metrics of some of the purchases. */
export const ROWS = /_(repeat|new|buy_again|discover)$/;

/** By its name in results; one that the server does not know goes by that. */
export function metricOf(name: string): Metric {
  const found = catalogue().metrics.find((metric) => metric.name === name);
  if (!found) {
    const words = name.replace(/_/g, " ");
    return { name, words, term: name, share: false, lowerIsBetter: false, rating: false, list: "" };
  }
  const { help, term, share, rating, lower_is_better: lowerIsBetter, of_list: list } = found;
  return { name, words: help, term, share, lowerIsBetter, rating, list };
}

/** What tests of a task are ranked by. */
export function mainOnes(): { name: string; label: string }[] {
  return catalogue().metrics.filter((metric) => metric.main);
}

/** One of each task of the model, what it is ranked by first. */
export function mainMetrics(metrics: Record<string, number>): string[] {
  return mainOnes()
    .map(({ name }) => name)
    .filter((name) => name in metrics);
}

/** What a test is ranked by: recall where it recommends, the error where it only rates. */
export function mainMetric(metrics: Record<string, number>): string | null {
  return mainMetrics(metrics)[0] ?? null;
}

/** `24.9%` or `0.7362` */
export function said(name: string, value: number | null | undefined): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return "–";
  return metricOf(name).share ? percent(value) : value.toFixed(4);
}

/** `23.1–26.7%` */
export function saidRange(
  name: string,
  interval: { low: number; high: number } | null | undefined,
) {
  if (!interval) return "–";
  const { low, high } = interval;
  return metricOf(name).share
    ? `${(100 * low).toFixed(1)}–${percent(high)}`
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

/** `recall` of `recall_at_100_new`. */
function family(name: string): string {
  return name.replace(ROWS, "").replace(/_at_\d+$/, "");
}

/** The main metric first, then as the server lists them, by number and rows. */
export function inOrder(names: string[]): string[] {
  const main = mainMetric(Object.fromEntries(names.map((name) => [name, 0])));
  const families = [...new Set(catalogue().metrics.map((metric) => family(metric.name)))];
  const key = (name: string): [number, number] => {
    const place = families.indexOf(family(name));
    const k = Number(/_at_(\d+)/.exec(name)?.[1] ?? 0);
    return [name === main ? -1 : place < 0 ? families.length : place, -k];
  };
  return [...names].sort((one, other) => {
    const [a, b] = [key(one), key(other)];
    return a[0] - b[0] || a[1] - b[1] || one.localeCompare(other);
  });
}
