import { expect, test } from "vitest";
import type { VocabularyReport } from "@/api/schema";
import { causesOf, vocabularyStatus } from "./unknown";

const report: VocabularyReport = {
  key: "k",
  column: "c",
  tower: "buyer",
  vocabulary_size: 3,
  oov_rate: 0.01,
  missing_rate: 0,
  unseen_rate: 0,
  rare_rate: 0,
  cut_rate: 0,
  truncated: false,
};

test("causes are told largest first", () => {
  expect(causesOf({ ...report, unseen_rate: 0.01, rare_rate: 0.2 })).toBe(
    "20.0 % too rare (min_frequency), 1.0 % new",
  );
  expect(causesOf(report)).toBe("–");
});

test("a status warns where the system does", () => {
  expect(vocabularyStatus(report).tone).toBe("good");
  expect(vocabularyStatus({ ...report, truncated: true }).tone).toBe("warning");
  expect(vocabularyStatus({ ...report, oov_rate: 0.21 }).tone).toBe("bad");
});
