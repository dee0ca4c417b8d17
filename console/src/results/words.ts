import type { EpochProgress, Estimate, QuickTestSummary, Range } from "@/api/schema";
import { duration, percentage, plural } from "@/ui/format";

/** The epochs that were asked for, without the pass over the newest rows that may follow. */
export function askedEpochs(epochs: QuickTestSummary["status"]["epochs"]): EpochProgress[] {
  return epochs.filter((epoch) => !epoch.newest_rows);
}

/** `20 epochs`; `3 of at most 20 epochs` where training stopped early; what comes on top. */
export function epochWords({ spec, status }: Pick<QuickTestSummary, "spec" | "status">): string {
  const trained = askedEpochs(status.epochs).length;
  const all = plural(spec.epochs, "epoch");
  const newest = trained < status.epochs.length ? ", and one over the newest purchases" : "";
  if (status.state === "completed" && trained > 0 && trained < spec.epochs) {
    return `${trained} of at most ${all}${newest}`;
  }
  const stops = status.pinned?.early_stopping_patience ?? spec.early_stopping_patience;
  return stops && status.state !== "completed" ? `at most ${all}` : all + newest;
}

/** `10% of the customers`; which share of them is trained on where it is not all. */
export function sampleWords(spec: QuickTestSummary["spec"]): string {
  const { data_sample_percent: sample, sample_by, trained_percent: trained } = spec;
  const of = sample_by === "row" ? "purchases" : "customers";
  const share = trained === 100 ? "" : `, ${percentage(trained)} of its customers trained on`;
  return `${percentage(sample)} of the ${of}${share}`;
}

/** `$0.42`; a laptop costs nothing. */
export function dollars(value: number | null | undefined): string {
  if (value === null || value === undefined) return "free on this computer";
  return value < 0.01 && value > 0 ? "under $0.01" : `$${value.toFixed(2)}`;
}

/** `about 3 min` with its range, `2 min 10 s to 4 min 05 s`. */
export function estimateWords(estimate: Estimate): { likely: string; range: string } {
  const { low, high } = estimate.seconds;
  return { likely: about(estimate.seconds.likely), range: `${duration(low)} to ${duration(high)}` };
}

export function costWords(cost: Range | null | undefined): { likely: string; range: string } {
  if (!cost) return { likely: "free", range: "runs on this computer" };
  return { likely: dollars(cost.likely), range: `${dollars(cost.low)} to ${dollars(cost.high)}` };
}

/** A guess, no more exact than it is: `about 10 s`, `about 3 min`, `about 1½ h`. */
export function about(seconds: number): string {
  if (seconds < 10) return "a few seconds";
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} s`;
  if (seconds < 90) return "about 1 min";
  if (seconds < 3_300) return `about ${Math.round(seconds / 60)} min`;
  const halves = Math.max(2, Math.round(seconds / 1800));
  const hours = Math.floor(halves / 2);
  return `about ${hours}${halves % 2 ? "½" : ""} h`;
}
