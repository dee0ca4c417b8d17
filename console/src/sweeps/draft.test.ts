import { expect, test } from "vitest";
import { numbersOf, overridesOf, PLAIN, specOf } from "./draft";

test("a grid has every combination, and an empty axis leaves what the config says", () => {
  const made = overridesOf({ ...PLAIN, learningRates: [0.1, 0.01], seeds: [1, 2, 3] });
  expect(made).toHaveLength(6);
  expect(made[5]).toMatchObject({
    learning_rate_override: 0.01,
    batch_size_override: null,
    training_seed: 3,
  });
  expect(overridesOf(PLAIN)).toHaveLength(1);
});

test("an ablation takes no grid of settings", () => {
  const draft = { ...PLAIN, features: ["f"], models: ["m"], ablation: true, seeds: [1, 2] };
  expect(specOf(draft, false)).toMatchObject({ ablation: true, overrides: [{ leave_out: [] }] });
  expect(specOf({ ...draft, models: [] }, false)).toBeNull();
});

test("typed numbers count once, and nothing else counts", () => {
  expect(numbersOf(["0.1", " 0.10 ", "x", "-1", "0", "2"], false)).toEqual([0.1, 2]);
  expect(numbersOf(["0", " ", "7", "0"], true)).toEqual([0, 7]);
});
