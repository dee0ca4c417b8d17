import { expect, test } from "vitest";
import type { ComparedGroup, ComparedTest, SweepTest } from "@/api/schema";
import { ablationsOf, worths } from "./worth";

function made(id: string, column: string | null, more: Partial<SweepTest> = {}): SweepTest {
  const leave_out = column ? [{ tower: "buyer" as const, column }] : [];
  return {
    quick_test_id: id,
    feature_config_id: "f",
    model_config_id: "m",
    state: "completed",
    overrides: { leave_out },
    ...more,
  } as SweepTest;
}

function row(id: string, value: number, to_base: ComparedTest["to_base"]): ComparedTest {
  return { quick_test_id: id, value, to_base } as ComparedTest;
}

const WORSE = { difference: { low: -0.06, high: -0.04 }, verdict: "worse", reason: null } as const;
const NONE = {
  difference: { low: -0.01, high: 0.02 },
  verdict: "no_clear_difference",
  reason: null,
} as const;

test("each model's tests are held against that model's own base", () => {
  const tests = [
    made("all", null),
    made("city", "city"),
    made("other all", null, { model_config_id: "n", state: "failed" }),
    made("other city", "city", { model_config_id: "n" }),
    made("running", "price", { state: "running" }),
  ];
  const [first, second] = ablationsOf(tests);
  expect(first?.base?.quick_test_id).toBe("all");
  expect(first?.without.map(({ quick_test_id }) => quick_test_id)).toEqual(["city"]);
  expect(second?.base).toBeUndefined();
});

test("the column that is missed most comes first, by the metric's own direction", () => {
  const one = {
    key: "",
    base: made("all", null),
    without: [made("a", "a"), made("b", "b"), made("elsewhere", "c")],
  };
  const groups = [
    { rows: [row("elsewhere", 0.9, null)] },
    { rows: [row("a", 0.31, NONE), row("all", 0.3, null), row("b", 0.25, WORSE)] },
  ] as ComparedGroup[];
  const found = worths(one, groups, "recall_at_100");
  expect(found.map(({ test }) => test.quick_test_id)).toEqual(["b", "a"]);
  expect(found[0]).toMatchObject({ verdict: "worse", interval: { low: -0.06, high: -0.04 } });
  expect(found[0]?.difference).toBeCloseTo(-0.05);
  expect(worths(one, groups, "rmse").map(({ test }) => test.quick_test_id)).toEqual(["a", "b"]);
});
