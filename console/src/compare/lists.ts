import type { Prediction } from "@/api/schema";

/** The places, from 1, of an answer's products. */
export function placesOf({ recommendations }: Prediction): Map<string, number> {
  return new Map(recommendations.map(({ product_id }, place) => [product_id, place + 1]));
}

/** How many products two answers have in common. */
export function inBoth(one: Prediction, other: Prediction): number {
  const places = placesOf(other);
  return one.recommendations.filter(({ product_id }) => places.has(product_id)).length;
}
