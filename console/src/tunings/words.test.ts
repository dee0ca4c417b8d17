import { expect, test } from "vitest";
import type { Searched, Trial } from "@/api/schema";
import { bestFirst, called, keyOf, rangeWords, trialState } from "./words";

const trial = (number: number, part: Partial<Trial>): Trial => ({
  ...{ number, quick_test_id: `qt-${number}`, label: "", params: {}, settings: {}, leave_out: [] },
  ...{ config: "", state: "completed", pruned: false, progress: 100, losses: [], value: null },
  ...part,
});
const searched = (part: Partial<Searched>): Searched => ({
  ...{ setting: "dropout", tower: null, column: null, low: null, high: null, values: null },
  ...part,
});

test("trials are listed best first, then those without a value as they came", () => {
  const trials = [
    trial(1, { value: 0.1 }),
    trial(2, { state: "failed" }),
    trial(3, { value: 0.3 }),
    trial(4, { state: "cancelled", pruned: true }),
  ];
  expect(bestFirst(trials, false).map(({ number }) => number)).toEqual([3, 1, 2, 4]);
  expect(bestFirst(trials, true).map(({ number }) => number)).toEqual([1, 3, 2, 4]);
});

test("what is searched is said by the server's names", () => {
  expect(called("half_life")).toBe("Half-life (days)");
  expect(called("buyer.city")).toBe("buyer city");
  expect(rangeWords(searched({ low: 0, high: 0.5 }))).toBe("0 to 0.5");
  expect(rangeWords(searched({ values: [16, 32] }))).toBe("16, 32");
  const column = searched({ setting: "included", tower: "buyer", column: "city" });
  expect([keyOf(column), rangeWords(column)]).toEqual(["buyer.city", "in or out"]);
});

test("a trial that was given up says after how many epochs", () => {
  expect(trialState(trial(5, { pruned: true, losses: [3] })).label).toBe("Given up after 1 epoch");
  expect(trialState(trial(5, {})).label).toBe("Completed");
});
