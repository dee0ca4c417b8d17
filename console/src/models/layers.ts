import type { ModelConfigSpec } from "@/api/schema";
import type { Meaning } from "@/theme/meaning";
import { number, percent } from "@/ui/format";

export type Layer = ModelConfigSpec["buyer_tower_layers"][number];
export type LayerKind = Layer["type"];
export type Dense = Extract<Layer, { type: "dense" }>;
export type Activation = Exclude<NonNullable<Dense["activation"]>, "linear"> | "none";

/** The three stacks of layers that a model can have. */
export type Part = "buyer" | "product" | "rating";
export type Tower = Exclude<Part, "rating">;

export const PARTS = {
  buyer: { field: "buyer_tower_layers", name: "Buyer tower", term: "query tower" },
  product: { field: "product_tower_layers", name: "Product tower", term: "candidate tower" },
  rating: { field: "rating_head_layers", name: "Rating head", term: "after concatenation" },
} as const;

interface KindOfLayer {
  name: string;
  /** As Keras calls it. */
  term: string;
  description: string;
  /** What an added one begins with. */
  initial: Layer;
}

export const LAYER_KINDS: Record<LayerKind, KindOfLayer> = {
  dense: {
    name: "Dense",
    term: "Dense",
    description: "Combines all its inputs, with weights that it learns. What towers are made of.",
    initial: { type: "dense", units: 64, activation: "relu", l2_reg: 0 },
  },
  dropout: {
    name: "Dropout",
    term: "Dropout",
    description: "Leaves out random values while training, against learning rows by heart.",
    initial: { type: "dropout", rate: 0.2 },
  },
  batch_norm: {
    name: "Batch norm",
    term: "BatchNormalization",
    description: "Brings each value to one scale, over the rows of a batch. Often trains faster.",
    initial: { type: "batch_norm" },
  },
  layer_norm: {
    name: "Layer norm",
    term: "LayerNormalization",
    description: "Brings each row to one scale, over its values. Does not depend on the batch.",
    initial: { type: "layer_norm", epsilon: 1e-6 },
  },
};

export const ACTIVATIONS: Record<Activation, { name: string; description: string }> = {
  relu: {
    name: "ReLU",
    description:
      "Fast, and right for most towers. Negative values become 0, positive ones pass unchanged.",
  },
  leaky_relu: {
    name: "Leaky ReLU",
    description:
      "Like ReLU, but lets a fifth of a negative value through, so that no unit stops learning.",
  },
  gelu: {
    name: "GELU",
    description: "A smooth ReLU. A little slower; sometimes better in deep towers.",
  },
  tanh: {
    name: "tanh",
    description: "Squeezes values to between −1 and 1. Learns slowly where values are large.",
  },
  sigmoid: {
    name: "Sigmoid",
    description: "Squeezes values to between 0 and 1. Rarely the best choice inside a tower.",
  },
  none: {
    name: "None",
    description:
      "The plain weighted sum, also called linear. Right for outputs: an embedding may then point " +
      "in every direction.",
  },
};

/** A layer's activation by one name: documents may say `linear` or nothing. */
export function activationOf({ activation }: Dense): Activation {
  return !activation || activation === "linear" ? "none" : activation;
}

/** `Dense 128`, `Dropout 0.2` */
export function layerTitle(layer: Layer): string {
  const { name } = LAYER_KINDS[layer.type];
  if (layer.type === "dense") return `${name} ${layer.units}`;
  return layer.type === "dropout" ? `${name} ${number(layer.rate)}` : name;
}

/** `ReLU, L2 0.01` */
export function layerDetail(layer: Layer): string {
  switch (layer.type) {
    case "dense": {
      const activation = activationOf(layer);
      const said = activation === "none" ? "Linear" : ACTIVATIONS[activation].name;
      return layer.l2_reg ? `${said}, L2 ${number(layer.l2_reg)}` : said;
    }
    case "dropout":
      return `leaves out ${percent(layer.rate, 0)} while training`;
    case "batch_norm":
      return "one scale for each value";
    case "layer_norm":
      return "one scale for each row";
  }
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

/**
 * The head that fits a buyer tower: its dense widths, then one linear unit. The same rule as
 * shared/tasks/rating_head.py, so that the builder need not wait for it.
 */
export function fittingHead(buyerTower: Layer[]): Layer[] {
  return [
    ...widths(buyerTower).map(
      (units): Layer => ({ type: "dense", units, activation: "relu", l2_reg: 0 }),
    ),
    { type: "dense", units: 1, activation: null, l2_reg: 0 },
  ];
}
