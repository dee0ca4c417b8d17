/** The columns that a table of tests may have, and how tests are sorted by them. */
import type { QuickTestSummary, SettingsTable } from "@/api/schema";
import { inOrder, metricOf, said } from "@/results/metrics";
import { ago, duration, NONE } from "@/ui/format";
import { testState } from "../stages";

export type Value = number | string | null;

export interface Column {
  key: string;
  label: string;
  group: string;
  /** Its values are numbers: they stand to the right, and have a scale. */
  numeric: boolean;
  /** A setting that is the same in all tests. */
  same?: boolean;
  text: (test: QuickTestSummary) => string;
  value: (test: QuickTestSummary) => Value;
  /** Of a metric, where it has been measured. */
  interval?: (test: QuickTestSummary) => { low: number; high: number } | null;
}

const SECTIONS = { features: "Features", model: "Model", test: "Test" } as const;

/** Without what is to be chosen, a table has these. */
export const USUAL = ["state", "verdict", "tags", "duration", "started"];

export function columnsOf(
  tests: QuickTestSummary[],
  settings: SettingsTable | undefined,
): Column[] {
  const own = new Map(settings?.tests.map((one) => [one.quick_test_id, one.values]));
  const metrics = new Set(
    tests.flatMap(({ status }) => Object.keys(status.results?.metrics ?? {})),
  );
  const plain = (
    key: string,
    label: string,
    text: (test: QuickTestSummary) => string,
    value: (test: QuickTestSummary) => Value = text,
    numeric = false,
  ): Column => ({ key, label, group: "Test", numeric, text, value });
  return [
    plain("state", "State", ({ status }) => testState(status.state).label),
    plain("verdict", "Verdict", ({ status }) => status.verdict?.label ?? NONE),
    plain("tags", "Tags", ({ marks }) => marks.tags.join(", ") || NONE),
    plain("note", "Note", ({ description }) => description || NONE),
    plain("owner", "Owner", ({ created_by }) => created_by ?? NONE),
    plain(
      "duration",
      "Duration",
      ({ status }) => duration(status.duration_seconds),
      ({ status }) => status.duration_seconds ?? null,
      true,
    ),
    plain(
      "started",
      "Started",
      ({ created_at }) => ago(created_at),
      ({ created_at }) => (created_at ? Date.parse(created_at) : null),
    ),
    ...inOrder([...metrics]).map((name) => ({
      key: `metric:${name}`,
      label: metricOf(name).term,
      group: "Metrics",
      numeric: true,
      text: ({ status }: QuickTestSummary) => said(name, status.results?.metrics[name]),
      value: ({ status }: QuickTestSummary) => status.results?.metrics[name] ?? null,
      interval: ({ status }: QuickTestSummary) => status.results?.intervals?.[name] ?? null,
    })),
    ...(settings?.settings ?? []).map(({ key, label, section, numeric, differs }) => ({
      key: `setting:${key}`,
      label,
      group: SECTIONS[section],
      numeric,
      same: !differs,
      text: ({ id }: QuickTestSummary) => own.get(id)?.[key]?.text ?? NONE,
      value: ({ id }: QuickTestSummary) => {
        const found = own.get(id)?.[key];
        return found ? (found.number ?? found.text) : null;
      },
    })),
  ];
}

/** The columns that are shown: the chosen ones, and where it is wanted all settings that differ. */
export function shownColumns(all: Column[], chosen: string[], differing: boolean): Column[] {
  const setting = ({ key }: Column) => key.startsWith("setting:");
  return all.filter((column) =>
    differing && setting(column) ? !column.same : chosen.includes(column.key),
  );
}

/** By a column, `-` before its key: downwards. What has no value comes last, equals stay. */
export function sortedBy(
  tests: QuickTestSummary[],
  columns: Column[],
  sort: string | null,
): QuickTestSummary[] {
  const down = sort?.startsWith("-") ?? false;
  const column = columns.find(({ key }) => key === (down ? sort?.slice(1) : sort));
  if (!column) return tests;
  const compared = (one: QuickTestSummary, other: QuickTestSummary): number => {
    const [a, b] = [column.value(one), column.value(other)];
    if (a === null || b === null) return Number(a === null) - Number(b === null);
    const order =
      typeof a === "number" && typeof b === "number" ? a - b : String(a).localeCompare(String(b));
    return down ? -order : order;
  };
  return tests.toSorted(
    (one, other) => Number(other.marks.pinned) - Number(one.marks.pinned) || compared(one, other),
  );
}

/** What a click on a column's head makes of the order: up, down, none. */
export function nextSort(sort: string | null, key: string): string | null {
  if (sort === key) return `-${key}`;
  return sort === `-${key}` ? null : key;
}
