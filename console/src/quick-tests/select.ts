/** Which quick tests a list shows, and in which order. */
import type { ModelConfig, QuickTestSummary } from "@/api/schema";
import { MARKS, marked, pinnedFirst } from "@/marks/select";
import { mainOnes, metricOf } from "@/results/metrics";

/** What the address may narrow a list of tests by. */
export const FILTERS = [...MARKS, "dataset", "features", "model", "task", "purpose"] as const;
export type Filters = Record<(typeof FILTERS)[number], string | null>;

export const NEWEST = "newest";
const { compare } = new Intl.Collator();

/** Orders by their name in the address. */
export function orders(): { value: string; label: string }[] {
  return [
    { value: NEWEST, label: "Newest first" },
    ...mainOnes().map(({ name, label }) => ({ value: name, label: `Best ${label}` })),
    { value: "longest", label: "Longest first" },
    { value: "name", label: "By name" },
  ];
}

export function passes(test: QuickTestSummary, filters: Filters, models: ModelConfig[]): boolean {
  const { spec, status } = test;
  const task = () => models.find(({ id }) => id === spec.model_config_id)?.spec.model_type;
  return (
    marked(test, filters) &&
    (!filters.dataset || status.pinned?.dataset_id === filters.dataset) &&
    (!filters.features || spec.feature_config_id === filters.features) &&
    (!filters.model || spec.model_config_id === filters.model) &&
    (!filters.task || task() === filters.task) &&
    (!filters.purpose || spec.purpose === filters.purpose)
  );
}

/**
 * In an order of `orders`, pinned ones first; tests that have nothing to go by come last, and equals
 * stay as they were.
 */
export function ordered(tests: QuickTestSummary[], order: string | null): QuickTestSummary[] {
  return pinnedFirst(unpinned(tests, order));
}

function unpinned(tests: QuickTestSummary[], order: string | null): QuickTestSummary[] {
  if (order === "name") return tests.toSorted((a, b) => compare(a.name, b.name));
  if (order === "longest") return by(tests, ({ status }) => status.duration_seconds, false);
  if (order && mainOnes().some(({ name }) => name === order)) {
    const value = ({ status }: QuickTestSummary) => status.results?.metrics[order];
    return by(tests, value, metricOf(order).lowerIsBetter);
  }
  return by(tests, ({ created_at }) => Date.parse(created_at ?? ""), false);
}

function by(
  tests: QuickTestSummary[],
  value: (test: QuickTestSummary) => number | null | undefined,
  ascending: boolean,
): QuickTestSummary[] {
  const sign = ascending ? 1 : -1;
  const known = (one: number | null | undefined) =>
    one !== null && one !== undefined && !Number.isNaN(one);
  return tests
    .map((test) => ({ test, by: value(test) }))
    .sort(({ by: first }, { by: second }) => {
      if (!known(first) || !known(second)) return Number(known(second)) - Number(known(first));
      return sign * ((first as number) - (second as number));
    })
    .map(({ test }) => test);
}
