import { expect, test } from "vitest";
import { chosenIds, withParams } from "./chosen";

test("an address names each test once", () => {
  expect(chosenIds(new URLSearchParams("tests=a,b,,a, c"))).toEqual(["a", "b", "c"]);
  expect(chosenIds(new URLSearchParams())).toEqual([]);
});

test("parameters are set and taken out without touching others", () => {
  const before = new URLSearchParams("tests=a&metric=mrr");
  expect(withParams(before, { metric: null, rows: "epochs" }).toString()).toBe(
    "tests=a&rows=epochs",
  );
  expect(before.get("metric")).toBe("mrr");
});
