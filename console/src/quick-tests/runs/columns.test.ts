import { expect, test } from "vitest";
import type { QuickTestSummary, SettingsTable } from "@/api/schema";
import { columnsOf, nextSort, shownColumns, sortedBy } from "./columns";

function made(id: string, recall: number | null, pinned = false): QuickTestSummary {
  return {
    ...{ id, name: id, description: "", created_by: null, created_at: "2026-01-01" },
    marks: { tags: [], pinned, archived: false },
    status: {
      state: "completed",
      results: recall === null ? null : { metrics: { recall_at_100: recall }, intervals: {} },
    },
  } as unknown as QuickTestSummary;
}

const of = (rate: number) => ({
  learning_rate: { text: `${rate}`, number: rate },
  batch_size: { text: "64", number: 64 },
});
const SETTINGS: SettingsTable = {
  settings: [
    {
      key: "learning_rate",
      label: "Learning rate",
      section: "model",
      differs: true,
      numeric: true,
    },
    { key: "batch_size", label: "Batch size", section: "model", differs: false, numeric: true },
  ],
  tests: [
    { quick_test_id: "a", values: of(0.1) },
    { quick_test_id: "b", values: of(0.01) },
  ],
  left_out: [],
};
const TESTS = [made("a", 0.2), made("b", 0.3), made("c", null)];
const columns = columnsOf(TESTS, SETTINGS);
const ids = (tests: QuickTestSummary[]) => tests.map(({ id }) => id);

test("tests are sorted by settings and metrics, both ways; those without a value stay last", () => {
  expect(ids(sortedBy(TESTS, columns, "setting:learning_rate"))).toEqual(["b", "a", "c"]);
  expect(ids(sortedBy(TESTS, columns, "-setting:learning_rate"))).toEqual(["a", "b", "c"]);
  expect(ids(sortedBy(TESTS, columns, "-metric:recall_at_100"))).toEqual(["b", "a", "c"]);
  expect(ids(sortedBy(TESTS, columns, "no such column"))).toEqual(["a", "b", "c"]);
  const pinned = [...TESTS, made("d", 0.1, true)];
  expect(ids(sortedBy(pinned, columns, "-metric:recall_at_100"))[0]).toBe("d");
});

test("of settings, only those that differ are shown where that is wanted", () => {
  const keys = (chosen: string[], differing: boolean) =>
    shownColumns(columns, chosen, differing).map(({ key }) => key);
  expect(keys(["state", "setting:batch_size"], false)).toEqual(["state", "setting:batch_size"]);
  expect(keys(["state", "setting:batch_size"], true)).toEqual(["state", "setting:learning_rate"]);
});

test("a column's head sorts up, then down, then no more", () => {
  expect([nextSort(null, "a"), nextSort("a", "a"), nextSort("-a", "a")]).toEqual(["a", "-a", null]);
});
