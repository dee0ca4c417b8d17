import { expect, test } from "vitest";
import {
  boundsOf,
  defaultsOf,
  inBounds,
  kindSetting,
  labelOf,
  partDefaults,
  pastKind,
  settingOf,
} from "./catalogue";

test("a document's defaults are put together, those of settings within settings too", () => {
  expect(defaultsOf("quick_test")).toMatchObject({
    data_sample_percent: 10,
    split: { strategy: "auto", holdout_percent: 10, ties: "whole" },
    leave_out: [],
    training_seed: null,
  });
  expect(defaultsOf("quick_test")).not.toHaveProperty("feature_config_id");
  expect(defaultsOf("quick_test").split).not.toBe(defaultsOf("quick_test").split);
});

test("a part that may be left out is left out, and has its defaults where it is not", () => {
  expect(defaultsOf("model_config").reranker).toBeNull();
  expect(partDefaults("model_config", "reranker")).toMatchObject({
    candidates: 300,
    units: [32, 32],
  });
});

test("one kind of feature reads past purchases", () => {
  expect(pastKind()?.name).toBe("history");
});

test("bounds are those of the server, reached or not", () => {
  expect(boundsOf(settingOf("model_config", "learning_rate"))).toMatchObject({
    min: undefined,
    above: 0,
    max: 10,
    integer: false,
  });
  expect(boundsOf(kindSetting("layers", "dense", "units"))).toMatchObject({
    min: 1,
    integer: true,
  });
});

test("a kind's numbers are all there and within bounds, or it is not right", () => {
  const dense = (units: unknown) => inBounds("layers", "dense", (n) => ({ units, l2_reg: 0 })[n]);
  expect([dense(64), dense(0), dense(undefined)]).toEqual([true, false, false]);
});

test("what the server does not know goes by its name", () => {
  expect(labelOf("optimizers", "adamw")).toBe("AdamW");
  expect(labelOf("optimizers", "of_the_future")).toBe("of the future");
  expect(settingOf("sweep", "of_the_future").label).toBe("of the future");
});
