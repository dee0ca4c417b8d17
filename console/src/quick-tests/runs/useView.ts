import { useSearchParams } from "react-router";
import { USUAL } from "./columns";

export const VIEWS = ["list", "table", "scatter", "parallel", "curves"] as const;
export type View = (typeof VIEWS)[number];
const REMEMBERED = "recsmith.tests.columns";

/** What the address says of how tests are shown; which columns a table has is remembered, too. */
export function useView() {
  const [search, setSearch] = useSearchParams();
  const set = (changes: Record<string, string | null>): void =>
    setSearch(
      (before) => {
        const after = new URLSearchParams(before);
        for (const [name, value] of Object.entries(changes)) {
          if (value === null) after.delete(name);
          else after.set(name, value);
        }
        return after;
      },
      { replace: true },
    );
  const view = VIEWS.find((name) => name === search.get("view")) ?? "list";
  const named = search.get("columns") ?? remembered();
  return {
    view,
    /** Null: what is usual. */
    columns: named === null ? null : named.split(",").filter(Boolean),
    differing: search.get("differing") === "1",
    sort: search.get("sort"),
    x: search.get("x"),
    y: search.get("y"),
    set,
    choose: (columns: string[]): void => {
      remember(columns);
      set({ columns: columns.join(",") });
    },
  };
}

/** The usual columns, with what most of the tests are ranked by. */
export function usual(metrics: string[]): string[] {
  return [...USUAL, ...metrics.map((name) => `metric:${name}`)];
}

function remembered(): string | null {
  try {
    return localStorage.getItem(REMEMBERED);
  } catch {
    return null; // where the browser keeps nothing
  }
}

function remember(columns: string[]): void {
  try {
    localStorage.setItem(REMEMBERED, columns.join(","));
  } catch {
    // the address has them
  }
}
