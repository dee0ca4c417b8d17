import { expect, test } from "vitest";
import type { ModelConfig, QuickTestSummary } from "@/api/schema";
import { ownersOf, tagsOf } from "@/marks/select";
import { FILTERS, type Filters, ordered, orders, passes } from "./select";

const NONE = Object.fromEntries(FILTERS.map((name) => [name, null])) as Filters;
const MODELS = [{ id: "m", spec: { model_type: "ranking" } }] as ModelConfig[];

function made(name: string, status: object = {}, rest: object = {}): QuickTestSummary {
  return {
    ...{ id: name, name, description: "", created_by: null },
    marks: { tags: [], pinned: false, archived: false },
    spec: { feature_config_id: "f", model_config_id: "m", purpose: "quick_test" },
    status: { state: "completed", ...status },
    ...rest,
  } as unknown as QuickTestSummary;
}
const names = (tests: QuickTestSummary[]) => tests.map(({ name }) => name);
const recall = (value: number) => ({ results: { metrics: { recall_at_100: value } } });

test("a search finds all of its words, wherever they are, whatever their case", () => {
  const one = made("Wide embeddings × Deep", {}, { description: "for the front page" });
  const found = (q: string) => passes(one, { ...NONE, q }, MODELS);
  expect(["deep WIDE", " front ", ""].map(found)).toEqual([true, true, true]);
  expect(found("wide narrow")).toBe(false);
});

test("filters hold together: dataset, task, state and what it was run for", () => {
  const one = made("a", { pinned: { dataset_id: "d" } });
  const found = (filters: Partial<Filters>) => passes(one, { ...NONE, ...filters }, MODELS);
  expect(found({ dataset: "d", task: "ranking", state: "completed" })).toBe(true);
  expect(found({ dataset: "other" })).toBe(false);
  expect(found({ task: "retrieval" })).toBe(false);
  expect(found({ purpose: "full_training" })).toBe(false);
  expect(passes(made("b"), { ...NONE, dataset: "d" }, MODELS)).toBe(false);
});

test("the best come first, and those without a result last", () => {
  const tests = [made("none"), made("low", recall(0.1)), made("high", recall(0.4))];
  expect(names(ordered(tests, "recall_at_100"))).toEqual(["high", "low", "none"]);
  const errors = [2, 1].map((rmse) => made(`${rmse}`, { results: { metrics: { rmse } } }));
  expect(names(ordered(errors, "rmse"))).toEqual(["1", "2"]);
});

const marks = (changes: object) => ({
  marks: { tags: [], pinned: false, archived: false, ...changes },
});

test("what is archived is shown only when it is asked for, and tags and owners narrow a list", () => {
  const one = made("a", {}, { ...marks({ tags: ["paper"] }), created_by: "ana@shop.example" });
  const found = (test: QuickTestSummary, filters: Partial<Filters>) =>
    passes(test, { ...NONE, ...filters }, MODELS);
  expect(found(one, { tag: "paper", owner: "ana@shop.example" })).toBe(true);
  expect([found(one, { tag: "pap" }), found(one, { owner: "bo@shop.example" })]).toEqual([
    false,
    false,
  ]);
  const gone = made("b", {}, marks({ archived: true }));
  expect([found(gone, {}), found(gone, { archived: "1" })]).toEqual([false, true]);
  expect(found(one, { archived: "1" })).toBe(false);
  expect([tagsOf([one, gone]), ownersOf([one, gone])]).toEqual([["paper"], ["ana@shop.example"]]);
});

test("pinned tests come first in every order, and in that order among themselves", () => {
  const pinned = ["low", "mid"].map((name, place) =>
    made(name, recall(0.1 + 0.1 * place), marks({ pinned: true })),
  );
  const tests = [...pinned, made("high", recall(0.4))];
  expect(names(ordered(tests, "recall_at_100"))).toEqual(["mid", "low", "high"]);
});

test("an order that there is not is that of the newest, which every list begins with", () => {
  const tests = ["2026-01-01", "2026-03-01", "2026-02-01"].map((created_at) =>
    made(created_at, {}, { created_at }),
  );
  for (const order of [null, "newest", "no such order"]) {
    expect(names(ordered(tests, order))).toEqual(["2026-03-01", "2026-02-01", "2026-01-01"]);
  }
  expect(orders()[0]?.value).toBe("newest");
});
