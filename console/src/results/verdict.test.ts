import { describe, expect, test } from "vitest";
import type { BestComparison, MetricsReport } from "@/api/schema";
import { inOrder, metricOf, said, saidDifference, saidRange } from "./metrics";
import { comparisonSentence, listed, shortVerdict, verdictOf, verdictSentence } from "./verdict";

const protocol = {} as MetricsReport["protocol"];

function report(changes: Partial<MetricsReport> = {}): MetricsReport {
  return {
    metrics: { recall_at_100: 0.249 },
    intervals: { recall_at_100: { low: 0.231, high: 0.267 } },
    baselines: { popularity: { recall_at_100: 0.12 }, random: { recall_at_100: 0.01 } },
    differences: { popularity: { recall_at_100: { low: 0.1, high: 0.15 } } },
    varying_attributes: {},
    protocol,
    index: null,
    ...changes,
  };
}

describe("a verdict", () => {
  test("says the share and how it stands against what needs no model", () => {
    expect(verdictSentence(report())).toBe(
      "For 24.9 % of the purchases held back, the product was among the first 100 " +
        "recommendations: clearly better than recommending everybody what is popular (12.0 %).",
    );
  });

  test("does not call a difference clear whose interval holds zero", () => {
    const results = report({
      differences: { popularity: { recall_at_100: { low: -0.01, high: 0.15 } } },
    });
    expect(verdictSentence(results)).toContain("not clearly different from");
    expect(shortVerdict(results)).toEqual({
      tone: "warning",
      label: "No clear gain over popularity",
    });
  });

  test("without intervals claims no more than the numbers", () => {
    const results = report({ intervals: {}, differences: {} });
    expect(verdictSentence(results)).toContain(": better than recommending");
    expect(shortVerdict(results)?.label).toBe("No intervals");
  });

  test("names the baseline that wins, whatever others say", () => {
    const results = report({
      baselines: { popularity: { recall_at_100: 0.12 }, own_history: { recall_at_100: 0.3 } },
      differences: {
        popularity: { recall_at_100: { low: 0.1, high: 0.15 } },
        own_history: { recall_at_100: { low: -0.09, high: -0.02 } },
      },
    });
    expect(shortVerdict(results)).toEqual({ tone: "bad", label: "Worse than own history" });
    expect(verdictSentence(results)).toContain(" and clearly worse than recommending what the");
  });

  test("of an error is better when it is lower", () => {
    expect(verdictOf("rmse", { low: -0.2, high: -0.1 })).toBe("better");
    expect(verdictOf("rmse", { low: 0.1, high: 0.2 })).toBe("worse");
    expect(verdictOf("recall_at_10", { low: 0.1, high: 0.2 })).toBe("better");
    expect(verdictOf("rmse", { low: 0, high: 0.2 })).toBe("no_clear_difference");
    const results = report({
      metrics: { rmse: 0.5 },
      baselines: { global_mean: { rmse: 0.7 } },
      differences: { global_mean: { rmse: { low: -0.3, high: -0.1 } } },
    });
    expect(verdictSentence(results, "stars")).toBe(
      "The model is typically off by 0.5000 when it predicts stars: clearly better than " +
        "predicting the mean for everything (0.7000).",
    );
  });

  test("of a model with two tasks is about both", () => {
    const results = report({
      metrics: { recall_at_100: 0.249, rmse: 0.8 },
      baselines: { popularity: { recall_at_100: 0.12 }, global_mean: { rmse: 0.7 } },
      differences: {
        popularity: { recall_at_100: { low: 0.1, high: 0.15 } },
        global_mean: { rmse: { low: 0.05, high: 0.15 } },
      },
    });
    expect(verdictSentence(results, "stars")).toBe(
      "For 24.9 % of the purchases held back, the product was among the first 100 " +
        "recommendations: clearly better than recommending everybody what is popular (12.0 %). " +
        "The model is typically off by 0.8000 when it predicts stars: clearly worse than " +
        "predicting the mean for everything (0.7000).",
    );
    expect(shortVerdict(results)).toEqual({ tone: "bad", label: "Worse than global mean" });
  });

  test("against the best before says the interval, or why there is none", () => {
    const comparison: BestComparison = {
      quick_test_id: "qt-1",
      name: "Earlier",
      metric: "recall_at_100",
      value: 0.25,
      previous: 0.24,
      difference: { low: 0.003, high: 0.021 },
      verdict: "better",
      reason: null,
    };
    expect(comparisonSentence(comparison)).toBe(
      "An improvement: clearly better than the best test before it, “Earlier” (recall@100 " +
        "24.0 %): +0.3 to +2.1 points, at 95 %.",
    );
    const unknown = { ...comparison, difference: null, reason: "It has no replicates." };
    expect(comparisonSentence(unknown)).toMatch(/\. It has no replicates\.$/);
  });
});

describe("a metric", () => {
  test("has plain words and its term", () => {
    expect(metricOf("recall_at_10_new")).toMatchObject({
      words: "Found among the first 10 recommendations, new to the customer",
      term: "recall@10, new to the customer",
      share: true,
    });
    expect(metricOf("mrr").share).toBe(false);
    expect(metricOf("of_the_future")).toMatchObject({ words: "of the future", share: false });
  });

  test("is written in percent or with four decimals", () => {
    expect(said("recall_at_5", 0.0456)).toBe("4.6 %");
    expect(said("rmse", 1.23456)).toBe("1.2346");
    expect(said("rmse", null)).toBe("–");
    expect(saidRange("recall_at_5", { low: 0.01, high: 0.02 })).toBe("1.0–2.0 %");
    expect(saidDifference("recall_at_5", { low: -0.00001, high: 0.02 })).toBe("0.0 to +2.0 points");
    expect(saidDifference("rmse", { low: -0.02, high: -0.01 })).toBe("−0.0200 to −0.0100");
  });

  test("stands in an order that begins with the main one", () => {
    expect(
      inOrder(["mrr", "coverage_at_10", "recall_at_5", "recall_at_100_new", "recall_at_100"]),
    ).toEqual(["recall_at_100", "recall_at_100_new", "recall_at_5", "mrr", "coverage_at_10"]);
  });
});

test("lists read like sentences", () => {
  expect([listed([]), listed(["a"]), listed(["a", "b"]), listed(["a", "b", "c"])]).toEqual([
    "",
    "a",
    "a and b",
    "a, b and c",
  ]);
});
