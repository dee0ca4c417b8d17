import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { once } from "./intent";
import type { LearningCurve, Sweep } from "./schema";
import { sweeps } from "./sweeps";

const of = (id: string) => ({ path: { quick_test_id: id } });

/** What the sweep that draws a test's learning curves would be made of, and take. */
export function curveForecastQuery(id: string, body: LearningCurve) {
  return queryOptions({
    queryKey: [sweeps.key, "curve forecast", id, body],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/quick-tests/{quick_test_id}/learning-curve/validate/", {
          params: of(id),
          body,
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}

export function startCurve(id: string, body: LearningCurve, key: string): Promise<Sweep> {
  return answer(
    api.POST("/api/quick-tests/{quick_test_id}/learning-curve/", {
      params: { ...of(id), header: once(key) },
      body,
    }),
  );
}

/** A sweep's learning curves as far as they are; `at` is how far that is. */
export function curvesQuery(id: string, at: string) {
  return queryOptions({
    queryKey: [sweeps.key, "curves", id, at],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/sweeps/{sweep_id}/learning-curve/", {
          params: { path: { sweep_id: id } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });
}
