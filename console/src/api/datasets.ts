import { queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { resource } from "./resource";
import type { CrossPart, Dataset } from "./schema";

export const datasets = resource<Dataset>(
  {
    key: "datasets",
    noun: "dataset",
    path: (id) => `/datasets/${id}`,
    apiPath: (id) => `/api/datasets/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(api.GET("/api/datasets/", { params: { query: { limit: 200, page_token } }, signal })),
    get: (id, signal) =>
      answer(
        api.GET("/api/datasets/{document_id}/", { params: { path: { document_id: id } }, signal }),
      ),
    create: (body, key) =>
      answer(api.POST("/api/datasets/", { body, params: { header: once(key) } })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/datasets/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
          body,
        }),
      ),
    usage: (id) =>
      answer(
        api.GET("/api/datasets/{document_id}/usage/", { params: { path: { document_id: id } } }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/datasets/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
        }),
      ),
  },
);

/** Has the source read again. */
export function profileAgain(id: string): Promise<Dataset> {
  return answer(
    api.POST("/api/datasets/{dataset_id}/profile/", { params: { path: { dataset_id: id } } }),
  );
}

/** What the rows are like; asked anew once they have been profiled again. */
export function reportQuery(id: string, profiledAt: string | null) {
  return queryOptions({
    queryKey: ["datasets", "report", id, profiledAt],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/datasets/{dataset_id}/report/", {
          params: { path: { dataset_id: id } },
          signal,
        }),
      ),
  });
}

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

/** What each column may become, with settings that go with its values. */
export function columnFeaturesQuery(datasetId: string) {
  return queryOptions({
    queryKey: ["datasets", "column-features", datasetId],
    queryFn: ({ signal }) =>
      answer(
        api.GET("/api/datasets/{dataset_id}/column-features/", {
          params: { path: { dataset_id: datasetId } },
          signal,
        }),
      ),
  });
}

/** How large to make a cross of these columns. */
export function crossQuery(datasetId: string, parts: CrossPart[]) {
  return queryOptions({
    queryKey: ["datasets", "cross", datasetId, parts],
    queryFn: ({ signal }) =>
      answer(
        api.POST("/api/datasets/{dataset_id}/recommend-cross/", {
          params: { path: { dataset_id: datasetId } },
          body: { parts },
          signal,
        }),
      ),
    enabled: parts.length >= 2,
    staleTime: 60_000,
  });
}
