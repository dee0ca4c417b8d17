import { describe, expect, it } from "vitest";
import type { Problem } from "@/api/schema";
import { blocksOf } from "./draft";
import { elsewhere, errorText, exactly, merged, refusal, stepOf, under } from "./problems";
import { trialOf } from "./useTrial";

function problem(path: string, level: Problem["level"] = "error"): Problem {
  return { path, level, code: "x", message: `about ${path}` };
}

describe("problems of a model config", () => {
  it("belong to a step of the wizard", () => {
    expect(stepOf(problem("name"))).toBe("type");
    expect(stepOf(problem("spec.buyer_tower_layers[2].units"))).toBe("architecture");
    expect(stepOf(problem("spec.learning_rate"))).toBe("training");
    expect(stepOf(problem("spec"))).toBeNull();
  });

  it("are found by their field and do not mix up similar names", () => {
    const all = [problem("spec.top_k"), problem("spec.top_k_more"), problem("spec")];
    expect(under(all, "spec.top_k")).toHaveLength(1);
    expect(exactly(all, "spec")).toHaveLength(1);
    expect(elsewhere(all).map(({ path }) => path)).toEqual(["spec.top_k_more", "spec"]);
  });

  it("tell errors from warnings", () => {
    expect(errorText([problem("a", "warning")])).toBeUndefined();
    expect(errorText([problem("a"), problem("b")])).toBe("about a about b");
  });

  it("of a refused save are added to those that are known", () => {
    const refused = refusal({ "spec.top_k": "again", name: "missing" });
    const all = merged([problem("spec.top_k")], refused);
    expect(all.map(({ path, message }) => [path, message])).toEqual([
      ["spec.top_k", "about spec.top_k"],
      ["name", "missing"],
    ]);
  });

  it("of a layer stay with it, whatever its place is now", () => {
    const blocks = {
      buyer: blocksOf([{ type: "batch_norm" }, { type: "dropout", rate: 2 }]),
      product: [],
      rating: [],
    };
    const trial = trialOf([problem("spec.buyer_tower_layers[1].rate")], null, blocks);
    expect([...trial.layerProblems.keys()]).toEqual([blocks.buyer[1]?.key]);
  });
});
