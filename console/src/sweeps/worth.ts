import type { ComparedGroup, Interval, SweepTest } from "@/api/schema";
import { metricOf } from "@/results/metrics";
import type { Verdict } from "@/results/verdict";

/** The tests of an ablation that are over the same features and model. */
export interface OneAblation {
  key: string;
  /** The test with all columns; undefined as long as it has no result. */
  base: SweepTest | undefined;
  /** Completed tests without a column. */
  without: SweepTest[];
}

export function ablationsOf(tests: SweepTest[]): OneAblation[] {
  const groups = new Map<string, SweepTest[]>();
  for (const test of tests) {
    if (test.state !== "completed") continue;
    const key = `${test.feature_config_id} ${test.model_config_id}`;
    groups.set(key, [...(groups.get(key) ?? []), test]);
  }
  return [...groups].map(([key, of]) => ({
    key,
    base: of.find(({ overrides }) => overrides.leave_out.length === 0),
    without: of.filter(({ overrides }) => overrides.leave_out.length > 0),
  }));
}

/** What leaving a column out does to the metric. */
export interface Worth {
  test: SweepTest;
  /** Without the column, minus with all. */
  difference: number;
  interval: Interval | null;
  /** Of the test without the column, against the one with all. */
  verdict: Verdict;
  reason: string | null;
}

/** What each column is worth, most first. Tests that were not measured as the base are left out. */
export function worths(
  { base, without }: OneAblation,
  groups: ComparedGroup[],
  metric: string,
): Worth[] {
  const rows = groups.find((group) =>
    group.rows.some((row) => row.quick_test_id === base?.quick_test_id),
  )?.rows;
  const all = rows?.find((row) => row.quick_test_id === base?.quick_test_id);
  if (!rows || !all) return [];
  const found = without.flatMap((test): Worth[] => {
    const row = rows.find(({ quick_test_id }) => quick_test_id === test.quick_test_id);
    if (!row?.to_base) return [];
    const { difference: interval, verdict, reason } = row.to_base;
    return [{ test, difference: row.value - all.value, interval, verdict, reason }];
  });
  const sign = metricOf(metric).lowerIsBetter ? -1 : 1;
  return found.sort((one, other) => sign * (one.difference - other.difference));
}
