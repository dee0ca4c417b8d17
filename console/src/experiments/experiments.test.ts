import { expect, test } from "vitest";
import type { Difference, Experiment, RegisteredModel } from "@/api/schema";
import {
  evenly,
  experimentState,
  experimentsOf,
  intervalWords,
  isBeginning,
  total,
  versionsWords,
} from "./experiments";

const one = (id: string, began_at: string, ended_at: string | null = null): Experiment =>
  ({ id, began_at, ended_at, versions: [], salt: id }) as unknown as Experiment;

test("what runs comes first, then the latest", () => {
  const model = (running: Experiment | null, ended: Experiment[]) =>
    ({ status: { experiment: running, ended_experiments: ended } }) as unknown as RegisteredModel;
  const found = experimentsOf([
    model(null, [one("b", "2026-02", "2026-03"), one("a", "2026-01", "2026-02")]),
    model(one("c", "2025-01"), []),
  ]);
  expect(found.map(({ experiment }) => experiment.id)).toEqual(["c", "b", "a"]);
  expect(experimentState(one("c", "2025-01")).label).toBe("Running");
});

test("one that was asked for begins until the model has been looked at", () => {
  const model = (revision: number) =>
    ({
      revision: 2,
      spec: { experiment: {} },
      status: { experiment: null, validation: { state: "valid", revision } },
    }) as unknown as RegisteredModel;
  expect(isBeginning(model(1))).toBe(true);
  expect(isBeginning(model(2))).toBe(false);
});

test("equal shares sum to 100 whatever their number", () => {
  for (const count of [2, 3, 4]) {
    const shares = evenly(count).map((share_percent) => ({ share_percent }));
    expect(total(shares)).toBe(100);
  }
  expect(evenly(3)).toEqual([33.34, 33.33, 33.33]);
  expect(total([{ share_percent: 33.3 }, { share_percent: 66.6 }])).toBe(99.9);
});

test("versions and intervals are said in words", () => {
  expect(
    versionsWords([
      { version: 1, share_percent: 90 },
      { version: 3, share_percent: 10 },
    ]),
  ).toBe("Version 1 (90%) against 3 (10%)");
  const difference = { measure: "converted", interval: { low: -0.002, high: 0.0213 } };
  expect(intervalWords(difference as Difference)).toBe("−0.20 to +2.13 points");
});
