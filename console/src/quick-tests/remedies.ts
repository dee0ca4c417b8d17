import type { QuickTest } from "@/api/schema";

/** Warnings that are about the features, and about the model; all others are about the settings. */
const FEATURES = new Set([
  "high_oov_rate",
  "vocabulary_truncated",
  "varying_attribute",
  "same_list",
  "discovers_less_than_popularity",
  "column_in_both_towers",
  "known_after_purchase",
  "rating_column_is_feature",
  "not_above_own_history",
  "not_above_customer_product_means",
]);
const MODEL = new Set([
  "low_coverage",
  "too_few_products_for_scann",
  "top_k_exceeds_products",
  "shared_weights_widths",
]);

/** Where the setting is that a warning advises to change. */
export function remedyOf(code: string, test: QuickTest): { label: string; to: string } {
  if (FEATURES.has(code)) {
    return { label: "See the features", to: `/features/${test.spec.feature_config_id}` };
  }
  if (MODEL.has(code)) {
    return { label: "See the model", to: `/models/${test.spec.model_config_id}` };
  }
  return { label: "Change the settings", to: `/tests/new?from=${test.id}` };
}
