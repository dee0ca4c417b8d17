import { useMemo } from "react";
import { useSearchParams } from "react-router";

/** Filters that are part of the address, so that they can be shared and survive going back. */
export function useFilters<Name extends string>(names: readonly Name[]) {
  const [search, setSearch] = useSearchParams();
  const filters = useMemo(
    () =>
      Object.fromEntries(names.map((name) => [name, search.get(name)])) as Record<
        Name,
        string | null
      >,
    [names, search],
  );
  const set = (changes: Record<string, string | null>): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value) after.set(name, value);
          else after.delete(name);
        }
        return after;
      },
      { replace: true },
    );
  const clear = (): void => set(Object.fromEntries(names.map((name) => [name, null])));
  return { filters, set, clear };
}
