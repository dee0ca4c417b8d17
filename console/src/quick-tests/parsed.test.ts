import { expect, test } from "vitest";
import { parsed } from "./parsed";

test("typed texts become raw values of their column's type", () => {
  expect(parsed(" Ulm ", "text")).toEqual({ value: "Ulm" });
  expect(parsed("12", "text")).toEqual({ value: "12" });
  expect(parsed("12.5", "number")).toEqual({ value: 12.5 });
  expect(parsed("1700000000", "timestamp")).toEqual({ value: 1700000000 });
  expect(parsed("2024-12-31", "timestamp")).toEqual({ value: "2024-12-31" });
});

test("what is left empty is missing, and what cannot be read is told", () => {
  expect(parsed("  ", "number")).toEqual({ value: null });
  expect(parsed("much", "number").error).toMatch(/number/);
  expect(parsed("yesterday", "timestamp").error).toMatch(/time/);
});
