import { queryOptions } from "@tanstack/react-query";
import { answer, api, everyPage, ifMatch } from "./client";
import { resource } from "./resource";
import type { Dataset } from "./schema";

export const datasets = resource<Dataset>(
  {
    key: "datasets",
    noun: "dataset",
    path: (id) => `/datasets/${id}`,
    apiPath: (id) => `/api/datasets/${encodeURIComponent(id)}/`,
  },
  {
    list: (signal) =>
      everyPage((page_token) =>
        answer(
          api.GET("/api/datasets/", { params: { query: { limit: 200, page_token } }, signal }),
        ),
      ),
    get: (id, signal) =>
      answer(
        api.GET("/api/datasets/{document_id}/", { params: { path: { document_id: id } }, signal }),
      ),
    create: (body) => answer(api.POST("/api/datasets/", { body })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/datasets/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
          body,
        }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/datasets/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
        }),
      ),
  },
);

/** A feature config to start from, by what the columns mean and contain. */
export function smartDefaultsQuery(datasetId: string) {
  return queryOptions({
    queryKey: ["datasets", "smart-defaults", datasetId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/datasets/{dataset_id}/smart-defaults/", {
          params: { path: { dataset_id: datasetId } },
          signal,
        }),
      ),
  });
}

/** How to embed each column of ids or categories. */
export function recommendationsQuery(datasetId: string) {
  return queryOptions({
    queryKey: ["datasets", "recommendations", datasetId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/datasets/{dataset_id}/embedding-recommendations/", {
          params: { path: { dataset_id: datasetId } },
          signal,
        }),
      ),
  });
}
