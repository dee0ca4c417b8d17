import { defaultsOf } from "@/api/catalogue";
import type { Overrides, SettingInfo, SweepSpec } from "@/api/schema";
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

/** One with nothing but the server's defaults. */
export function plain(): Draft {
  const usual = usualSpec();
  return {
    features: [],
    models: [],
    ablation: usual.ablation,
    learningRates: [],
    batchSizes: [],
    epochsTried: [],
    seeds: [],
    ratingColumn: null,
    percent: usual.data_sample_percent,
    measured: { split: usual.split, sample_by: usual.sample_by, seed: usual.seed },
    epochs: usual.epochs,
    maxTests: usual.max_tests,
    inFlight: usual.in_flight,
    budgetMinutes: usual.budget_minutes ?? null,
    budgetUsd: usual.budget_usd ?? null,
  };
}

function usualSpec(): SweepSpec {
  return defaultsOf("sweep") as unknown as SweepSpec;
}

/** Every combination of the values; an axis without values leaves what the config says. */
export function overridesOf(draft: Draft): Overrides[] {
  const [nothing] = usualSpec().overrides as [Overrides];
  const or = (values: number[]): (number | null)[] => (values.length ? values : [null]);
  return or(draft.learningRates).flatMap((learning_rate_override) =>
    or(draft.batchSizes).flatMap((batch_size_override) =>
      or(draft.epochsTried).flatMap((epochs) =>
        or(draft.seeds).map((training_seed) => ({
          ...nothing,
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
export function specOf(draft: Draft, rated: boolean): SweepSpec | null {
  if (draft.features.length === 0 || draft.models.length === 0) return null;
  const usual = usualSpec();
  return {
    ...usual,
    feature_config_ids: draft.features,
    model_config_ids: draft.models,
    overrides: draft.ablation ? usual.overrides : overridesOf(draft),
    ablation: draft.ablation,
    rating_column: rated ? draft.ratingColumn : null,
    data_sample_percent: draft.percent,
    ...draft.measured,
    epochs: draft.epochs,
    max_tests: draft.maxTests,
    in_flight: draft.inFlight,
    budget_minutes: draft.budgetMinutes,
    budget_usd: draft.budgetUsd,
  };
}

/** Numbers typed as texts, each once, as far as a setting takes them: `0.001`, `0.01`. */
export function numbersOf(
  texts: string[],
  { minimum, maximum, above, type }: SettingInfo,
): number[] {
  const found = texts
    .filter((text) => text.trim() !== "")
    .map(Number)
    .filter(
      (value) =>
        value >= (minimum ?? value) &&
        value <= (maximum ?? value) &&
        (above == null || value > above) &&
        (type !== "integer" || Number.isInteger(value)),
    );
  return [...new Set(found)];
}
