/** Editing a model config: plain functions from one draft to the next. */
import type { ModelConfigSpec, Preset } from "@/api/schema";
import { same } from "@/ui/diff";
import { type Dense, type Layer, linear, type PARTS, type Part, type Tower } from "./layers";
import { firstPreset, rates, retrieves } from "./types";

type LayerField = (typeof PARTS)[Part]["field"];
export type Settings = Omit<ModelConfigSpec, LayerField>;

/** A layer with a key that stays its own wherever it is moved. */
export interface Block {
  key: string;
  layer: Layer;
}

export interface Draft {
  name: string;
  description: string;
  settings: Settings;
  blocks: Record<Part, Block[]>;
}

interface Written {
  name: string;
  description: string;
  spec: ModelConfigSpec;
}

// Keys of an earlier load of the page may be among a draft that was kept over it.
const LOAD = Date.now().toString(36);
let keys = 0;

export function blocksOf(layers: Layer[]): Block[] {
  return layers.map((layer) => {
    keys += 1;
    return { key: `layer-${LOAD}-${keys}`, layer };
  });
}

export function layersOf(blocks: Block[]): Layer[] {
  return blocks.map(({ layer }) => layer);
}

export function draftOf({ name, description, spec }: Written): Draft {
  const { buyer_tower_layers, product_tower_layers, rating_head_layers, ...settings } = spec;
  return {
    name,
    description,
    settings,
    blocks: {
      buyer: blocksOf(buyer_tower_layers),
      product: blocksOf(product_tower_layers),
      rating: blocksOf(rating_head_layers),
    },
  };
}

export function specOf({ settings, blocks }: Draft): ModelConfigSpec {
  return {
    ...settings,
    buyer_tower_layers: layersOf(blocks.buyer),
    product_tower_layers: layersOf(blocks.product),
    rating_head_layers: layersOf(blocks.rating),
  };
}

/** Whether a draft says something else than what is stored. */
export function differs(draft: Draft, stored: Written): boolean {
  return (
    draft.name !== stored.name ||
    draft.description !== stored.description ||
    !same(specOf(draft), stored.spec)
  );
}

/** The output layer is a stack's last dense layer and stays last; null where there is none. */
export function outputOf(blocks: Block[]): { key: string; layer: Dense } | null {
  const last = blocks.at(-1);
  return last?.layer.type === "dense" ? { key: last.key, layer: last.layer } : null;
}

/** Moves a block to where another is; nothing passes the output layer, which does not move. */
export function moved(blocks: Block[], key: string, overKey: string): Block[] {
  const output = outputOf(blocks);
  const from = blocks.findIndex((block) => block.key === key);
  const to = blocks.findIndex((block) => block.key === overKey);
  if (from < 0 || to < 0 || from === to || output?.key === key) return blocks;
  const lastFree = blocks.length - (output ? 2 : 1);
  const rest = blocks.toSpliced(from, 1);
  const block = blocks[from];
  return block ? rest.toSpliced(Math.min(to, lastFree), 0, block) : blocks;
}

/** Puts a layer before the output layer, or last where there is none. */
export function added(blocks: Block[], layer: Layer): Block[] {
  const place = outputOf(blocks) ? blocks.length - 1 : blocks.length;
  return blocks.toSpliced(place, 0, ...blocksOf([layer]));
}

export function removed(blocks: Block[], key: string): Block[] {
  return outputOf(blocks)?.key === key ? blocks : blocks.filter((block) => block.key !== key);
}

export function replaced(blocks: Block[], key: string, layer: Layer): Block[] {
  return blocks.map((block) => (block.key === key ? { key, layer } : block));
}

/** The blocks with an output layer of so many units; one is added where there is none. */
function endingIn(blocks: Block[], units: number): Block[] {
  const output = outputOf(blocks);
  if (!output) {
    return [...blocks, ...blocksOf([linear(units)])];
  }
  return replaced(blocks, output.key, { ...output.layer, units });
}

export function withSettings(draft: Draft, changes: Partial<Settings>): Draft {
  return { ...draft, settings: { ...draft.settings, ...changes } };
}

