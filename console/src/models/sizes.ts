import type { ParameterSummary, PartParameters } from "@/api/schema";
import { compact } from "@/ui/format";

export interface Share {
  name: string;
  parameters: number;
  /** Of all parameters, 0 to 1. */
  share: number;
  colour: string;
}

/** Where a model's parameters are. Layers that both towers share are counted once. */
export function shares(summary: ParameterSummary): Share[] {
  const { buyer_tower: buyer, product_tower: product, rating_head: head, reranker } = summary;
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
    ...(reranker
      ? ([["Re-ranker", reranker.total, "var(--multitask)"]] as [string, number, string][])
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

function layered({ layers, mixes }: PartParameters): number {
  return layers.reduce((sum, layer) => sum + layer.trainable + layer.non_trainable, mixes);
}

/**
 * All that a part of the model uses, as `count_params()` counts it, and what of it lies in tables
 * of embeddings: `156.1K parameters, 139.5K of them in embeddings`.
 */
export function partWords({ total, embeddings }: PartParameters): string {
  const embedded = embeddings.reduce((sum, table) => sum + table.parameters, 0);
  const all = `${compact(total)} ${total === 1 ? "parameter" : "parameters"}`;
  return embedded === 0 ? all : `${all}, ${compact(embedded)} of them in embeddings`;
}
