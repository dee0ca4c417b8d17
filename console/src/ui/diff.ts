/** Where two specs differ, field by field. */

export interface Difference {
  /** As people read it: `buyer_model_features › customer_id › embedding_dim`. */
  path: string[];
  kind: "added" | "removed" | "changed" | "moved";
  before: unknown;
  after: unknown;
}

type Item = Record<string, unknown>;

/** What tells the items of a list apart, so that a moved one is not taken for a changed one. */
function identity(item: unknown): string | null {
  if (typeof item !== "object" || item === null) return null;
  const { column, features } = item as Item;
  if (typeof column === "string") return column;
  if (Array.isArray(features)) return features.join(" × ");
  return null;
}

function keyed(list: unknown[]): Map<string, unknown> | null {
  const found = new Map<string, unknown>();
  for (const item of list) {
    const key = identity(item);
    if (key === null || found.has(key)) return null;
    found.set(key, item);
  }
  return found;
}

export function differences(before: unknown, after: unknown, path: string[] = []): Difference[] {
  if (same(before, after)) return [];
  if (Array.isArray(before) && Array.isArray(after)) return listDifferences(before, after, path);
  if (isItem(before) && isItem(after)) {
    const names = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return names.flatMap((name) => differences(before[name], after[name], [...path, name]));
  }
  const kind = missing(before) ? "added" : missing(after) ? "removed" : "changed";
  return [{ path, kind, before, after }];
}

function listDifferences(before: unknown[], after: unknown[], path: string[]): Difference[] {
  const [old, now] = [keyed(before), keyed(after)];
  if (!old || !now) {
    const longest = Math.max(before.length, after.length);
    return Array.from({ length: longest }, (_, place) =>
      differences(before[place], after[place], [...path, `${place + 1}`]),
    ).flat();
  }
  const found = [...new Set([...old.keys(), ...now.keys()])].flatMap((key) =>
    differences(old.get(key), now.get(key), [...path, key]),
  );
  const kept = (list: Map<string, unknown>) =>
    [...list.keys()].filter((key) => old.has(key) && now.has(key));
  if (!same(kept(old), kept(now))) {
    found.push({ path, kind: "moved", before: [...old.keys()], after: [...now.keys()] });
  }
  return found;
}

/** Equal as JSON documents: the order of an object's fields does not count. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (missing(one) && missing(other)) return true;
  if (Array.isArray(one) && Array.isArray(other)) {
    return one.length === other.length && one.every((item, place) => same(item, other[place]));
  }
  if (isItem(one) && isItem(other)) {
    const names = new Set([...Object.keys(one), ...Object.keys(other)]);
    return [...names].every((name) => same(one[name], other[name]));
  }
  return false;
}

function missing(value: unknown): boolean {
  return value === undefined || value === null;
}

function isItem(value: unknown): value is Item {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
