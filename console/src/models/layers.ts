import { catalogue, inBounds, labelOf, settingsOf } from "@/api/catalogue";
import type { LayerInfo, ModelConfigSpec } from "@/api/schema";
import type { Meaning } from "@/theme/meaning";
import { exact } from "@/ui/format";
import { valueWords } from "@/ui/SettingField";

export type Layer = ModelConfigSpec["buyer_tower_layers"][number];
export type Dense = Extract<Layer, { type: "dense" }>;

/** The three stacks of layers that a model can have. */
export type Part = "buyer" | "product" | "rating";
export type Tower = Exclude<Part, "rating">;

export const PARTS = {
  buyer: { field: "buyer_tower_layers", name: "Buyer tower", term: "query tower" },
  product: { field: "product_tower_layers", name: "Product tower", term: "candidate tower" },
  rating: { field: "rating_head_layers", name: "Rating head", term: "after concatenation" },
} as const;

export function layerKind(type: string): LayerInfo | undefined {
  return catalogue().layers.find(({ name }) => name === type);
}

/** What an added layer begins with. */
export function initialLayer(type: string): Layer {
  return structuredClone(layerKind(type)?.initial) as unknown as Layer;
}

/** A dense layer that is linear, as outputs are. */
export function linear(units: number): Layer {
  return { ...initialLayer("dense"), units, activation: null } as Layer;
}

/** `Dense 128`, `Dropout 0.2` */
export function layerTitle(layer: Layer): string {
  const name = labelOf("layers", layer.type);
  const told = set(layer)[layerKind(layer.type)?.named_by ?? ""];
  return typeof told === "number" ? `${name} ${exact(told)}` : name;
}

/** What else is set on it: `ReLU, L2 regularization 0.01`. */
export function layerDetail(layer: Layer): string {
  const told = layerKind(layer.type)?.named_by;
  return settingsOf("layers", layer.type)
    .filter(({ name }) => name !== told)
    .flatMap((setting) => {
      const value = set(layer)[setting.name];
      if (setting.options.length > 0) return [valueWords(setting, value)];
      return value === setting.default ? [] : [`${setting.label} ${valueWords(setting, value)}`];
    })
    .join(", ");
}

/** Whether all that is set on a layer is within its bounds. */
export function settable(layer: Layer): boolean {
  return inBounds("layers", layer.type, (name) => set(layer)[name]);
}

/** The colour of a layer in its stack. */
export function layerMeaning(layer: Layer, part: Part, output: boolean): Meaning {
  if (output) return "output";
  if (layer.type === "dense") return part;
  return layer.type === "dropout" ? "dropout" : "optimizer";
}

/** Units of the dense layers, from the input on. */
export function widths(layers: Layer[]): number[] {
  return layers.flatMap((layer) => (layer.type === "dense" ? [layer.units] : []));
}

export function neurons(layers: Layer[]): number {
  return widths(layers).reduce((sum, units) => sum + units, 0);
}

/** `128 → 64 → 32` */
export function widthsText(layers: Layer[]): string {
  return widths(layers).join(" → ") || "no dense layer";
}

function set(layer: Layer): Record<string, unknown> {
  return layer as unknown as Record<string, unknown>;
}
