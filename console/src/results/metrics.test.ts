import { describe, expect, test } from "vitest";
import { inOrder, metricOf, said, saidDifference, saidRange } from "./metrics";

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
    expect(said("recall_at_50", 0.0456)).toBe("4.6%");
    expect(said("rmse", 1.23456)).toBe("1.2346");
    expect(said("rmse", null)).toBe("–");
    expect(saidRange("recall_at_50", { low: 0.01, high: 0.02 })).toBe("1.0–2.0%");
    expect(saidDifference("recall_at_50", { low: -0.00001, high: 0.02 })).toBe(
      "0.0 to +2.0 points",
    );
    expect(saidDifference("rmse", { low: -0.02, high: -0.01 })).toBe("−0.0200 to −0.0100");
  });

  test("stands in an order that begins with the main one", () => {
    expect(
      inOrder(["mrr", "coverage_at_10", "recall_at_50", "recall_at_100_new", "recall_at_100"]),
    ).toEqual(["recall_at_100", "recall_at_100_new", "recall_at_50", "mrr", "coverage_at_10"]);
  });
});
