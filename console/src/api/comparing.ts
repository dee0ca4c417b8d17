import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { quickTests } from "./quickTests";
import type { CompareRequest, HeatmapRequest } from "./schema";

/** Tests side by side. */
export function comparisonQuery(body: CompareRequest) {
  return queryOptions({
    queryKey: [quickTests.key, "comparison", body],
    queryFn: ({ signal }) => answer(api.POST("/api/quick-tests/compare/", { body, signal })),
    placeholderData: keepPreviousData,
    enabled: body.quick_test_ids.length > 1,
  });
}

/** A metric by two settings. */
export function heatmapQuery(body: HeatmapRequest) {
  return queryOptions({
    queryKey: [quickTests.key, "heatmap", body],
    queryFn: ({ signal }) => answer(api.POST("/api/quick-tests/heatmap/", { body, signal })),
    placeholderData: keepPreviousData,
  });
}

export function comparisonCsv(body: CompareRequest): Promise<string> {
  return answer(api.POST("/api/quick-tests/compare.csv/", { body, parseAs: "text" }));
}

export function heatmapCsv(body: HeatmapRequest): Promise<string> {
  return answer(api.POST("/api/quick-tests/heatmap.csv/", { body, parseAs: "text" }));
}

/** The dataset of the test that was completed last, or changed since; null before any. */
export const latestTestedDataset = queryOptions({
  queryKey: [quickTests.key, "latest tested dataset"],
  queryFn: async ({ signal }) => {
    const query = { state: "completed", limit: 1 } as const;
    const { items } = await answer(api.GET("/api/quick-tests/", { params: { query }, signal }));
    return items[0]?.status.pinned?.dataset_id ?? null;
  },
});
