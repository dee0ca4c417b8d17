import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { quickTests } from "./quickTests";
import type { CompareSegmentsRequest } from "./schema";

/** A metric of a completed test by segment; null takes what it is ranked by. */
export function segmentsQuery(id: string, metric: string | null) {
  return queryOptions({
    queryKey: [quickTests.key, "segments", id, metric],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/segments/", {
          params: { path: { quick_test_id: id }, query: { metric } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

/** A metric of two tests by segment. */
export function segmentPairQuery(body: CompareSegmentsRequest) {
  return queryOptions({
    queryKey: [quickTests.key, "segment pair", body],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/quick-tests/compare-segments/", { body, signal })),
    placeholderData: keepPreviousData,
  });
}
