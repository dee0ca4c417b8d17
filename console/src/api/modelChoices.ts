import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";

// They change with the system's version only.
const LASTING = { staleTime: Number.POSITIVE_INFINITY };

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
    ...LASTING,
    placeholderData: keepPreviousData,
  });
}

export const optimizers = queryOptions({
  queryKey: ["model-choices", "optimizers"],
  queryFn: async ({ signal }) =>
    (await answer(api.GET("/api/model-configs/optimizers/", { signal }))).items,
  ...LASTING,
});

export const lossFunctions = queryOptions({
  queryKey: ["model-choices", "losses"],
  queryFn: async ({ signal }) =>
    (await answer(api.GET("/api/model-configs/loss-functions/", { signal }))).items,
  ...LASTING,
});
