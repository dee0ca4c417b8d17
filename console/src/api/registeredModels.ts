import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "./client";
import { resource } from "./resource";
import type { PromotedModel, RegisteredModel } from "./schema";

const notByHand = (): Promise<never> =>
  Promise.reject(new Error("Registered models are made by full trainings."));

/** Registered models are made by full trainings; people only say which version is in use. */
export const registeredModels = resource<RegisteredModel>(
  {
    key: "registered-models",
    noun: "registered model",
    path: (id) => `/in-use/${id}`,
    apiPath: (id) => `/api/registered-models/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(
        api.GET("/api/registered-models/", {
          params: { query: { limit: 200, page_token } },
          signal,
        }),
      ),
    get: (id, signal) =>
      answer(
        api.GET("/api/registered-models/{document_id}/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
    create: notByHand,
    update: notByHand,
    remove: notByHand,
  },
);

const of = (id: string) => ({ path: { model_id: id } });

/** All versions, latest first; `latest` has them asked for anew when there is another one. */
export function registeredVersionsQuery(id: string, latest: number) {
  return queryOptions({
    queryKey: [registeredModels.key, "registered-versions", id, latest],
    queryFn: async ({ signal }) =>
      (
        await answer(
          api.GET("/api/registered-models/{model_id}/versions/", { params: of(id), signal }),
        )
      ).items,
  });
}

export function promoteModel(
  id: string,
  version: number,
  reason: string | null,
): Promise<PromotedModel> {
  return answer(
    api.POST("/api/registered-models/{model_id}/promote/", {
      params: of(id),
      body: { version, reason },
    }),
  );
}

export function rollBackModel(id: string): Promise<PromotedModel> {
  return answer(
    api.POST("/api/registered-models/{model_id}/rollback/", { params: of(id), body: {} }),
  );
}

/** How a completed test's model is used. */
export function useOfModelQuery(quickTestId: string) {
  return queryOptions({
    queryKey: ["quick-tests", "use", quickTestId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/quick-tests/{quick_test_id}/use/", {
          params: { path: { quick_test_id: quickTestId } },
          signal,
        }),
      ),
  });
}
