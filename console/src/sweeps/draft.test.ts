import { expect, test } from "vitest";
import { settingOf } from "@/api/catalogue";
import { numbersOf, overridesOf, plain, specOf } from "./draft";

test("a grid has every combination, and an empty axis leaves what the config says", () => {
  const made = overridesOf({ ...plain(), learningRates: [0.1, 0.01], seeds: [1, 2, 3] });
  expect(made).toHaveLength(6);
  expect(made[5]).toMatchObject({
    learning_rate_override: 0.01,
    batch_size_override: null,
    training_seed: 3,
  });
  expect(overridesOf(plain())).toHaveLength(1);
});

test("epochs can be an axis of the grid", () => {
  const made = overridesOf({ ...plain(), epochsTried: [1, 3], batchSizes: [256, 512] });
  expect(made.map(({ epochs, batch_size_override }) => [batch_size_override, epochs])).toEqual([
    [256, 1],
    [256, 3],
    [512, 1],
    [512, 3],
  ]);
});

test("what is measured on is the same in all tests, as it was chosen", () => {
  const measured = {
    split: { strategy: "random", holdout_percent: 20, ties: "whole", judged_on: "test" },
    sample_by: "row",
    seed: 7,
  } as const;
  const draft = { ...plain(), features: ["f"], models: ["m"], measured };
  expect(specOf(draft, false)).toMatchObject(measured);
});

test("an ablation takes no grid of settings", () => {
  const draft = { ...plain(), features: ["f"], models: ["m"], ablation: true, seeds: [1, 2] };
  expect(specOf(draft, false)).toMatchObject({ ablation: true, overrides: [{ leave_out: [] }] });
  expect(specOf({ ...draft, models: [] }, false)).toBeNull();
});

test("typed numbers count once, as far as the setting takes them", () => {
  const [rates, seeds] = [
    settingOf("quick_test", "learning_rate_override"),
    settingOf("quick_test", "training_seed"),
  ];
  expect(numbersOf(["0.1", " 0.10 ", "x", "-1", "0", "2", "11"], rates)).toEqual([0.1, 2]);
  expect(numbersOf(["0", " ", "7", "0", "1.5"], seeds)).toEqual([0, 7]);
});
