import {
  type FocusEvent,
  type KeyboardEvent,
  type PointerEvent,
  useLayoutEffect,
  useRef,
  useState,
} from "react";

export type Arrow = "left" | "right" | "up" | "down";

const ARROWS: Record<string, Arrow> = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
};

/**
 * One tab stop for the marks of a chart, which have `data-mark={key}` and `tabIndex={-1}`: arrow keys
 * move, Home and End lead to the first and the last, Enter opens, Escape leaves. `told` is the mark
 * that is focused or pointed at.
 *
 * @param keys of all marks, in their order of reading
 * @param move the next mark in a direction; undefined where the arrow is not the chart's
 * @param open left out where marks are links themselves
 */
export function useRoving<Root extends Element>(
  keys: string[],
  move: (key: string, arrow: Arrow) => string | undefined,
  open?: (key: string) => void,
) {
  const root = useRef<Root>(null);
  const [at, setAt] = useState<string | null>(null);
  const [told, tell] = useState<string | null>(null);
  const stop = at !== null && keys.includes(at) ? at : keys[0];
  const find = (key: string) =>
    root.current?.querySelector<SVGElement | HTMLElement>(`[data-mark="${CSS.escape(key)}"]`);
  // Marks may be thousands, and are not drawn anew for where the focus is.
  useLayoutEffect(() => {
    for (const one of root.current?.querySelectorAll('[data-mark][tabindex="0"]') ?? []) {
      one.setAttribute("tabindex", "-1");
    }
    if (stop !== undefined) find(stop)?.setAttribute("tabindex", "0");
  });
  const props = {
    ref: root,
    onFocus: (event: FocusEvent) => {
      const key = keyOf(event.target);
      if (key === null) return;
      setAt(key);
      tell(key);
    },
    onBlur: () => tell(null),
    onPointerOver: (event: PointerEvent) => tell(keyOf(event.target)),
    onPointerLeave: () => tell(null),
    onKeyDown: (event: KeyboardEvent) => {
      const key = keyOf(event.target);
      if (key === null || event.altKey || event.ctrlKey || event.metaKey) return;
      if (event.key === "Escape") (event.target as HTMLElement).blur();
      if (event.key === "Enter" && open) {
        event.preventDefault();
        open(key);
      }
      const arrow = ARROWS[event.key];
      const next =
        event.key === "Home"
          ? keys[0]
          : event.key === "End"
            ? keys.at(-1)
            : arrow && move(key, arrow);
      if (next === undefined) return;
      event.preventDefault();
      find(next)?.focus();
    },
  };
  return { props, told };
}

function keyOf(target: EventTarget): string | null {
  return (target as Element).closest("[data-mark]")?.getAttribute("data-mark") ?? null;
}

/** A mark that leads somewhere. */
export function mark(key: string, name: string, open: (key: string) => void) {
  return {
    ...{ role: "link", tabIndex: -1, "data-mark": key, "aria-label": name },
    onClick: () => open(key),
  };
}

/** Of what a drawing has for the eye alone: its marks say the same in words. */
export const FOR_THE_EYE = { "aria-hidden": true } as const;

/** The one after or before a key; itself at an end. */
export function along(keys: string[], key: string, by: 1 | -1): string {
  return keys[keys.indexOf(key) + by] ?? key;
}

/**
 * The next mark of a table with gaps: along its row, or in the nearest row that has one, as near to
 * the same column as can be.
 */
export function inGrid(rows: (string | null)[][], key: string, arrow: Arrow): string | undefined {
  const row = rows.findIndex((keys) => keys.includes(key));
  const column = rows[row]?.indexOf(key) ?? -1;
  if (column < 0) return undefined;
  if (arrow === "left" || arrow === "right") {
    const there = (rows[row] ?? []).filter((one) => one !== null);
    return along(there, key, arrow === "right" ? 1 : -1);
  }
  const by = arrow === "down" ? 1 : -1;
  for (let next = row + by; next >= 0 && next < rows.length; next += by) {
    const [nearest] = (rows[next] ?? [])
      .flatMap((one, place) => (one === null ? [] : [{ one, far: Math.abs(place - column) }]))
      .sort((a, b) => a.far - b.far);
    if (nearest) return nearest.one;
  }
  return key;
}
