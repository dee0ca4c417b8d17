import { validated } from "@/api/resource";
import type { FeatureConfig } from "@/api/schema";
import { mainMetric, mainOnes, metricOf } from "@/results/metrics";
import { STANDING_TONE } from "@/results/verdict";
import type { Tone } from "@/ui/StatusBadge";

/** What can be said of a config in a word: what is wrong comes before how far it has come. */
export function configStatus(config: FeatureConfig): { tone: Tone; label: string } {
  if (!validated(config)) {
    return config.status.validation.state === "waiting"
      ? { tone: "waiting", label: "Waiting for its dataset" }
      : { tone: "running", label: "Checking" };
  }
  if (config.status.lifecycle === "archived") return { tone: "quiet", label: "Archived" };
  if (config.status.validation.state === "invalid") return { tone: "bad", label: "Invalid" };
  if (config.status.lifecycle === "promoted") {
    const judged = config.status.best?.judged;
    return judged && judged.standing !== "better"
      ? { tone: STANDING_TONE[judged.standing], label: `Promoted. ${judged.label}` }
      : { tone: "good", label: "Promoted" };
  }
  if (config.status.lifecycle === "tested") return { tone: "good", label: "Tested" };
  return { tone: "quiet", label: "Draft, not tested" };
}

/** What the config's best test is ranked by, and its value. */
export function bestResult(config: FeatureConfig): { metric: string; value: number } | null {
  const metrics = config.status.best?.metrics ?? {};
  const metric = mainMetric(metrics);
  return metric === null ? null : { metric, value: metrics[metric] as number };
}

export type Sort = "best" | "latest" | "name";

export function sorted(configs: FeatureConfig[], by: Sort): FeatureConfig[] {
  const order: Record<Sort, (a: FeatureConfig, b: FeatureConfig) => number> = {
    best: byResult,
    latest: (a, b) => (b.updated_at ?? "").localeCompare(a.updated_at ?? ""),
    name: (a, b) => a.name.localeCompare(b.name),
  };
  return [...configs].sort(order[by]);
}

/** Best first; of unlike metrics, in the order in which the server ranks by them. */
function byResult(a: FeatureConfig, b: FeatureConfig): number {
  const [one, other] = [bestResult(a), bestResult(b)];
  if (!one || !other) return Number(!one) - Number(!other);
  const metrics = mainOnes().map(({ name }) => name);
  if (one.metric !== other.metric)
    return metrics.indexOf(one.metric) - metrics.indexOf(other.metric);
  const sign = metricOf(one.metric).lowerIsBetter ? 1 : -1;
  return sign * (one.value - other.value);
}
