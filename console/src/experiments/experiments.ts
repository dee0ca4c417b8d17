/** Experiments (A/B tests) of registered models, as pages show them. */
import { validated } from "@/api/resource";
import type { Difference, Experiment, RegisteredModel, VersionShare } from "@/api/schema";
import { percentage } from "@/ui/format";
import type { Tone } from "@/ui/StatusBadge";

export interface Found {
  model: RegisteredModel;
  experiment: Experiment;
}

/** All that run or have run: those that run first, then the latest. */
export function experimentsOf(models: RegisteredModel[]): Found[] {
  const all = models.flatMap((model) =>
    [model.status.experiment ?? [], model.status.ended_experiments]
      .flat()
      .map((experiment) => ({ model, experiment })),
  );
  const key = ({ experiment }: Found) => `${experiment.ended_at ? 0 : 1} ${experiment.began_at}`;
  return all.sort((one, other) => key(other).localeCompare(key(one)));
}

/** Whether one has been asked for that does not run yet. */
export function isBeginning(model: RegisteredModel): boolean {
  return model.spec.experiment != null && !model.status.experiment && !validated(model);
}

export function experimentPath(modelId: string, experimentId?: string): string {
  return `/in-use/experiments/${modelId}${experimentId ? `/${experimentId}` : ""}`;
}

/** `Version 1 (50%) against 2 (50%)` */
export function versionsWords(versions: VersionShare[]): string {
  const [control, ...others] = versions.map(
    ({ version, share_percent }) => `${version} (${percentage(share_percent)})`,
  );
  return `Version ${control} against ${others.join(" and ")}`;
}

const ENDS = {
  asked: "Ended",
  promotion: "Ended by a promotion",
  replaced: "Replaced by another",
};

export function experimentState({ ended_at, ended_because }: Experiment): {
  tone: Tone;
  label: string;
} {
  if (!ended_at) return { tone: "running", label: "Running" };
  return { tone: "quiet", label: ENDS[ended_because ?? "asked"] };
}

/** The shares' sum in percent, free of what binary fractions add. */
export function total(versions: { share_percent: number }[]): number {
  return Math.round(100 * versions.reduce((sum, one) => sum + one.share_percent, 0)) / 100;
}

/** Equal shares that sum to 100, in steps of 0.01; what is left over is the control's. */
export function evenly(count: number): number[] {
  const share = Math.floor(10_000 / count) / 100;
  const first = Math.round(100 * (100 - share * (count - 1))) / 100;
  return Array.from({ length: count }, (_, at) => (at === 0 ? first : share));
}

export const MEASURES: Record<Difference["measure"], { label: string; share: boolean }> = {
  converted: { label: "Customers who bought", share: true },
  converted_shown: { label: "Customers who bought a product that they were shown", share: true },
  purchases: { label: "Purchases of a customer", share: false },
  value: { label: "Value of a customer", share: false },
};

export const STANDINGS: Record<Difference["standing"], { tone: Tone; label: string }> = {
  higher: { tone: "good", label: "Higher" },
  lower: { tone: "bad", label: "Lower" },
  cannot_tell_apart: { tone: "quiet", label: "Cannot be told apart" },
  too_few: { tone: "waiting", label: "Too few customers" },
};

/** `+0.30 to +2.10 points`; points are hundredths of a share. */
export function intervalWords({ measure, interval }: Difference): string {
  if (!interval) return "";
  const { share } = MEASURES[measure];
  const written = (value: number) => {
    const text = share ? (100 * value).toFixed(2) : value.toFixed(3);
    return Number(text) > 0 ? `+${text}` : text.replace("-", "−");
  };
  return `${written(interval.low)} to ${written(interval.high)}${share ? " points" : ""}`;
}
