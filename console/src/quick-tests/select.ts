/** Which quick tests a list shows, and in which order. */
import type { ModelConfig, QuickTest } from "@/api/schema";
import { mainOnes, metricOf } from "@/results/metrics";

/** What the address may narrow a list of tests by. */
export const FILTERS = [
  "q",
  "state",
  "dataset",
  "features",
  "model",
  "task",
  "purpose",
  "tag",
  "owner",
  "archived",
] as const;
export type Filters = Record<(typeof FILTERS)[number], string | null>;

export const NEWEST = "newest";

/** Orders by their name in the address. */
export function orders(): { value: string; label: string }[] {
  return [
    { value: NEWEST, label: "Newest first" },
    ...mainOnes().map(({ name, label }) => ({ value: name, label: `Best ${label}` })),
    { value: "longest", label: "Longest first" },
    { value: "name", label: "By name" },
  ];
}

/** Every word of the search is in the name or in the description. */
export function passes(test: QuickTest, filters: Filters, models: ModelConfig[]): boolean {
  const { name, description, spec, status } = test;
  const text = `${name} ${description}`.toLowerCase();
  const words = (filters.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  const task = () => models.find(({ id }) => id === spec.model_config_id)?.spec.model_type;
  return (
    words.every((word) => text.includes(word)) &&
    (!filters.state || status.state === filters.state) &&
    (!filters.dataset || status.pinned?.dataset_id === filters.dataset) &&
    (!filters.features || spec.feature_config_id === filters.features) &&
    (!filters.model || spec.model_config_id === filters.model) &&
    (!filters.task || task() === filters.task) &&
    (!filters.purpose || spec.purpose === filters.purpose) &&
    (!filters.tag || test.marks.tags.includes(filters.tag)) &&
    (!filters.owner || test.created_by === filters.owner) &&
    test.marks.archived === Boolean(filters.archived)
  );
}

/** The tags of some tests, those of most tests first. */
export function tagsOf(tests: QuickTest[]): string[] {
  const counts = new Map<string, number>();
  for (const tag of tests.flatMap(({ marks }) => marks.tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts.keys()].sort(
    (one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0) || one.localeCompare(other),
  );
}

/** Who has started some of them. */
export function ownersOf(tests: QuickTest[]): string[] {
  return [...new Set(tests.flatMap(({ created_by }) => created_by ?? []))].sort();
}

/**
 * In an order of `orders`, pinned ones first; tests that have nothing to go by come last, and equals
 * stay as they were.
 */
export function ordered(tests: QuickTest[], order: string | null): QuickTest[] {
  const found = unpinned(tests, order);
  return [
    ...found.filter(({ marks }) => marks.pinned),
    ...found.filter((one) => !one.marks.pinned),
  ];
}

function unpinned(tests: QuickTest[], order: string | null): QuickTest[] {
  if (order === "name") return tests.toSorted((a, b) => a.name.localeCompare(b.name));
  if (order === "longest") return by(tests, ({ status }) => status.duration_seconds, false);
  if (order && mainOnes().some(({ name }) => name === order)) {
    const value = ({ status }: QuickTest) => status.results?.metrics[order];
    return by(tests, value, metricOf(order).lowerIsBetter);
  }
  return by(tests, ({ created_at }) => Date.parse(created_at ?? ""), false);
}

function by(
  tests: QuickTest[],
  value: (test: QuickTest) => number | null | undefined,
  ascending: boolean,
): QuickTest[] {
  const sign = ascending ? 1 : -1;
  const known = (one: number | null | undefined) =>
    one !== null && one !== undefined && !Number.isNaN(one);
  return tests.toSorted((a, b) => {
    const [first, second] = [value(a), value(b)];
    if (!known(first) || !known(second)) return Number(known(second)) - Number(known(first));
    return sign * ((first as number) - (second as number));
  });
}
