/** The tests that an address names: `?tests=a,b`. */
export function chosenIds(search: URLSearchParams): string[] {
  const ids = (search.get("tests") ?? "").split(",").map((id) => id.trim());
  return [...new Set(ids.filter(Boolean))];
}

/** An address's parameters with some set, and those that are null taken out. */
export function withParams(
  before: URLSearchParams,
  changes: Record<string, string | null>,
): URLSearchParams {
  const after = new URLSearchParams(before);
  for (const [name, value] of Object.entries(changes)) {
    if (value) after.set(name, value);
    else after.delete(name);
  }
  return after;
}
