import { catalogue } from "@/api/catalogue";
import type { QuickTest } from "@/api/schema";

/** Where the setting is that a warning advises to change. */
export function remedyOf(code: string, test: QuickTest): { label: string; to: string } {
  const remedy = catalogue().remedies.find(({ name }) => name === code)?.remedy;
  if (remedy === "features") {
    return { label: "Open the features", to: `/features/${test.spec.feature_config_id}` };
  }
  if (remedy === "model") {
    return { label: "Open the model", to: `/models/${test.spec.model_config_id}` };
  }
  const dataset = test.status.pinned?.dataset_id;
  if (remedy === "data" && dataset)
    return { label: "Open the dataset", to: `/datasets/${dataset}` };
  return { label: "Change the settings", to: `/tests/new?from=${test.id}` };
}
