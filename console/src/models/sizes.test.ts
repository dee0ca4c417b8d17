import { describe, expect, it } from "vitest";
import type { ParameterSummary, PartParameters } from "@/api/schema";
import { partWords, shares } from "./sizes";

function part(embedding: number, layer: number): PartParameters {
  return {
    input_width: 8,
    output_width: 4,
    embeddings: [{ name: "id", rows: embedding, dim: 1, parameters: embedding, estimated: false }],
    layers: [
      { type: "dense", input_width: 8, output_width: 4, trainable: layer, non_trainable: 0 },
    ],
    mixes: 0,
    total: embedding + layer,
    trainable: embedding + layer,
    non_trainable: 0,
  };
}

function summary(changes: Partial<ParameterSummary>): ParameterSummary {
  return {
    total: 200,
    trainable: 200,
    non_trainable: 0,
    estimated: false,
    shared_layers: false,
    buyer_tower: part(60, 40),
    product_tower: part(60, 40),
    rating_head: null,
    ...changes,
  };
}

describe("where parameters are", () => {
  it("adds up to all of them", () => {
    const parts = shares(summary({}));
    expect(parts.map(({ parameters }) => parameters)).toEqual([120, 40, 40]);
    expect(parts.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
  });

  it("counts layers once that both towers share", () => {
    const parts = shares(summary({ shared_layers: true, total: 160 }));
    expect(parts.map(({ parameters }) => parameters)).toEqual([120, 40]);
  });

  it("names the rating head where there is one", () => {
    const parts = shares(summary({ rating_head: part(0, 50), total: 250 }));
    expect(parts.at(-1)).toMatchObject({ name: "Rating head", parameters: 50, share: 0.2 });
  });
});

describe("the parameters of a tower", () => {
  it("are one number wherever they are said, embeddings among them", () => {
    expect(partWords(part(139_500, 16_600))).toBe(
      "156.1K parameters, 139.5K of them in embeddings",
    );
    expect(partWords(part(0, 1))).toBe("1 parameter");
  });
});
