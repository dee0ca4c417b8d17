import { validated } from "@/api/resource";
import type { FeatureConfig, QuickTest } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";

/** What can be said of a config in a word: what is wrong comes before how far it has come. */
export function configStatus(config: FeatureConfig): { tone: Tone; label: string } {
  if (!validated(config)) {
    return config.status.validation.state === "waiting"
      ? { tone: "waiting", label: "Waits for its dataset" }
      : { tone: "running", label: "Being checked" };
  }
  if (config.status.lifecycle === "archived") return { tone: "quiet", label: "Archived" };
  if (config.status.validation.state === "invalid") return { tone: "bad", label: "Not valid" };
  if (config.status.lifecycle === "promoted") return { tone: "good", label: "Promoted" };
  if (config.status.lifecycle === "tested") return { tone: "good", label: "Tested" };
  return { tone: "quiet", label: "Draft, not tested" };
}

export const METRIC = "recall_at_100";

export function bestRecall(config: FeatureConfig): number | null {
  return config.status.best?.metrics[METRIC] ?? null;
}

/** What must be equal for two tests' numbers to be ranked against each other. */
function protocolOf(test: QuickTest | undefined): string | null {
  const results = test?.status.results;
  if (!test || !results) return null;
  const { split, holdout_fraction, sample_percent, seed, sample_by } = results.protocol;
  const data = test.status.pinned?.dataset_fingerprint;
  return JSON.stringify([data, split, holdout_fraction, sample_percent, seed, sample_by]);
}

/**
 * The best config of each dataset: highest recall@100 among those whose best tests were measured
 * in the same way. Where there are several ways, the one with most configs counts.
 */
export function bestConfigs(configs: FeatureConfig[], tests: QuickTest[]): ReadonlySet<string> {
  const byId = new Map(tests.map((test) => [test.id, test]));
  const groups = new Map<string, Map<string, FeatureConfig[]>>();
  for (const config of configs) {
    const protocol = protocolOf(byId.get(config.status.best?.quick_test_id ?? ""));
    if (protocol === null || bestRecall(config) === null) continue;
    const of = groups.get(config.spec.dataset_id) ?? new Map<string, FeatureConfig[]>();
    groups.set(config.spec.dataset_id, of);
    of.set(protocol, [...(of.get(protocol) ?? []), config]);
  }
  const best = new Set<string>();
  for (const ways of groups.values()) {
    const alike = [...ways.values()].reduce((most, found) =>
      found.length > most.length ? found : most,
    );
    const first = alike.reduce((top, config) =>
      (bestRecall(config) ?? 0) > (bestRecall(top) ?? 0) ? config : top,
    );
    best.add(first.id);
  }
  return best;
}

export type Sort = "best" | "latest" | "name";

export function sorted(configs: FeatureConfig[], by: Sort): FeatureConfig[] {
  const order: Record<Sort, (a: FeatureConfig, b: FeatureConfig) => number> = {
    best: (a, b) => (bestRecall(b) ?? -1) - (bestRecall(a) ?? -1),
    latest: (a, b) => (b.updated_at ?? "").localeCompare(a.updated_at ?? ""),
    name: (a, b) => a.name.localeCompare(b.name),
  };
  return [...configs].sort(order[by]);
}
