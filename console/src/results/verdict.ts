import { catalogue } from "@/api/catalogue";
import type { Interval, Judged, QuickTestSummary } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";
import { mainMetric } from "./metrics";

export type Verdict = "better" | "worse" | "no_clear_difference";

/** What a baseline is called, by its name in results; one that the server does not know goes by that. */
export function baselineOf(name: string): { doing: string; label: string; term: string } {
  const found = catalogue().baselines.find((baseline) => baseline.name === name);
  return found ?? { doing: name.replace(/_/g, " "), label: name, term: name };
}

export const VERDICT_TONE: Record<Verdict, Tone> = {
  better: "good",
  worse: "bad",
  no_clear_difference: "quiet",
};

/** How a test stands beside what needs no model, which the server says. */
export const STANDING_TONE: Record<Judged["standing"], Tone> = {
  better: "good",
  worse: "bad",
  no_clear_difference: "warning",
  unknown: "quiet",
};

export const VERDICT_WORDS: Record<Verdict, string> = {
  better: "Better",
  worse: "Worse",
  no_clear_difference: "No clear difference",
};

/** Main metric, value and interval of a completed test. */
export function headline(
  test: QuickTestSummary,
): { metric: string; value: number; interval: Interval | null } | null {
  const results = test.status.results;
  const metric = results ? mainMetric(results.metrics) : null;
  if (!results || !metric) return null;
  return {
    metric,
    value: results.metrics[metric] as number,
    interval: results.intervals?.[metric] ?? null,
  };
}
