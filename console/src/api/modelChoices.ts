import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";

/** Model configs to start from; over the features, if any are named, with their parameters and what a
 * quick test would take. */
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
    // Without features they change with the system's version only; runs teach how long they take.
    staleTime: features ? 60_000 : Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
}
