import { recommendedQuery } from "@/api/predictions";
import type { HeldOut, Prediction } from "@/api/schema";

/** How many products of each list are looked at. */
export const TOP = 10;

/** A model's list for a customer, with what the customer bought in the held-out rows. */
export function listQuery(test: string, customer: string) {
  return recommendedQuery(test, customer, TOP, { held_out: true });
}

/** The places, from 1, of an answer's products. */
export function placesOf({ recommendations }: Prediction): Map<string, number> {
  return new Map(recommendations.map(({ product_id }, place) => [product_id, place + 1]));
}

/** How many products two answers have in common. */
export function inBoth(one: Prediction, other: Prediction): number {
  const places = placesOf(other);
  return one.recommendations.filter(({ product_id }) => places.has(product_id)).length;
}

/** How many products of a list the customer bought in the held-out rows. */
export function cameTrue({ recommendations }: Prediction): number {
  return recommendations.filter(({ held_out }) => held_out).length;
}

/** How many products the customer bought in the held-out rows; null where those are gone. */
export function boughtLater(one: Prediction, other: Prediction): number | null {
  if (!one.held_out || !other.held_out) return null;
  return Math.max(one.products_held_out, other.products_held_out);
}

/** What products are called, those bought most first, and how many more there are. */
export function named(products: Pick<HeldOut, "name" | "product_id">[], all: number): string {
  const names = products.slice(0, TOP).map(({ name, product_id }) => name ?? product_id);
  const more = all - names.length;
  return `${names.join(", ")}${more > 0 ? `, and ${more} more` : ""}`;
}
