import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { quickTests } from "./quickTests";
import type { QuickTest, RunMarks } from "./schema";

/** Changes of what a test is called and marked with; what is left out stays. */
export function markTest(id: string, body: Partial<RunMarks>): Promise<QuickTest> {
  return answer(
    api.PATCH("/api/quick-tests/{document_id}/", {
      params: { path: { document_id: id } },
      body: body as RunMarks,
    }),
  );
}

/** Of how many tests settings are told at once. */
export const MOST_SETTINGS = 200;

/** What completed tests were made of. */
export function settingsQuery(ids: string[]) {
  const quick_test_ids = ids.slice(0, MOST_SETTINGS);
  return queryOptions({
    queryKey: [quickTests.key, "settings", quick_test_ids],
    queryFn: ({ signal }) =>
      answer(api.POST("/api/quick-tests/settings/", { body: { quick_test_ids }, signal })),
    placeholderData: keepPreviousData,
    enabled: ids.length > 0,
    staleTime: 60_000,
  });
}
