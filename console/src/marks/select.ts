/** Which runs a list shows by what people have called and marked them. */
import type { MarkedDocument } from "@/api/resource";

/** What the address may narrow any list of runs by. */
export const MARKS = ["q", "state", "tag", "owner", "archived"] as const;
export type MarkFilters = Record<(typeof MARKS)[number], string | null>;

/** Whether a run has such marks: every word of the search is in its name or its note. */
export function marked(
  run: MarkedDocument & { status: { state: string } },
  filters: MarkFilters,
): boolean {
  const { name, description, status, marks, created_by } = run;
  const text = `${name} ${description}`.toLowerCase();
  const words = (filters.q ?? "").toLowerCase().split(/\s+/).filter(Boolean);
  return (
    words.every((word) => text.includes(word)) &&
    (!filters.state || status.state === filters.state) &&
    (!filters.tag || marks.tags.includes(filters.tag)) &&
    (!filters.owner || created_by === filters.owner) &&
    marks.archived === Boolean(filters.archived)
  );
}

/** The tags of some runs, those of most runs first. */
export function tagsOf(runs: MarkedDocument[]): string[] {
  const counts = new Map<string, number>();
  for (const tag of runs.flatMap(({ marks }) => marks.tags)) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return [...counts.keys()].sort(
    (one, other) => (counts.get(other) ?? 0) - (counts.get(one) ?? 0) || one.localeCompare(other),
  );
}

/** Who has started some of them. */
export function ownersOf(runs: MarkedDocument[]): string[] {
  return [...new Set(runs.flatMap(({ created_by }) => created_by ?? []))].sort();
}

/** In the order that they have, pinned ones first. */
export function pinnedFirst<Run extends MarkedDocument>(runs: Run[]): Run[] {
  return [
    ...runs.filter(({ marks }) => marks.pinned),
    ...runs.filter(({ marks }) => !marks.pinned),
  ];
}
