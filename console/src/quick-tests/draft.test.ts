import { expect, test } from "vitest";
import type { Dataset, ModelConfig, Problem, QuickTest } from "@/api/schema";
import { checksOf, draftOf, messageAt, plain, ratableColumns, ratingOf, specOf } from "./draft";

const chosen = { ...plain(), feature_config_id: "fc", model_config_id: "mc" };

function problem(path: string, level: Problem["level"] = "error"): Problem {
  return { path, level, code: "x", message: `About ${path}.`, received: null };
}

test("nothing can be sent before both configs are chosen", () => {
  expect(specOf(plain(), undefined)).toBeNull();
  expect(specOf({ ...chosen, model_config_id: null }, undefined)).toBeNull();
});

test("a model that only finds products is sent without a rating", () => {
  const of = (model_type: string) => ({ spec: { model_type } }) as ModelConfig;
  const draft = { ...chosen, rating_column: "stars" };
  expect(specOf(draft, of("retrieval"))?.rating_column).toBeNull();
  expect(specOf(draft, of("multitask"))?.rating_column).toBe("stars");
});

test("a test is tried again with the configs as they are now, and for itself", () => {
  const spec = {
    ...chosen,
    epochs: 3,
    feature_config_revision: 4,
    sweep_id: "sw",
    purpose: "full_training",
  };
  expect(draftOf({ spec } as QuickTest)).toMatchObject({
    epochs: 3,
    feature_config_revision: null,
    sweep_id: null,
    purpose: "quick_test",
  });
});

test("each problem is under the check that it belongs to", () => {
  const problems = [
    problem("spec.model_config_id"),
    problem("spec.rating_column"),
    problem("spec.batch_size_override", "warning"),
  ];
  expect(checksOf(chosen, problems, true).map(({ state }) => state)).toEqual([
    "good",
    "bad",
    "bad",
    "warning",
  ]);
  expect(checksOf(plain(), null, false).map(({ state }) => state)).toEqual([
    "open",
    "open",
    "open",
  ]);
});

test("messages are found by field and level", () => {
  const problems = [
    problem("spec.split.strategy"),
    problem("spec.splitting"),
    problem("spec.seed"),
  ];
  expect(messageAt(problems, "spec.split", "error")).toBe("About spec.split.strategy.");
  expect(messageAt(problems, "spec.split", "warning")).toBeUndefined();
});

test("the dataset's own rating is predicted where no other is chosen", () => {
  const of = (column_mapping: Record<string, string>) =>
    ratingOf({ spec: { column_mapping } } as Dataset);
  expect(of({ user: "customer_id", stars: "rating" })).toBe("stars");
  expect(of({ user: "customer_id" })).toBeNull();
  expect(ratingOf(undefined)).toBeNull();
});

test("numbers can be predicted, and nothing else", () => {
  const columns = ["STRING", "INTEGER", "FLOAT"].map((type) => ({ name: type, type }));
  const found = ratableColumns({ status: { columns } } as unknown as Dataset);
  expect(found.map(({ name }) => name)).toEqual(["INTEGER", "FLOAT"]);
});
