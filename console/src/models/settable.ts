import type { Layer } from "./layers";

/** Bounds of what can be set on a layer, as shared/layers has them. */
export const BOUNDS = {
  units: { min: 1, max: 2048 },
  l2_reg: { min: 0, max: 1 },
  rate: { min: 0, max: 0.9 },
  epsilon: { min: 1e-7, max: 1e-3 },
} as const;

/** Whether all that is set on a layer is within its bounds. */
export function settable(layer: Layer): boolean {
  const set = layer as unknown as Record<string, unknown>;
  return Object.entries(BOUNDS).every(([name, { min, max }]) => {
    const value = set[name];
    return typeof value !== "number" || (value >= min && value <= max);
  });
}
