import { expect, test } from "vitest";
import type { MetricsReport } from "@/api/schema";
import { barGroups, families } from "./groups";

const results = {
  metrics: { mrr: 0.1, recall_at_100: 0.4, recall_at_100_repeat: 0.8, recall_at_100_new: 0.2 },
  intervals: { recall_at_100: { low: 0.35, high: 0.45 } },
  baselines: { popularity: { recall_at_100: 0.3, recall_at_100_new: 0.25 }, random: { mrr: 0.01 } },
  differences: {},
  protocol: { holdout_rows: 1500, repeat_rows: 500 },
} as unknown as MetricsReport;

test("the chart offers metrics that something can be held against, the main one first", () => {
  expect(families(results)).toEqual(["recall_at_100", "mrr"]);
});

test("repeated and new purchases stand apart, each with how many they are", () => {
  const groups = barGroups(results, "recall_at_100");
  expect(groups.map(({ note }) => note)).toEqual([
    "1,500 purchases",
    "500 purchases",
    "1,000 purchases",
  ]);
  expect(groups[0]?.bars.map(({ text }) => text)).toEqual(["40.0% (35.0–45.0%)", "30.0%"]);
  expect(groups[1]?.bars).toHaveLength(1);
});

test("the lists to buy again and to discover stand apart, and are no metrics to choose", () => {
  const served = {
    ...results,
    metrics: { ...results.metrics, recall_at_100_buy_again: 0.9, recall_at_100_discover: 0.3 },
    baselines: { popularity: { recall_at_100: 0.3, recall_at_100_discover: 0.2 } },
  } as unknown as MetricsReport;
  expect(families(served)).toEqual(["recall_at_100"]);
  const groups = barGroups(served, "recall_at_100").slice(3);
  expect(groups.map(({ title, note }) => [title, note])).toEqual([
    ["The list “Buy again”", "500 purchases"],
    ["The list “Discover”", "1,000 purchases"],
  ]);
  expect(groups[1]?.bars.map(({ text }) => text)).toEqual(["30.0%", "20.0%"]);
});
