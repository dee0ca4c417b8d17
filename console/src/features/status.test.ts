import { describe, expect, it } from "vitest";
import type { FeatureConfig } from "@/api/schema";
import { configStatus, sorted } from "./status";

function config(id: string, recall: number | null, changes: object = {}): FeatureConfig {
  return {
    id,
    name: id,
    revision: 1,
    updated_at: `2026-01-0${id.length}`,
    spec: { dataset_id: "ds-1" },
    status: {
      lifecycle: recall === null ? "draft" : "tested",
      validation: { state: "valid", revision: 1, problems: [] },
      best:
        recall === null ? null : { quick_test_id: `t-${id}`, metrics: { recall_at_100: recall } },
    },
    ...changes,
  } as unknown as FeatureConfig;
}

describe("the list", () => {
  it("is sorted by result, untested last, or by change or name", () => {
    const configs = [config("a", null), config("bb", 0.1), config("ccc", 0.3)];
    expect(sorted(configs, "best").map(({ id }) => id)).toEqual(["ccc", "bb", "a"]);
    expect(sorted(configs, "latest").map(({ id }) => id)).toEqual(["ccc", "bb", "a"]);
    expect(sorted(configs, "name").map(({ id }) => id)).toEqual(["a", "bb", "ccc"]);
  });

  it("has the lowest error first where models only rate", () => {
    const rated = (id: string, rmse: number) => {
      const { status } = config(id, 0.1);
      return config(id, 0.1, { status: { ...status, best: { metrics: { rmse } } } });
    };
    const configs = [rated("a", 1.5), rated("b", 1.2), config("c", 0.1)];
    expect(sorted(configs, "best").map(({ id }) => id)).toEqual(["c", "b", "a"]);
  });

  it("says first what is wrong", () => {
    const invalid = { state: "invalid", revision: 1, problems: [] };
    const status = { lifecycle: "tested", validation: invalid };
    expect(configStatus(config("a", 0.4, { status })).tone).toBe("bad");
    expect(configStatus(config("a", 0.4, { revision: 2 })).tone).toBe("running");
    expect(configStatus(config("a", 0.4)).label).toBe("Tested");
  });

  it("crowns nothing that is no clear gain", () => {
    const promoted = (judged: object) => {
      const { status } = config("a", 0.4);
      return config("a", 0.4, {
        status: { ...status, lifecycle: "promoted", best: { ...status.best, judged } },
      });
    };
    const worse = { standing: "worse", label: "Worse than random" };
    expect(configStatus(promoted(worse))).toEqual({
      tone: "bad",
      label: "Promoted. Worse than random",
    });
    const better = { standing: "better", label: "Beats all baselines" };
    expect(configStatus(promoted(better))).toEqual({ tone: "good", label: "Promoted" });
  });
});