/** Changes a stack's layers; of towers that share their weights, both. */
export function withBlocks(draft: Draft, part: Part, blocks: Block[]): Draft {
  const changed = { ...draft.blocks, [part]: blocks };
  if (draft.settings.share_tower_weights && part !== "rating") {
    changed[other(part)] = blocksOf(layersOf(blocks));
  }
  return { ...draft, blocks: changed };
}

/** Both towers end in this width: it is that of their dot product. */
export function withOutputDim(draft: Draft, units: number): Draft {
  return {
    ...draft,
    settings: { ...draft.settings, output_embedding_dim: units },
    blocks: {
      ...draft.blocks,
      buyer: endingIn(draft.blocks.buyer, units),
      product: endingIn(draft.blocks.product, units),
    },
  };
}

/** A changed layer. Where towers must end alike, the output's width goes to both. */
export function withLayer(draft: Draft, part: Part, key: string, layer: Layer): Draft {
  const blocks = draft.blocks[part];
  const output = outputOf(blocks)?.key === key && part !== "rating";
  const changed = withBlocks(draft, part, replaced(blocks, key, layer));
  return output && layer.type === "dense" && retrieves(draft.settings)
    ? withOutputDim(changed, layer.units)
    : changed;
}

export function withCopiedTower(draft: Draft, from: Tower): Draft {
  const copy = blocksOf(layersOf(draft.blocks[from]));
  return { ...draft, blocks: { ...draft.blocks, [other(from)]: copy } };
}

export function withHead(draft: Draft, layers: Layer[]): Draft {
  return { ...draft, blocks: { ...draft.blocks, rating: blocksOf(layers) } };
}

/** Whether it needs a rating head and has none yet: then it gets the one that fits. */
export function lacksHead({ settings, blocks }: Draft): boolean {
  return rates(settings) && blocks.rating.length === 0;
}

/** Of another type; one that finds no products has no re-ranker. */
export function withType(draft: Draft, model_type: Settings["model_type"]): Draft {
  const reranker = retrieves({ model_type }) ? draft.settings.reranker : null;
  return withSettings(draft, { model_type, reranker });
}

/** The layers, the re-ranker and the early stopping of a preset; how else it is trained stays. */
export function withPreset(
  draft: Draft,
  { spec: preset, rating_head }: Pick<Preset, "spec" | "rating_head">,
): Draft {
  const towersEqual = same(preset.buyer_tower_layers, preset.product_tower_layers);
  const changed: Draft = {
    ...withSettings(draft, {
      output_embedding_dim: preset.output_embedding_dim,
      reranker: retrieves(draft.settings) ? preset.reranker : null,
      early_stopping_patience: preset.early_stopping_patience,
      share_tower_weights: draft.settings.share_tower_weights && towersEqual,
    }),
    blocks: {
      buyer: blocksOf(preset.buyer_tower_layers),
      product: blocksOf(preset.product_tower_layers),
      rating: draft.blocks.rating,
    },
  };
  const headed = rates(changed.settings) || draft.blocks.rating.length > 0;
  return headed ? withHead(changed, rating_head) : changed;
}

/** A new model for another task: one with the first preset of its task gets that of the other. */
export function withFirstPreset(
  draft: Draft,
  model_type: Settings["model_type"],
  presets: Preset[],
): Draft {
  const typed = withType(draft, model_type);
  const first = presetOf(draft, presets)?.key === firstPreset(draft.settings.model_type);
  const preset = presets.find(({ key }) => key === firstPreset(model_type));
  return first && preset ? withPreset(typed, preset) : typed;
}

/** The preset whose towers these are; of several, the one that has a re-ranker, or none, as well. */
export function presetOf<One extends Pick<Preset, "spec">>(
  { blocks, settings }: Draft,
  presets: One[],
): One | null {
  const alike = presets.filter(
    ({ spec }) =>
      same(layersOf(blocks.buyer), spec.buyer_tower_layers) &&
      same(layersOf(blocks.product), spec.product_tower_layers),
  );
  const reranks = ({ spec }: One) => Boolean(spec.reranker) === Boolean(settings.reranker);
  return alike.find(reranks) ?? alike[0] ?? null;
}

export function towersEqual({ blocks }: Draft): boolean {
  return same(layersOf(blocks.buyer), layersOf(blocks.product));
}

function other(tower: Tower): Tower {
  return tower === "buyer" ? "product" : "buyer";
}
