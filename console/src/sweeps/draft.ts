import type { Overrides, SweepSpec } from "@/api/schema";
import type { Measured } from "@/quick-tests/Measuring";

/** A sweep while it is being chosen: the values of each axis, instead of their combinations. */
export interface Draft {
  features: string[];
  models: string[];
  ablation: boolean;
  learningRates: number[];
  batchSizes: number[];
  /** Instead of `epochs` for all. */
  epochsTried: number[];
  seeds: number[];
  ratingColumn: string | null;
  percent: number;
  measured: Measured;
  epochs: number;
  maxTests: number;
  inFlight: number;
  budgetMinutes: number | null;
  budgetUsd: number | null;
}

export const PLAIN: Draft = {
  features: [],
  models: [],
  ablation: false,
  learningRates: [],
  batchSizes: [],
  epochsTried: [],
  seeds: [],
  ratingColumn: null,
  percent: 10,
  measured: {
    split: { strategy: "auto", holdout_percent: 10 },
    sample_by: "customer",
    seed: 42,
  },
  epochs: 2,
  maxTests: 20,
  inFlight: 2,
  budgetMinutes: null,
  budgetUsd: null,
};

const NOTHING: Overrides = {
  epochs: null,
  batch_size_override: null,
  learning_rate_override: null,
  training_seed: null,
  leave_out: [],
};

/** Every combination of the values; an axis without values leaves what the config says. */
export function overridesOf(draft: Draft): Overrides[] {
  const or = (values: number[]): (number | null)[] => (values.length ? values : [null]);
  return or(draft.learningRates).flatMap((learning_rate_override) =>
    or(draft.batchSizes).flatMap((batch_size_override) =>
      or(draft.epochsTried).flatMap((epochs) =>
        or(draft.seeds).map((training_seed) => ({
          ...NOTHING,
          learning_rate_override,
          batch_size_override,
          epochs,
          training_seed,
        })),
      ),
    ),
  );
}

/** What can be sent; null as long as features or models are missing. */
export function specOf(draft: Draft, rates: boolean): SweepSpec | null {
  if (draft.features.length === 0 || draft.models.length === 0) return null;
  return {
    feature_config_ids: draft.features,
    model_config_ids: draft.models,
    overrides: draft.ablation ? [NOTHING] : overridesOf(draft),
    ablation: draft.ablation,
    rating_column: rates ? draft.ratingColumn : null,
    data_sample_percent: draft.percent,
    ...draft.measured,
    epochs: draft.epochs,
    max_tests: draft.maxTests,
    in_flight: draft.inFlight,
    budget_minutes: draft.budgetMinutes,
    budget_usd: draft.budgetUsd,
    runner: "direct",
  };
}

/** Numbers typed as texts, each once: `0.001`, `0.01`. 0 is one only where it has a meaning. */
export function numbersOf(texts: string[], zero: boolean): number[] {
  const found = texts
    .filter((text) => text.trim() !== "")
    .map(Number)
    .filter((value) => value > 0 || (zero && value === 0));
  return [...new Set(found)].filter(Number.isFinite);
}
