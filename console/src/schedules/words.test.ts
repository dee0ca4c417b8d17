import { expect, test } from "vitest";
import type { Schedule, ScheduledRun } from "@/api/schema";
import { inZone, outcomeOf, scheduleState, zones } from "./words";

function schedule(status: object, spec: object = {}): Schedule {
  return {
    revision: 1,
    spec: { enabled: true, ...spec },
    status: { validation: { state: "valid", revision: 1, problems: [] }, ...status },
  } as unknown as Schedule;
}

test("a schedule's state is what it does now, then whether it fires", () => {
  expect(scheduleState(schedule({})).label).toBe("On");
  expect(scheduleState(schedule({}, { enabled: false })).label).toBe("Paused");
  const run = { stage: "training" };
  expect(scheduleState(schedule({ run }, { enabled: false })).label).toBe("Training");
  expect(scheduleState(schedule({ requested_at: "2026-01-01T00:00:00Z" })).tone).toBe("waiting");
  const invalid = { validation: { state: "invalid", revision: 1, problems: [] } };
  expect(scheduleState(schedule(invalid)).tone).toBe("bad");
});

test("every outcome has a word, and a run without one is under way", () => {
  expect(outcomeOf({ outcome: "unchanged" } as ScheduledRun).label).toBe("Data unchanged");
  expect(outcomeOf({ outcome: null } as ScheduledRun).tone).toBe("running");
});

test("times are told by the clocks of the schedule's zone", () => {
  expect(inZone("2026-12-07T02:00:00Z", "Europe/Berlin")).toMatch(/Mon,? 7 Dec 2026.* 03:00/);
  expect(inZone("2026-12-07T02:00:00Z", "Nowhere/Land")).toBe("2026-12-07T02:00:00Z");
  expect(zones()[0]).toBe("UTC");
});
