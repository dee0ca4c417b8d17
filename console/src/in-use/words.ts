import type { BeganFrom, PromotionVerdict, RegisteredModel, RegisteredVersion } from "@/api/schema";
import { said } from "@/results/metrics";
import type { Tone } from "@/ui/StatusBadge";

/** What a version is for, as a badge; null where it is for nothing. */
export function aliasOf(
  { aliases }: RegisteredModel["status"],
  version: number,
): { tone: Tone; label: string } | null {
  if (aliases.production?.version === version) return { tone: "good", label: "Production" };
  if (aliases.previous?.version === version) return { tone: "quiet", label: "Previous" };
  return null;
}

/** `24.9% (23.1% – 26.7%)` */
export function measured({ metric, value, interval }: RegisteredVersion): string {
  const between = interval
    ? ` (${said(metric, interval.low)} – ${said(metric, interval.high)})`
    : "";
  return `${said(metric, value)}${between}`;
}

const STANDINGS: Record<PromotionVerdict["standing"], { tone: Tone; label: string }> = {
  first: { tone: "good", label: "First" },
  unchanged: { tone: "quiet", label: "Unchanged" },
  rollback: { tone: "warning", label: "Rolled back" },
  better: { tone: "good", label: "Better" },
  no_clear_difference: { tone: "quiet", label: "No clear difference" },
  worse: { tone: "bad", label: "Worse" },
  not_comparable: { tone: "warning", label: "Not comparable" },
};

export function standing(verdict: PromotionVerdict): { tone: Tone; label: string } {
  return STANDINGS[verdict.standing];
}

/** Whose weights a version's training began with. */
export function beganFrom({ quick_test_id, model_id, version }: BeganFrom, own: string): string {
  if (version == null) return `began with the weights of ${quick_test_id}`;
  const of = model_id === own ? "" : ` of ${model_id}`;
  return `began with the weights of version ${version}${of}`;
}
