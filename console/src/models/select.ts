/** Which models a list shows, and in what order. */
import type { ModelConfig, ModelType } from "@/api/schema";
import { neurons } from "./layers";
import { partsOf } from "./TowerBars";

export type Order = "updated" | "name" | "size";

export interface Selection {
  text: string;
  type: ModelType | null;
  order: Order;
}

export function size(model: ModelConfig): number {
  return partsOf(model.spec).reduce((sum, { layers }) => sum + neurons(layers), 0);
}

const { compare } = new Intl.Collator("en", { numeric: true });
const ORDERS: Record<Order, (one: ModelConfig, other: ModelConfig) => number> = {
  updated: ({ updated_at: one = "" }, { updated_at: other = "" }) =>
    Number((one ?? "") < (other ?? "")) - Number((one ?? "") > (other ?? "")),
  name: (one, other) => compare(one.name, other.name),
  size: (one, other) => size(other) - size(one),
};

export function selected(models: ModelConfig[], { text, type, order }: Selection): ModelConfig[] {
  const wanted = text.trim().toLowerCase();
  return models
    .filter(({ spec }) => type === null || spec.model_type === type)
    .filter(({ name, description }) => `${name} ${description}`.toLowerCase().includes(wanted))
    .sort(ORDERS[order]);
}
