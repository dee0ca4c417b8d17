/** Schedules in a word or two. */
import { validated } from "@/api/resource";
import { underWay } from "@/api/schedules";
import type { Schedule, ScheduledRun } from "@/api/schema";
import type { Tone } from "@/ui/StatusBadge";

const OUTCOMES: Record<NonNullable<ScheduledRun["outcome"]>, { tone: Tone; label: string }> = {
  promoted: { tone: "good", label: "Promoted" },
  not_promoted: { tone: "quiet", label: "Not promoted" },
  unchanged: { tone: "quiet", label: "Data unchanged" },
  failed: { tone: "bad", label: "Failed" },
  skipped: { tone: "warning", label: "Skipped" },
};

const STAGES: Record<ScheduledRun["stage"], string> = {
  refreshing: "Reading the dataset",
  training: "Training",
  promoting: "Comparing",
  ended: "Ended",
};

export function outcomeOf({ outcome }: ScheduledRun): { tone: Tone; label: string } {
  return outcome ? OUTCOMES[outcome] : { tone: "running", label: "Under way" };
}

/** What a schedule is doing now. */
export function scheduleState(schedule: Schedule): { tone: Tone; label: string } {
  const { spec, status } = schedule;
  if (status.run) return { tone: "running", label: STAGES[status.run.stage] };
  if (underWay(schedule)) return { tone: "waiting", label: "Begins within a minute" };
  if (!validated(schedule)) return { tone: "running", label: "Checking" };
  if (status.validation.state === "invalid") return { tone: "bad", label: "Invalid" };
  if (!spec.enabled) return { tone: "quiet", label: "Paused" };
  return { tone: "good", label: "On" };
}

/** `Mon 7 Dec 2026, 03:00`, as clocks of the zone show it. */
export function inZone(iso: string, zone: string): string {
  try {
    return new Date(iso).toLocaleString("en-GB", {
      ...{ weekday: "short", day: "numeric", month: "short", year: "numeric" },
      ...{ hour: "2-digit", minute: "2-digit", timeZone: zone },
    });
  } catch {
    return iso; // a zone that the browser does not know
  }
}

/** All zones that the browser knows, UTC first. */
export function zones(): string[] {
  const known = Intl.supportedValuesOf("timeZone").filter((zone) => zone !== "UTC");
  return ["UTC", ...known];
}

/** The reader's own zone; one that has no name is UTC. */
export function ownZone(): string {
  const found = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zones().includes(found) ? found : "UTC";
}

/** Usual times, as buttons. */
export const USUAL = [
  { label: "Every night", cron: "0 3 * * *" },
  { label: "Mondays", cron: "0 3 * * mon" },
  { label: "First of the month", cron: "0 3 1 * *" },
];
