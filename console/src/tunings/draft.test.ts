import { expect, test } from "vitest";
import type { Searched } from "@/api/schema";
import { changed, plain, specOf } from "./draft";

const of = (setting: string, low: number, high: number): Searched => ({
  ...{ setting, tower: null, column: null, low, high, values: null },
});
const USUAL = [of("dropout", 0, 0.5), of("temperature", 0.03, 0.3)];

test("a tuning begins with the server's defaults, and wants both configs", () => {
  expect(plain().trials).toBe(20);
  expect(specOf(plain(), false)).toBeNull();
  const both = { ...plain(), feature_config_id: "fc", model_config_id: "mc", rating_column: "r" };
  expect(specOf(both, false)?.rating_column).toBeNull();
  expect(specOf(both, true)?.rating_column).toBe("r");
});

test("the usual space stays the server's until it is changed, and is its again when changed back", () => {
  const without = changed(null, USUAL, "dropout", null);
  expect(without).toEqual([USUAL[1]]);
  expect(changed(without, USUAL, "dropout", USUAL[0] as Searched)).toBeNull();
  const narrower = of("temperature", 0.05, 0.1);
  expect(changed(null, USUAL, "temperature", narrower)).toEqual([USUAL[0], narrower]);
});
