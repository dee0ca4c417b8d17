import { queryOptions } from "@tanstack/react-query";
import { answer, api, ifMatch } from "./client";
import { once } from "./intent";
import { FOLLOWED, pause, resource } from "./resource";
import type { FeatureConfig } from "./schema";

export const featureConfigs = resource<FeatureConfig>(
  {
    key: "feature-configs",
    noun: "feature config",
    path: (id) => `/features/${id}`,
    apiPath: (id) => `/api/feature-configs/${encodeURIComponent(id)}/`,
  },
  {
    page: (page_token, signal) =>
      answer(
        api.GET("/api/feature-configs/", {
          params: { query: { limit: 200, page_token, include_archived: true } },
          signal,
        }),
      ),
    get: (id, signal) =>
      answer(
        api.GET("/api/feature-configs/{document_id}/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
    create: (body, key) =>
      answer(api.POST("/api/feature-configs/", { body, params: { header: once(key) } })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/feature-configs/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
          body,
        }),
      ),
    usage: (id) =>
      answer(
        api.GET("/api/feature-configs/{document_id}/usage/", {
          params: { path: { document_id: id } },
        }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/feature-configs/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
        }),
      ),
    differences: (id, query, signal) =>
      answer(
        api.GET("/api/feature-configs/{document_id}/differences/", {
          params: { path: { document_id: id }, query },
          signal,
        }),
      ),
    versions: (id, signal) =>
      answer(
        api.GET("/api/feature-configs/{document_id}/versions/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
  },
);

/** Which config of each dataset is clearly the best, if any. */
export const bestFeaturesQuery = queryOptions({
  queryKey: [featureConfigs.key, "best"],
  queryFn: ({ signal }) => answer(api.GET("/api/feature-configs/best/", { signal })),
  meta: FOLLOWED,
  refetchInterval: () => pause(true),
});
