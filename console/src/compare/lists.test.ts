import { expect, test } from "vitest";
import type { Prediction } from "@/api/schema";
import { inBoth, placesOf } from "./lists";

function answer(...ids: string[]): Prediction {
  const recommendations = ids.map((product_id) => ({ product_id }));
  return { recommendations } as unknown as Prediction;
}

test("products are found by their places, whatever the order of the lists", () => {
  const [one, other] = [answer("a", "b", "c"), answer("c", "x", "a")];
  expect([...placesOf(other)]).toEqual([
    ["c", 1],
    ["x", 2],
    ["a", 3],
  ]);
  expect(inBoth(one, other)).toBe(2);
  expect(inBoth(one, answer())).toBe(0);
});
