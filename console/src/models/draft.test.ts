import { describe, expect, it } from "vitest";
import type { ModelConfigSpec, Preset } from "@/api/schema";
import {
  added,
  type Block,
  blocksOf,
  differs,
  draftOf,
  lacksHead,
  layersOf,
  moved,
  outputOf,
  presetOf,
  removed,
  specOf,
  withBlocks,
  withCopiedTower,
  withFirstPreset,
  withHead,
  withLayer,
  withOutputDim,
  withPreset,
  withSettings,
  withType,
} from "./draft";
import { type Layer, widths, widthsText } from "./layers";

function dense(units: number, activation: "relu" | null = "relu"): Layer {
  return { type: "dense", units, activation, l2_reg: 0 };
}
const dropout: Layer = { type: "dropout", rate: 0.2 };
const norm: Layer = { type: "batch_norm" };

function spec(changes: Partial<ModelConfigSpec> = {}): ModelConfigSpec {
  return {
    model_type: "retrieval",
    buyer_tower_layers: [dense(128), dropout, dense(32, null)],
    product_tower_layers: [dense(64), dense(32, null)],
    output_embedding_dim: 32,
    share_tower_weights: false,
    rating_head_layers: [],
    loss_function: "mse",
    retrieval_weight: 1,
    ranking_weight: 1,
    optimizer: "adam",
    learning_rate: 0.002,
    batch_size: 512,
    logq_correction: true,
    remove_accidental_hits: true,
    normalize_embeddings: true,
    temperature: 0.1,
    retrieval_algorithm: "brute_force",
    top_k: 100,
    scann_num_leaves: null,
    scann_leaves_to_search: null,
    ...changes,
  };
}

function draft(changes: Partial<ModelConfigSpec> = {}) {
  return draftOf({ name: "Test", description: "", spec: spec(changes) });
}

function key(blocks: Block[], place: number): string {
  const block = blocks.at(place);
  if (!block) throw new Error(`no block ${place}`);
  return block.key;
}

const kinds = (blocks: Block[]) => blocks.map(({ layer }) => layer.type);

describe("a stack of layers", () => {
  const stack = () => blocksOf([dense(128), dropout, norm, dense(32, null)]);

  it("is reordered, down and up", () => {
    const blocks = stack();
    expect(kinds(moved(blocks, key(blocks, 0), key(blocks, 2)))).toEqual([
      "dropout",
      "batch_norm",
      "dense",
      "dense",
    ]);
    expect(kinds(moved(blocks, key(blocks, 2), key(blocks, 0)))).toEqual([
      "batch_norm",
      "dense",
      "dropout",
      "dense",
    ]);
  });

  it("keeps its output layer last, whatever is moved where", () => {
    const blocks = stack();
    for (const from of blocks) {
      for (const to of blocks) {
        const after = moved(blocks, from.key, to.key);
        expect(after).toHaveLength(4);
        expect(after.at(-1)?.key).toBe(key(blocks, -1));
        expect(new Set(after.map((block) => block.key)).size).toBe(4);
      }
    }
  });

  it("moves freely where it has no output layer", () => {
    const blocks = blocksOf([dense(64), dropout]);
    expect(outputOf(blocks)).toBeNull();
    expect(kinds(moved(blocks, key(blocks, 0), key(blocks, 1)))).toEqual(["dropout", "dense"]);
  });

  it("takes new layers before its output", () => {
    expect(kinds(added(stack(), norm))).toEqual([
      "dense",
      "dropout",
      "batch_norm",
      "batch_norm",
      "dense",
    ]);
    expect(kinds(added([], dropout))).toEqual(["dropout"]);
  });

  it("does not lose its output", () => {
    const blocks = stack();
    expect(removed(blocks, key(blocks, -1))).toBe(blocks);
    expect(kinds(removed(blocks, key(blocks, 1)))).toEqual(["dense", "batch_norm", "dense"]);
  });

  it("is summed up by its dense widths", () => {
    expect(widthsText(layersOf(stack()))).toBe("128 → 32");
    expect(widthsText([dropout])).toBe("no dense layer");
  });
});

