import { useQuery } from "@tanstack/react-query";
import { featureConfigs } from "@/api/featureConfigs";
import { quickTests } from "@/api/quickTests";
import type { QuickTestSummary } from "@/api/schema";

/** The completed tests over a dataset, the latest first. */
export function useTestsOf(datasetId: string): QuickTestSummary[] {
  const tests = useQuery(quickTests.listQuery).data ?? [];
  const features = useQuery(featureConfigs.listQuery).data ?? [];
  const over = new Set(
    features.filter(({ spec }) => spec.dataset_id === datasetId).map(({ id }) => id),
  );
  return tests
    .filter(({ spec, status }) => status.state === "completed" && over.has(spec.feature_config_id))
    .sort((one, other) => (other.status.ended_at ?? "").localeCompare(one.status.ended_at ?? ""));
}
