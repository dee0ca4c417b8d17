import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";

/** Model configs to start from; their parameters are counted over the features, if any are named. */
export function modelPresets(features: string | null = null) {
  return queryOptions({
    queryKey: ["model-choices", "presets", features],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET("/api/model-configs/presets/", {
            params: { query: { feature_config_id: features } },
            signal,
          }),
        )
      ).items,
    staleTime: Number.POSITIVE_INFINITY, // they change with the system's version only
    placeholderData: keepPreviousData,
  });
}
