import { expect, test } from "vitest";
import { axisOf } from "./axis";

const written = (value: number) => `${value}`;
const places = (values: (number | string)[]) => {
  const { at } = axisOf(values, written);
  return values.map((value) => Math.round(100 * at(value)) / 100);
};

test("numbers lie by their size, those that grow by factors by its logarithm", () => {
  expect(places([0, 5, 10])).toEqual([0.04, 0.5, 0.96]);
  expect(places([0.0001, 0.001, 0.01])).toEqual([0.04, 0.5, 0.96]);
});

test("texts lie one after another, each once, and a single value in the middle", () => {
  expect(places(["b", "a", "b", "c"])).toEqual([0.5, 0.04, 0.5, 0.96]);
  expect(places([3, 3])).toEqual([0.5, 0.5]);
  expect(places([3, "none"])).toEqual([0.04, 0.96]);
});

test("everything that an interval covers is on the axis", () => {
  const { at } = axisOf([0.2, 0.3], written, [0.15, 0.36]);
  expect(at(0.15)).toBeGreaterThanOrEqual(0);
  expect(at(0.36)).toBeLessThanOrEqual(1);
});