describe("a draft", () => {
  it("says what it was made from", () => {
    expect(specOf(draft())).toEqual(spec());
    expect(differs(draft(), { name: "Test", description: "", spec: spec() })).toBe(false);
    expect(
      differs(withSettings(draft(), { top_k: 10 }), {
        name: "Test",
        description: "",
        spec: spec(),
      }),
    ).toBe(true);
  });

  it("keeps both towers' outputs in step", () => {
    const wide = specOf(withOutputDim(draft(), 64));
    expect(wide.output_embedding_dim).toBe(64);
    expect(widths(wide.buyer_tower_layers)).toEqual([128, 64]);
    expect(widths(wide.product_tower_layers)).toEqual([64, 64]);
  });

  it("gives a tower without an output layer one", () => {
    const ends = specOf(withOutputDim(draft({ buyer_tower_layers: [dropout] }), 16));
    expect(ends.buyer_tower_layers.at(-1)).toEqual(dense(16, null));
  });

  it("passes a changed output width to the other tower, but not in ranking", () => {
    const now = draft();
    const changed = withLayer(now, "buyer", key(now.blocks.buyer, -1), dense(48, null));
    expect(specOf(changed).output_embedding_dim).toBe(48);
    expect(widths(specOf(changed).product_tower_layers)).toEqual([64, 48]);

    const ranking = draft({ model_type: "ranking" });
    const alone = withLayer(ranking, "buyer", key(ranking.blocks.buyer, -1), dense(48, null));
    expect(widths(specOf(alone).product_tower_layers)).toEqual([64, 32]);
  });

  it("copies a tower with keys of its own", () => {
    const copied = withCopiedTower(draft(), "buyer");
    expect(layersOf(copied.blocks.product)).toEqual(spec().buyer_tower_layers);
    const all = [...copied.blocks.buyer, ...copied.blocks.product].map((block) => block.key);
    expect(new Set(all).size).toBe(all.length);
  });

  it("edits both towers at once where they share their weights", () => {
    const sharing = withSettings(withCopiedTower(draft(), "buyer"), { share_tower_weights: true });
    const changed = withBlocks(sharing, "product", added(sharing.blocks.product, norm));
    expect(specOf(changed).buyer_tower_layers).toEqual(specOf(changed).product_tower_layers);
    expect(kinds(changed.blocks.buyer)).toContain("batch_norm");
  });

  it("takes a preset's re-ranker where it finds products, and tells presets apart by it", () => {
    const reranker = {
      candidates: 300,
      popular: 100,
      item_item: 150,
      units: [32],
      fitting_percent: 10,
    };
    const [plain, better] = [{ spec: spec() }, { spec: spec({ reranker }) }];
    const taken = (type: "retrieval" | "ranking") =>
      withPreset(draft({ model_type: type }), { ...better, rating_head: [dense(1, null)] });
    expect(taken("retrieval").settings.reranker).toEqual(reranker);
    expect(presetOf(taken("retrieval"), [plain, better])).toBe(better);
    expect(taken("ranking").settings.reranker).toBeNull();
    expect(presetOf(taken("ranking"), [plain, better])).toBe(plain);
    expect(withType(taken("retrieval"), "multitask").settings.reranker).toEqual(reranker);
    expect(withType(taken("retrieval"), "ranking").settings.reranker).toBeNull();
  });

  it("takes a preset's layers and keeps how the model is trained", () => {
    const preset = spec({
      buyer_tower_layers: [dense(256), dense(64, null)],
      product_tower_layers: [dense(128), dense(64, null)],
      output_embedding_dim: 64,
      learning_rate: 0.5,
    });
    const now = withPreset(
      draft({ learning_rate: 0.01, share_tower_weights: true, model_type: "ranking" }),
      { spec: preset, rating_head: [dense(256), dense(64), dense(1, null)] },
    );
    expect(specOf(now)).toMatchObject({
      learning_rate: 0.01,
      output_embedding_dim: 64,
      share_tower_weights: false,
    });
    expect(widths(specOf(now).rating_head_layers)).toEqual([256, 64, 1]);
    expect(presetOf(now, [{ spec: spec() }, { spec: preset }])?.spec).toBe(preset);
    expect(presetOf(withBlocks(now, "buyer", []), [{ spec: preset }])).toBeNull();
  });

  it("begins with the first preset of its task, until the towers are others", () => {
    const reranker = {
      candidates: 300,
      popular: 100,
      item_item: 150,
      units: [32],
      fitting_percent: 10,
    };
    const layers = [dense(64, null)];
    const wide = { buyer_tower_layers: layers, product_tower_layers: layers };
    const presets = [
      { key: "recommended", spec: spec({ ...wide, reranker, early_stopping_patience: 2 }) },
      { key: "standard", spec: spec() },
    ].map((one) => ({ ...one, rating_head: [dense(1, null)] }) as unknown as Preset);
    const begun = draft({ ...presets[0]?.spec });
    const ranking = withFirstPreset(begun, "ranking", presets);
    const { buyer_tower_layers, product_tower_layers } = spec();
    expect(specOf(ranking)).toMatchObject({ buyer_tower_layers, product_tower_layers });
    expect(ranking.settings).toMatchObject({ model_type: "ranking", reranker: null });
    expect(specOf(ranking).early_stopping_patience).toBeUndefined();
    const back = withFirstPreset(ranking, "multitask", presets);
    expect(specOf(back)).toMatchObject({ ...wide, reranker, early_stopping_patience: 2 });
    const own = withBlocks(begun, "buyer", blocksOf([dense(8, null)]));
    expect(layersOf(withFirstPreset(own, "ranking", presets).blocks.buyer)).toEqual([
      dense(8, null),
    ]);
  });

  it("lacks a rating head when it needs one, and keeps one that it has", () => {
    const ranking = withSettings(draft(), { model_type: "ranking" });
    expect(lacksHead(draft())).toBe(false);
    expect(lacksHead(ranking)).toBe(true);
    const headed = withHead(ranking, [dense(128), dense(1, null)]);
    expect(lacksHead(headed)).toBe(false);
    expect(specOf(headed).rating_head_layers).toEqual([dense(128), dense(1, null)]);
  });
});
