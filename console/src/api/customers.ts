import { answer, api } from "./client";
import type { Erasure } from "./schema";

/** Of which dataset the id is meant; null: of all. It is sent in bodies, never in an address. */
export interface Whom {
  customer_id: string;
  dataset_id: string | null;
}

/** What forgetting a customer would remove; nothing is changed. */
export function erasurePlan(body: Whom): Promise<Erasure> {
  return answer(api.POST("/api/customers/erasure-plan/", { body }));
}

/** `models` has the tests go that know the customer, with their models. */
export function forget(body: Whom & { models: boolean }): Promise<Erasure> {
  return answer(api.POST("/api/customers/erasure/", { body }));
}
