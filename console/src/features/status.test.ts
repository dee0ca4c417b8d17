import { describe, expect, it } from "vitest";
import type { FeatureConfig, QuickTest } from "@/api/schema";
import { bestConfigs, configStatus, sorted } from "./status";

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

function tested(id: string, sample_percent = 10): QuickTest {
  return {
    id: `t-${id}`,
    status: {
      pinned: { dataset_fingerprint: "v1" },
      results: { protocol: { split: "temporal", holdout_fraction: 0.1, sample_percent, seed: 1 } },
    },
  } as unknown as QuickTest;
}

describe("the star", () => {
  it("is on the best that was measured like the others, not on the highest number", () => {
    const configs = [config("a", 0.4), config("bb", 0.5), config("ccc", 0.9), config("dddd", null)];
    const tests = [tested("a"), tested("bb"), tested("ccc", 100)];
    expect(bestConfigs(configs, tests)).toEqual(new Set(["bb"]));
  });

  it("is on nothing without results", () => {
    expect(bestConfigs([config("a", null)], [])).toEqual(new Set());
    expect(bestConfigs([config("a", 0.4)], [])).toEqual(new Set());
  });
});

describe("the list", () => {
  it("is sorted by recall, untested last, or by change or name", () => {
    const configs = [config("a", null), config("bb", 0.1), config("ccc", 0.3)];
    expect(sorted(configs, "best").map(({ id }) => id)).toEqual(["ccc", "bb", "a"]);
    expect(sorted(configs, "latest").map(({ id }) => id)).toEqual(["ccc", "bb", "a"]);
    expect(sorted(configs, "name").map(({ id }) => id)).toEqual(["a", "bb", "ccc"]);
  });

  it("says first what is wrong", () => {
    const invalid = { state: "invalid", revision: 1, problems: [] };
    const status = { lifecycle: "tested", validation: invalid };
    expect(configStatus(config("a", 0.4, { status })).tone).toBe("bad");
    expect(configStatus(config("a", 0.4, { revision: 2 })).tone).toBe("running");
    expect(configStatus(config("a", 0.4)).label).toBe("Tested");
  });
});
