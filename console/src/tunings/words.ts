import { tunableOf } from "@/api/catalogue";
import type { Searched, Trial, Tuning } from "@/api/schema";
import { testState } from "@/quick-tests/stages";
import { exact, plural } from "@/ui/format";
import type { Tone } from "@/ui/StatusBadge";

type Verdict = NonNullable<Tuning["status"]["verdict"]>["verdict"];

export const VERDICTS: Record<Verdict, { tone: Tone; label: string }> = {
  better: { tone: "good", label: "Better than the default" },
  default_as_good: { tone: "quiet", label: "The default is as good" },
  unknown: { tone: "warning", label: "Not confirmed" },
};

/** What a searched setting is called by its key: `Temperature`, `buyer city`. */
export function called(key: string): string {
  return tunableOf(key)?.label ?? key.replace(".", " ");
}

/** As the server calls it in a trial's params. */
export function keyOf({ setting, tower, column }: Searched): string {
  return column ? `${tower}.${column}` : setting;
}

/** `10 to 400`, `16, 32, 64`, `in or out` */
export function rangeWords({ low, high, values }: Searched): string {
  if (values) return values.map(exact).join(", ");
  if (low == null || high == null) return "in or out";
  return `${exact(low)} to ${exact(high)}`;
}

/** How a trial stands, in a badge. */
export function trialState(trial: Trial): { tone: Tone; label: string } {
  if (!trial.pruned) return testState(trial.state);
  return { tone: "quiet", label: `Given up after ${plural(trial.losses.length, "epoch")}` };
}

/** Completed trials by their value, then the others as they came. */
export function bestFirst(trials: Trial[], lowerIsBetter: boolean): Trial[] {
  const sign = lowerIsBetter ? 1 : -1;
  const done = ({ state, value }: Trial) => state === "completed" && value != null;
  return [...trials].sort((one, other) => {
    if (done(one) !== done(other)) return done(one) ? -1 : 1;
    const apart = done(one) ? sign * ((one.value ?? 0) - (other.value ?? 0)) : 0;
    return apart || one.number - other.number;
  });
}
