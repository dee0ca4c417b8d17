import type { ParameterSummary, PartParameters } from "@/api/schema";

export interface Share {
  name: string;
  parameters: number;
  /** Of all parameters, 0 to 1. */
  share: number;
  colour: string;
}

/** Where a model's parameters are. Layers that both towers share are counted once. */
export function shares(summary: ParameterSummary): Share[] {
  const { buyer_tower: buyer, product_tower: product, rating_head: head } = summary;
  const tables = embedded(buyer) + embedded(product);
  const together = summary.shared_layers;
  const parts: [string, number, string][] = [
    ...(tables ? ([["Embeddings", tables, "var(--text-3)"]] as [string, number, string][]) : []),
    [together ? "Layers of both towers" : "Buyer layers", layered(buyer), "var(--buyer)"],
    ...(together
      ? []
      : ([["Product layers", layered(product), "var(--product)"]] as [string, number, string][])),
    ...(head
      ? ([["Rating head", layered(head), "var(--rating)"]] as [string, number, string][])
      : []),
  ];
  return parts.map(([name, parameters, colour]) => ({
    name,
    parameters,
    colour,
    share: summary.total ? parameters / summary.total : 0,
  }));
}

function embedded({ embeddings }: PartParameters): number {
  return embeddings.reduce((sum, table) => sum + table.parameters, 0);
}

function layered({ layers }: PartParameters): number {
  return layers.reduce((sum, layer) => sum + layer.trainable + layer.non_trainable, 0);
}
