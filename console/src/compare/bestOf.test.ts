import { expect, test } from "vitest";
import type { Heatmap, HeatmapCell } from "@/api/schema";
import { bestOf } from "./bestOf";

function map(...cells: Partial<HeatmapCell>[]): Heatmap {
  const axes = {
    rows: { label: "Learning rate", values: ["0.1", "0.01"] },
    columns: { label: "Batch size", values: ["256", "512"] },
  };
  return { ...axes, cells } as unknown as Heatmap;
}

const PLAIN = { row: 0, column: 0, value: 0.2, quick_test_id: "plain", best: false };
const BEST = { row: 1, column: 1, value: 0.3, quick_test_id: "best", best: true };

test("the best combination is named by its settings", () => {
  expect(bestOf(map(PLAIN, BEST))).toEqual({
    settings: "Learning rate 0.01, batch size 512",
    value: 0.3,
    testId: "best",
  });
});

test("of equals none is the best, nor is the only one", () => {
  expect(bestOf(map({ ...PLAIN, best: true }, { ...BEST, value: 0.2 }))).toBeNull();
  expect(bestOf(map(BEST))).toBeNull();
  expect(bestOf(map())).toBeNull();
});
