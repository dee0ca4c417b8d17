/** Rules of lists while they are being written: rows that are not complete yet among them. */
import { catalogue } from "@/api/catalogue";
import type { Column, Prediction, Rules, SettingInfo } from "@/api/schema";

export type RuleFilter = Rules["filters"][number];

export const NO_RULES: Rules = { filters: [], caps: [], pins: [] };

export function filterSettings(type: string): SettingInfo[] {
  return catalogue().filters.find(({ name }) => name === type)?.settings ?? [];
}

/** A filter to fill in; what another one has set of the same name goes on. */
export function begun(type: string, before?: RuleFilter): RuleFilter {
  const kept = (before ?? {}) as Record<string, unknown>;
  const made = filterSettings(type).map(({ name, type: kind, default: value }) => [
    name,
    kept[name] ?? value ?? (kind === "array" ? [] : kind === "string" ? "" : null),
  ]);
  return { ...Object.fromEntries(made), type } as RuleFilter;
}

/** Whether all that a filter needs is there. */
export function isComplete(filter: RuleFilter): boolean {
  const set = filter as Record<string, unknown>;
  const settings = filterSettings(filter.type);
  const given = ({ name }: SettingInfo) => {
    const value = set[name];
    return Array.isArray(value) ? value.length > 0 : value !== "" && value != null;
  };
  const bounds = settings.filter(({ required }) => !required);
  return (
    settings.filter(({ required }) => required).every(given) &&
    (bounds.length === 0 || bounds.some(given))
  );
}

/** The rules that are complete. */
export function complete({ filters, caps, pins }: Rules): Rules {
  return {
    filters: filters.filter(isComplete),
    caps: caps.filter(({ column }) => column !== ""),
    pins: pins.filter(({ product_id }) => product_id !== ""),
  };
}

export function count({ filters, caps, pins }: Rules): number {
  return filters.length + caps.length + pins.length;
}

/** The messages, but those about rows that are still being filled in. */
export function patient(errors: Record<string, string>, rules: Rules): Record<string, string> {
  const at = (part: string, place: number) => `spec.rules.${part}[${place}]`;
  const begunAt = [
    ...rules.filters.flatMap((one, place) => (isComplete(one) ? [] : at("filters", place))),
    ...rules.caps.flatMap(({ column }, place) => (column ? [] : at("caps", place))),
    ...rules.pins.flatMap(({ product_id }, place) => (product_id ? [] : at("pins", place))),
  ];
  const waits = (path: string) =>
    (path === "spec.rules" && count(rules) === 0) || begunAt.some((row) => path.startsWith(row));
  return Object.fromEntries(Object.entries(errors).filter(([path]) => !waits(path)));
}

/** Messages about the complete rules alone, at the rows that these are. */
export function atRows(errors: Record<string, string>, rules: Rules): Record<string, string> {
  const rows: Record<string, number[]> = {
    filters: places(rules.filters, isComplete),
    caps: places(rules.caps, ({ column }) => column !== ""),
    pins: places(rules.pins, ({ product_id }) => product_id !== ""),
  };
  const moved = (path: string) =>
    path.replace(
      /^rules\.(filters|caps|pins)\[(\d+)\]/,
      (_, part: string, at: string) => `rules.${part}[${rows[part]?.[Number(at)] ?? at}]`,
    );
  return Object.fromEntries(Object.entries(errors).map(([path, text]) => [moved(path), text]));
}

function places<One>(all: One[], holds: (one: One) => boolean): number[] {
  return all.flatMap((one, at) => (holds(one) ? [at] : []));
}

/** Typed values as the column has them: numbers of numbers. */
export function typedValues(texts: string[], isNumber: boolean): (string | number)[] {
  return texts.map((text) =>
    isNumber && text.trim() !== "" && Number.isFinite(Number(text)) ? Number(text) : text,
  );
}

/** Frequent values of a column, to choose from. */
export function usualValues(columns: Column[], name: string): string[] {
  const found = columns.find((column) => column.name === name)?.statistics?.top_values ?? [];
  return found.map(({ value }) => value);
}

type Recommendation = Pick<Prediction["recommendations"][number], "product_id" | "name" | "pinned">;

export interface Place {
  product_id: string;
  name: string | null;
  /** What rules did to it. */
  mark: "kept" | "left out" | "moved" | "added" | "pinned";
  /** Its place in the other list, from 1. */
  other: number | null;
}

/** Two lists for the same customer, without rules and under them, held against each other. */
export function compared(
  without: Recommendation[],
  under: Recommendation[],
): { without: Place[]; under: Place[] } {
  const placeIn = (list: Recommendation[], id: string) => {
    const at = list.findIndex(({ product_id }) => product_id === id);
    return at < 0 ? null : at + 1;
  };
  return {
    without: without.map(({ product_id, name }) => {
      const other = placeIn(under, product_id);
      return { product_id, name, other, mark: other === null ? "left out" : "kept" };
    }),
    under: under.map(({ product_id, name, pinned }, at) => {
      const other = placeIn(without, product_id);
      const moved = other === at + 1 ? "kept" : "moved";
      return {
        ...{ product_id, name, other },
        mark: pinned ? "pinned" : other === null ? "added" : moved,
      };
    }),
  };
}
