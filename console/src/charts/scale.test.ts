import { expect, test } from "vitest";
import { niceTicks, stepOf } from "./scale";

test("ticks are round and cover the range", () => {
  expect(niceTicks(0.21, 0.38, 4)).toEqual([0.2, 0.3, 0.4]);
  expect(niceTicks(3, 3, 4)).toEqual([3, 4]);
  expect(niceTicks(Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 4)).toEqual([0, 1]);
  for (const [low, high] of [
    [0.001, 7.3],
    [-5, 5],
    [1e6, 1.2e6],
  ] as const) {
    const ticks = niceTicks(low, high, 4);
    expect(ticks[0]).toBeLessThanOrEqual(low);
    expect(ticks.at(-1)).toBeGreaterThanOrEqual(high);
    expect(ticks.length).toBeLessThan(9);
  }
});

test("a value's step is within the scale, whatever the range", () => {
  expect([0, 0.49, 0.5, 1].map((value) => stepOf(value, 0, 1, 2))).toEqual([0, 0, 1, 1]);
  expect(stepOf(5, 5, 5, 7)).toBe(3);
  expect(stepOf(9, 0, 1, 7)).toBe(6);
});
