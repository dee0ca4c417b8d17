import { describe, expect, it } from "vitest";
import type { ModelConfig } from "@/api/schema";
import { selected } from "./select";

function model(name: string, type: string, units: number, updated_at: string): ModelConfig {
  const layers = [{ type: "dense", units, activation: null, l2_reg: 0 }];
  return {
    id: name,
    name,
    description: `about ${type}`,
    updated_at,
    spec: {
      model_type: type,
      buyer_tower_layers: layers,
      product_tower_layers: layers,
      rating_head_layers: [],
    },
  } as unknown as ModelConfig;
}

const ALL = [
  model("Model 10", "ranking", 8, "2026-01-01T00:00:00Z"),
  model("Model 9", "retrieval", 64, "2026-01-03T00:00:00Z"),
  model("Other", "retrieval", 32, "2026-01-02T00:00:00Z"),
];
const EVERY = { text: "", type: null, order: "updated" } as const;
const names = (models: ModelConfig[]) => models.map(({ name }) => name);

describe("the list of models", () => {
  it("is in the order that was asked for", () => {
    expect(names(selected(ALL, EVERY))).toEqual(["Model 9", "Other", "Model 10"]);
    expect(names(selected(ALL, { ...EVERY, order: "name" }))).toEqual([
      "Model 9",
      "Model 10",
      "Other",
    ]);
    expect(names(selected(ALL, { ...EVERY, order: "size" }))).toEqual([
      "Model 9",
      "Other",
      "Model 10",
    ]);
  });

  it("is narrowed by type and by words in name or description", () => {
    expect(names(selected(ALL, { ...EVERY, type: "retrieval" }))).toEqual(["Model 9", "Other"]);
    expect(names(selected(ALL, { ...EVERY, text: " ABOUT ranking" }))).toEqual(["Model 10"]);
  });
});
