import type { Estimate, ModelConfigSpec, Range } from "@/api/schema";
import { duration } from "@/ui/format";

type Layers = ModelConfigSpec["buyer_tower_layers"];

/** `128→64→32`: the units of a tower's dense layers. */
export function towerWords(layers: Layers): string {
  const units = layers.flatMap((layer) => (layer.type === "dense" ? [layer.units] : []));
  return units.length ? units.join("→") : "none";
}

const MODEL_TYPES = {
  retrieval: "Finds products",
  ranking: "Predicts ratings",
  multitask: "Finds products and predicts ratings",
} as const;

export function modelTypeWords(type: keyof typeof MODEL_TYPES): string {
  return MODEL_TYPES[type];
}

/** `$0.42`; a laptop costs nothing. */
export function dollars(value: number | null | undefined): string {
  if (value === null || value === undefined) return "free on this computer";
  return value < 0.01 && value > 0 ? "under $0.01" : `$${value.toFixed(2)}`;
}

/** `about 3 min` with its range, `2 min 10 s to 4 min 05 s`. */
export function estimateWords(estimate: Estimate): { likely: string; range: string } {
  const { low, high } = estimate.seconds;
  return { likely: about(estimate.seconds.likely), range: `${duration(low)} to ${duration(high)}` };
}

export function costWords(cost: Range | null | undefined): { likely: string; range: string } {
  if (!cost) return { likely: "nothing", range: "it runs on this computer" };
  return { likely: dollars(cost.likely), range: `${dollars(cost.low)} to ${dollars(cost.high)}` };
}

/** A guess, no more exact than it is: `about 10 s`, `about 3 min`, `about 1½ h`. */
export function about(seconds: number): string {
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 90) return "about 1 min";
  if (seconds < 3_300) return `about ${Math.round(seconds / 60)} min`;
  const halves = Math.max(2, Math.round(seconds / 1800));
  const hours = Math.floor(halves / 2);
  return `about ${hours}${halves % 2 ? "½" : ""} h`;
}
