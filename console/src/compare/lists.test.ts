import { expect, test } from "vitest";
import type { Prediction } from "@/api/schema";
import { boughtLater, cameTrue, inBoth, named, placesOf } from "./lists";

const products = (ids: string[]) => ids.map((product_id) => ({ product_id, name: null }));

function answer(...ids: string[]): Prediction {
  return { recommendations: products(ids) } as unknown as Prediction;
}

function later(answered: Prediction, ...ids: string[]): Prediction {
  const recommendations = answered.recommendations.map((one) => ({
    ...one,
    held_out: ids.includes(one.product_id),
  }));
  return { recommendations, held_out: products(ids), products_held_out: ids.length } as Prediction;
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

test("what was bought later is found in a list, and nothing is claimed where that is not known", () => {
  const [one, other] = [later(answer("a", "b"), "b", "x"), later(answer("x", "b"), "b", "x")];
  expect([one, other].map(cameTrue)).toEqual([1, 2]);
  expect(boughtLater(one, other)).toBe(2);
  expect(cameTrue(answer("a"))).toBe(0);
  expect(boughtLater(one, answer("a"))).toBeNull();
  expect(boughtLater(later(answer("a")), later(answer("a")))).toBe(0);
});

test("products are named, and what is left of many is counted", () => {
  expect(named(products(["a", "b"]), 2)).toBe("a, b");
  const many = Array.from({ length: 12 }, (_, place) => `p${place}`);
  expect(named(products(many), 14)).toMatch(/p9, and 4 more$/);
  expect(named([{ product_id: "a", name: "Apple" }], 1)).toBe("Apple");
});
