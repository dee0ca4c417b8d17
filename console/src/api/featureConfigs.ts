import { answer, api, everyPage, ifMatch } from "./client";
import { resource } from "./resource";
import type { FeatureConfig } from "./schema";

export const featureConfigs = resource<FeatureConfig>(
  {
    key: "feature-configs",
    noun: "feature config",
    path: (id) => `/features/${id}`,
    apiPath: (id) => `/api/feature-configs/${encodeURIComponent(id)}/`,
  },
  {
    list: (signal) =>
      everyPage((page_token) =>
        answer(
          api.GET("/api/feature-configs/", {
            params: { query: { limit: 200, page_token, include_archived: true } },
            signal,
          }),
        ),
      ),
    get: (id, signal) =>
      answer(
        api.GET("/api/feature-configs/{document_id}/", {
          params: { path: { document_id: id } },
          signal,
        }),
      ),
    create: (body) => answer(api.POST("/api/feature-configs/", { body })),
    update: (id, body, revision) =>
      answer(
        api.PUT("/api/feature-configs/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
          body,
        }),
      ),
    remove: (id, revision) =>
      answer(
        api.DELETE("/api/feature-configs/{document_id}/", {
          params: { path: { document_id: id }, header: ifMatch(revision) },
        }),
      ),
    clone: (id, name) =>
      answer(
        api.POST("/api/feature-configs/{document_id}/clone/", {
          params: { path: { document_id: id } },
          body: { name },
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
