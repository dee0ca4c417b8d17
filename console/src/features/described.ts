import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import type { DescribedFeature, DescribedTower, FeatureConfigSpec } from "@/api/schema";

/**
 * What features and crosses become, as the server tells it. Until it has told of a change, what it
 * told last stays; undefined before it has told anything.
 */
export function useDescribed(spec: FeatureConfigSpec) {
  const query = useQuery({
    queryKey: ["features-described", spec],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/feature-configs/describe/", { body: { spec }, signal })),
    enabled: spec.dataset_id !== "",
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  return { described: query.data, stale: query.isPlaceholderData || query.isPending };
}

/** Of a feature, by its column. */
export function describedOf(
  tower: DescribedTower | undefined,
  column: string,
): DescribedFeature | undefined {
  return tower?.features.find((feature) => feature.column === column);
}
